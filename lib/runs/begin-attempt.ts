import { z } from "zod";
import { connectionOrFaultView, readConnectionOrFault } from "#lib/connection/store";
import { env } from "#lib/env";
import { idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { observeRunStart } from "#lib/metrics";
import { type OperationContext, operation, platformOperation } from "#lib/operation";
import { id } from "#lib/view-fields";
import { finishRun, type RunEnd } from "./finish.ts";
import { sharersOf, sharersView } from "./sharers.ts";

const attemptView = z.strictObject({
  tenant_id: id,
  run_id: id,
  attempt: z.int(),
  spent: z.int().meta({
    description: "Which of the RUN_MAX_ATTEMPTS this one is: `attempt` less those that do not count",
  }),
  backup_schedule_id: id,
  policy_types: z.array(z.string()),
  include_foundations: z.boolean(),
  sharers: sharersView.meta({
    description:
      "The processes that work on runs of this tenant now, this one included: they share what Graph grants it",
  }),
  connection: connectionOrFaultView.meta({
    description: "How to reach Graph; or why there is no way, which ends the run",
  }),
});

/** What an attempt of a run has to do. `attempt` is its fence: see finish.ts. */
export type Attempt = z.infer<typeof attemptView>;

/** Counted or not: what was begun so often and never ended is itself at fault. */
const mostAttempts = 100;

/** The tenant of a run, or null when there is no such run. Job payloads name only the run. */
export const tenantOfRun = platformOperation({
  name: "run.locate",
  permission: "dispatch:tick",
  input: z.strictObject({ run_id: idSchema }),
  output: id.nullable(),
  async run({ db }, { run_id }) {
    const run = await db.backupScheduleRun.findUnique({ where: { id: run_id }, select: { tenant_id: true } });
    return run?.tenant_id ?? null;
  },
});

/**
 * Begins an attempt of a run: counts it up, which fences off every earlier attempt, whose worker may be
 * dead, or alive behind a broken network.
 *
 * A run whose cancel was requested, or whose attempts are used up because its workers died, is ended instead.
 * @param job_id when given, the run must still be this job's: one that was handed back has another
 * @param worker the process that will work on it
 * @returns null when there is nothing to do: the run has ended, or is another job's
 */
export const beginAttempt = operation({
  name: "run.begin_attempt",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({
    run_id: idSchema,
    job_id: z.uuid().nullable().default(null),
    worker: z.uuid().nullable().default(null),
  }),
  output: attemptView.nullable(),
  async run(context, { run_id, job_id, worker }) {
    const { db, tenant } = context;
    const begun = await db.$queryRaw<Begun[]>`
      UPDATE backup_schedule_runs
      SET attempt = attempt + 1, started_at = coalesce(started_at, now()), heartbeat_at = now(), progress = NULL,
          worker = ${worker}::uuid,
          attempt_log = attempt_log || jsonb_build_object('number', attempt + 1, 'began_at', now())
      WHERE id = ${run_id} AND status = 'running' AND (${job_id}::uuid IS NULL OR job_id = ${job_id}::uuid)
        AND cancel_requested_at IS NULL
        AND attempt - uncounted_attempts < ${env().RUN_MAX_ATTEMPTS} AND attempt < ${mostAttempts}
      RETURNING attempt, attempt - uncounted_attempts AS spent, backup_schedule_id, policy_types, include_foundations,
                trigger::text AS trigger, extract(epoch FROM now() - scheduled_for)::float8 AS lag_seconds`;
    const [found] = begun;
    if (!found) {
      await endUnstartable(context, run_id, job_id);
      return null;
    }
    const { trigger, lag_seconds, ...run } = found;
    if (run.attempt === 1) context.afterCommit(() => observeRunStart(trigger, lag_seconds));
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "run", id: run_id }]);
    return {
      tenant_id: tenant.id,
      run_id,
      ...run,
      include_foundations: run.include_foundations ?? false,
      sharers: await sharersOf(db, tenant.id),
      connection: await readConnectionOrFault(db, tenant.id),
    };
  },
});

interface Begun {
  attempt: number;
  spent: number;
  backup_schedule_id: number;
  policy_types: string[];
  include_foundations: boolean | null;
  trigger: string;
  /** Since the run was due. */
  lag_seconds: number;
}

/** Ends an active run of which no attempt may begin any more. */
async function endUnstartable(
  context: OperationContext,
  run_id: number,
  job_id: string | null,
): Promise<void> {
  const run = await context.db.backupScheduleRun.findFirst({
    where: { id: run_id, status: "running", ...(job_id === null ? {} : { job_id }) },
  });
  if (!run) return;
  const end: RunEnd = run.cancel_requested_at
    ? { status: "canceled", error_code: "CANCELED", error_message: "Canceled before it went on.", types: {} }
    : {
        status: "failed",
        error_code: "WORKER_LOST",
        error_message: "The worker stopped in the middle of the last attempt.",
        types: {},
      };
  await finishRun.within(context, { run_id, attempt: run.attempt, end });
}
