import { z } from "zod";
import { AppError } from "#lib/errors";
import { GraphError } from "#lib/graph/errors";
import { idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation, platformOperation } from "#lib/operation";
import { readConnection, type StoredConnection } from "#lib/tenants/connection-store";

/** What an attempt of a run has to do. `attempt` is its fence: see finish.ts. */
export interface Attempt {
  tenant_id: number;
  run_id: number;
  attempt: number;
  backup_schedule_id: number;
  policy_types: string[];
  include_foundations: boolean;
  /** How to reach Graph; or why there is no way, which ends the run. */
  connection: StoredConnection | GraphError;
}

/** The tenant of a run, or null when there is no such run. Job payloads name only the run. */
export const tenantOfRun = platformOperation({
  name: "run.locate",
  permission: "dispatch:tick",
  input: z.strictObject({ run_id: idSchema }),
  async run({ db }, { run_id }): Promise<number | null> {
    const run = await db.backupScheduleRun.findUnique({ where: { id: run_id }, select: { tenant_id: true } });
    return run?.tenant_id ?? null;
  },
});

/**
 * Begins an attempt of a run: counts it up, which fences off every earlier attempt, whose worker may be
 * dead, or alive behind a broken network.
 * @returns null when the run has ended already (canceled, or finished by another worker): nothing to do.
 */
export const beginAttempt = operation({
  name: "run.begin_attempt",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({ run_id: idSchema }),
  async run({ db, tenant }, { run_id }): Promise<Attempt | null> {
    const begun = await db.$queryRaw<{ attempt: number; backup_schedule_id: number }[]>`
      UPDATE backup_schedule_runs
      SET attempt = attempt + 1, started_at = coalesce(started_at, now()), heartbeat_at = now(), progress = NULL,
          attempt_log = attempt_log || jsonb_build_object('number', attempt + 1, 'began_at', now())
      WHERE id = ${run_id} AND status = 'running'
      RETURNING attempt, backup_schedule_id`;
    const run = begun[0];
    if (!run) return null;
    const schedule = await db.backupSchedule.findFirst({ where: { id: run.backup_schedule_id } });
    if (!schedule) throw new AppError("NOT_FOUND", `The schedule of run ${run_id} is gone.`);
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "run", id: run_id }]);
    return {
      tenant_id: tenant.id,
      run_id,
      attempt: run.attempt,
      backup_schedule_id: schedule.id,
      policy_types: schedule.policy_types,
      include_foundations: schedule.include_foundations,
      connection: await readConnection(db, tenant.id).catch((error) => {
        if (error instanceof GraphError) return error;
        throw error;
      }),
    };
  },
});
