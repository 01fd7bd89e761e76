import { z } from "zod";
import type { AuditAction } from "#lib/audit/actions";
import type { Tx } from "#lib/db/transaction";
import { enqueue } from "#lib/jobs/enqueue";
import { executeRunJob } from "#lib/jobs/execute-run";
import { notifyLive } from "#lib/live/notify";
import { platformOperation } from "#lib/operation";
import { pauseSchedule } from "#lib/runs/pause-schedule";
import { dueSchedules } from "./due.ts";
import { type DispatchPlan, planDispatch } from "./plan-dispatch.ts";
import { type CreatedRun, recordPlan } from "./record-plan.ts";

/** What one batch of dispatch did. */
export interface DispatchResult {
  /** Schedules that were due and have been advanced. */
  claimed: number;
  started: number;
  skipped: number;
  /** More may be due: the batch was full. */
  more: boolean;
  runs: Pick<CreatedRun, "id" | "tenant_id" | "backup_schedule_id" | "scheduled_for" | "status">[];
}

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
  timeoutMs: 120_000,
  async run({ db }, { batch, at }): Promise<DispatchResult> {
    const due = await dueSchedules(db, { batch, at: at ?? null, claim: true });
    if (due.length === 0) return { claimed: 0, started: 0, skipped: 0, more: false, runs: [] };
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
      runs,
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
