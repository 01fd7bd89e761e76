import { z } from "zod";
import type { AuditAction } from "#lib/audit/actions";
import type { Tx } from "#lib/db/transaction";
import { enqueue } from "#lib/jobs/enqueue";
import { executeRunJob } from "#lib/jobs/execute-run";
import { notifyLive } from "#lib/live/notify";
import { platformOperation } from "#lib/operation";
import { pauseSchedule } from "#lib/runs/pause-schedule";
import { id } from "#lib/view-fields";
import { dueSchedules } from "./due.ts";
import { type DispatchPlan, planDispatch } from "./plan-dispatch.ts";
import { recordPlan } from "./record-plan.ts";

/** A run that dispatch created, or would create. */
export const dispatchedRunView = z.strictObject({
  id: z.int(),
  tenant_id: id,
  backup_schedule_id: id,
  scheduled_for: z.date(),
  status: z.enum(["running", "skipped"]),
});

const dispatchResultView = z.strictObject({
  claimed: z.int().meta({ description: "Schedules that were due and have been advanced" }),
  started: z.int(),
  skipped: z.int(),
  more: z.boolean().meta({ description: "More may be due: the batch was full" }),
  skipped_for: z.array(z.string()).meta({ description: "Why: the error code of each that was skipped" }),
  runs: z.array(dispatchedRunView),
});

/** What one batch of dispatch did. */
export type DispatchResult = z.infer<typeof dispatchResultView>;

/**
 * Dispatches one batch of due schedules: claims them, creates their runs, enqueues the runs' jobs, advances
 * `next_run_at`, writes audit. All of it in one transaction and a fixed number of statements (a few more for each
 * schedule that must be paused), so a process that dies at any line has either done all of it or nothing.
 *
 * Any number of dispatchers may run at once. SKIP LOCKED gives each other schedules; the row locks keep Run
 * now, edits, deletes and runs' ends out until the commit; the unique index on (backup_schedule_id, nominal_at) makes
 * an occurrence that was dispatched before a no-op. The database's clock alone decides what is due.
 * @param batch schedules to claim at most
 * @param at ISO instant to use in place of the database's clock (a tick by hand, tests)
 */
export const dispatchBatch = platformOperation({
  name: "schedule.dispatch",
  permission: "dispatch:tick",
  input: z.strictObject({
    batch: z.int().min(1).max(20_000).default(2_000),
    at: z.iso.datetime().optional(),
  }),
  output: dispatchResultView,
  timeoutMs: 120_000,
  async run({ db }, { batch, at }) {
    const due = await dueSchedules(db, { batch, at: at ?? null, claim: true });
    if (due.length === 0)
      return { claimed: 0, started: 0, skipped: 0, more: false, skipped_for: [], runs: [] };
    const plan = planDispatch(due);
    const runs = await recordPlan(db, plan.runs);
    const jobs = runs.flatMap(({ id, job_id, tenant_id, priority }) =>
      job_id === null ? [] : [{ id: job_id, data: { run_id: id }, tenantId: tenant_id, priority }],
    );
    await enqueue(db, executeRunJob, jobs);
    await pause(db, plan.unusable);
    const tenants = new Set(runs.map((run) => run.tenant_id));
    await notifyLive(
      db,
      [...tenants].map((tenant_id) => ({ tenant_id, topic: "run", id: null })),
    );
    return {
      claimed: due.length,
      started: jobs.length,
      skipped: runs.length - jobs.length,
      more: due.length === batch,
      skipped_for: runs.flatMap(({ error_code }) => error_code ?? []),
      runs: runs.map(({ job_id: _job, priority: _priority, error_code: _code, ...run }) => run),
    };
  },
});

/** A rule that cannot be computed must neither stop the batch nor be tried for ever: its schedule is paused. */
async function pause(db: Tx, unusable: DispatchPlan["unusable"]): Promise<void> {
  if (unusable.length === 0) return;
  await db.$executeRaw`
    INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, target_kind, target_id, details)
    SELECT tenant_id, 'system', 'dispatcher', ${"schedule.paused" satisfies AuditAction}, 'schedule', id,
           jsonb_build_object('name', name, 'reason', reason)
    FROM jsonb_to_recordset(${JSON.stringify(unusable)}::jsonb) AS u(id int, tenant_id int, name text, reason text)`;
  for (const { id, tenant_id, name, reason } of unusable) {
    await pauseSchedule(db, {
      schedule_id: id,
      tenant_id,
      name,
      reason: `Paused: ${reason}.`,
      told: `was paused: ${reason}. Fix it, then enable it again.`,
    });
  }
}
