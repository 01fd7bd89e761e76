import { randomUUID } from "node:crypto";
import type { BackupScheduleRun } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { enqueue } from "#lib/jobs/enqueue";
import { executeRunJob } from "#lib/jobs/execute-run";
import { notifyLive } from "#lib/live/notify";

export interface RunRequest {
  backup_schedule_id: number;
  retry_of_run_id: number | null;
}

/**
 * Creates runs that someone asked for, each with its job, in the caller's transaction; a handful of
 * statements whatever their number. The caller holds the schedules' row locks, so a schedule without an
 * active run stays so; should one slip in all the same, the unique index refuses the second and its
 * schedule is simply missing from the result.
 * @param requestedBy the user who asked, or null for an API token
 * @returns the runs that were created
 */
export async function createRuns(
  db: Tx,
  tenantId: number,
  trigger: "manual" | "retry",
  requests: readonly RunRequest[],
  requestedBy: number | null,
): Promise<BackupScheduleRun[]> {
  const wanted = JSON.stringify(requests.map((request) => ({ ...request, job_id: randomUUID() })));
  const created = await db.$queryRaw<{ id: number; job_id: string }[]>`
    INSERT INTO backup_schedule_runs
      (tenant_id, backup_schedule_id, scheduled_for, trigger, status, job_id, retry_of_run_id, requested_by, summary)
    SELECT ${tenantId}, w.backup_schedule_id, date_trunc('milliseconds', clock_timestamp()), ${trigger}::run_trigger,
           'running', w.job_id, w.retry_of_run_id, ${requestedBy}, jsonb_build_object('trigger', ${trigger}::text)
    FROM jsonb_to_recordset(${wanted}::jsonb) AS w(backup_schedule_id int, retry_of_run_id int, job_id uuid)
    ON CONFLICT DO NOTHING
    RETURNING id, job_id`;
  await enqueue(
    db,
    executeRunJob,
    // Someone is waiting for these: before the runs of the night's schedules.
    created.map((run) => ({
      id: run.job_id,
      data: { run_id: run.id },
      tenantId,
      priority: 10,
    })),
  );
  await notifyLive(
    db,
    created.map((run) => ({ tenant_id: tenantId, topic: "run", id: run.id })),
  );
  return db.backupScheduleRun.findMany({
    where: { id: { in: created.map((run) => run.id) } },
    orderBy: { id: "asc" },
  });
}
