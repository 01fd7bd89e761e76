import { z } from "zod";
import { restorerActor } from "#lib/access/actor";
import type { Tx } from "#lib/db/transaction";
import type { GraphTuning } from "#lib/graph/client";
import { idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { catalogRevision, findType } from "#lib/policies/catalog";
import { executeRun } from "#lib/runs/execute";
import { id } from "#lib/view-fields";

/** What the schedule of a tenant's restores is called: its sets are known by it. */
export const restoreScheduleName = "Before restores";

/** A capture needs one policy type at least, and reads this one where only foundations are restored: there are few. */
const smallType = "deviceCleanupRule";

/** Types whose objects are read to know what is live: foundations always are. */
function typesToRead(types: readonly string[]): string[] {
  const policies = types.filter((key) => findType(key)?.kind === "policy");
  return policies.length > 0 ? policies.toSorted() : [smallType];
}

const beginLiveRun = operation({
  name: "restore.begin_live_run",
  permission: "restore:work",
  effect: "quiet",
  input: z.strictObject({ restore_id: idSchema, job_id: z.uuid(), types: z.array(z.string()) }),
  output: z.strictObject({ run_id: id.nullable() }),
  async run({ db, tenant }, { restore_id, job_id, types }) {
    const restore = await db.restore.findFirstOrThrow({ where: { id: restore_id } });
    const schedule_id = await lockOwnSchedule(db, tenant.id);
    const active = await db.backupScheduleRun.findFirst({
      where: { backup_schedule_id: schedule_id, status: "running" },
      select: { id: true },
    });
    // Left by a worker that died: it goes on. Of another restore: this one waits.
    if (active) return { run_id: active.id === restore.run_id ? active.id : null };
    // A trigger copies the schedule's choice to the run.
    await db.$executeRaw`
      UPDATE backup_schedules SET policy_types = ${typesToRead(types)}, catalog_revision = ${catalogRevision}
      WHERE id = ${schedule_id}`;
    const [run] = await db.$queryRaw<{ id: number }[]>`
      INSERT INTO backup_schedule_runs
        (tenant_id, backup_schedule_id, scheduled_for, trigger, status, job_id, requested_by, summary)
      VALUES (${tenant.id}, ${schedule_id}, date_trunc('milliseconds', clock_timestamp()), 'restore', 'running',
              ${job_id}::uuid, ${restore.requested_by ?? restore.created_by},
              jsonb_build_object('trigger', 'restore'))
      RETURNING id`;
    if (!run) throw new Error("The run of a restore was not created");
    await db.restore.update({ where: { id: restore_id }, data: { run_id: run.id } });
    await notifyLive(db, [
      { tenant_id: tenant.id, topic: "run", id: run.id },
      { tenant_id: tenant.id, topic: "restore", id: restore_id },
    ]);
    return { run_id: run.id };
  },
});

/** The schedule that a tenant's restores read with, its row locked; made with the first restore. */
async function lockOwnSchedule(db: Tx, tenantId: number): Promise<number> {
  await db.$executeRaw`
    INSERT INTO backup_schedules (tenant_id, name, is_enabled, timezone, frequency, time_of_day, days_of_week, policy_types,
                                  include_foundations, retention_keep_last, origin, deleted_at)
    VALUES (${tenantId}, ${restoreScheduleName}, false, 'UTC', 'daily', '00:00:00', '{}', ${[smallType]}, true, 30,
            'restore', now())
    ON CONFLICT (tenant_id) WHERE origin = 'restore' DO NOTHING`;
  const [row] = await db.$queryRaw<{ id: number }[]>`
    SELECT id FROM backup_schedules WHERE tenant_id = ${tenantId} AND origin = 'restore' FOR UPDATE`;
  if (!row) throw new Error("The schedule of restores is not there");
  return row.id;
}

const outcomeOfRun = operation({
  name: "restore.live_run_outcome",
  permission: "restore:work",
  effect: "read",
  input: z.strictObject({ run_id: idSchema }),
  output: z.strictObject({
    set_id: id.nullable(),
    error_code: z.string().nullable(),
    error_message: z.string().nullable(),
  }),
  async run({ db }, { run_id }) {
    const run = await db.backupScheduleRun.findFirstOrThrow({
      where: { id: run_id },
      select: { backup_set_id: true, error_code: true, error_message: true },
    });
    const { backup_set_id: set_id, error_code, error_message } = run;
    return { set_id, error_code, error_message };
  },
});

/** What became of reading the live tenant. */
export type LiveReading =
  | { kind: "set"; set_id: number }
  | { kind: "no_set"; error_code: string | null; error_message: string | null }
  | { kind: "try_again"; reason: string };

/**
 * Reads what is live, in line, as a run of the restores' own schedule. Safe to repeat: a run that a worker left is taken up.
 * @param types of the objects to read beside the foundations
 */
export async function readLive(
  tenantId: number,
  restoreId: number,
  jobId: string,
  types: readonly string[],
  signal: AbortSignal,
  tuning: Partial<GraphTuning>,
): Promise<LiveReading> {
  const { run_id } = await beginLiveRun(restorerActor, tenantId, {
    restore_id: restoreId,
    job_id: jobId,
    types: [...types],
  });
  if (run_id === null) return { kind: "try_again", reason: "Another restore reads the tenant" };
  const result = await executeRun(tenantId, run_id, signal, tuning);
  if (result.kind === "try_again" || result.kind === "handed_back")
    return { kind: "try_again", reason: result.reason };
  const { set_id, ...error } = await outcomeOfRun(restorerActor, tenantId, { run_id });
  if (set_id !== null) return { kind: "set", set_id };
  // Crashes have used its attempts up: that says nothing of the tenant, and another run reads it.
  if (error.error_code === "WORKER_LOST")
    return { kind: "try_again", reason: error.error_message ?? "The worker was lost" };
  return result.kind === "released" && error.error_code === null
    ? { kind: "try_again", reason: "Another worker reads the tenant" }
    : { kind: "no_set", ...error };
}
