import type { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import { portfolioDays } from "#lib/limits";
import type { RunErrorCode } from "#lib/run-error-codes";
import type { failureCauseView } from "./views.ts";

/** Days whose failures are still worth a look: as many as a row of the portfolio counts. */
export const failureDays = portfolioDays;

/** Failed and incomplete runs of the last days that have the same cause, with the newest of them. */
export type FailureCause = z.infer<typeof failureCauseView>;

/**
 * A tenant's failed and incomplete runs that ended after `since`, by cause: newest first.
 * @param db bound to the tenant
 */
export async function readFailureCauses(db: Tx, tenantId: number, since: Date): Promise<FailureCause[]> {
  const rows = await db.$queryRaw<CauseRow[]>`
    WITH troubled AS (
      SELECT coalesce(error_code, 'UNKNOWN') AS error_code, backup_schedule_id, count(*) AS runs, max(id) AS run_id
      FROM backup_schedule_runs
      WHERE tenant_id = ${tenantId} AND finished_at >= ${since} AND status IN ('failed', 'partial')
        -- What a restore reads is no backup: the restore says why it failed. Told by the schedule, which the index
        -- troubled_runs holds: so no run is read for this.
        AND backup_schedule_id IS DISTINCT FROM (
          SELECT id FROM backup_schedules WHERE tenant_id = ${tenantId} AND origin = 'restore')
      GROUP BY 1, 2
    ), hit AS (
      SELECT t.*, s.deleted_at IS NOT NULL AS is_deleted, s.last_run_status,
             max(t.run_id) OVER (PARTITION BY t.backup_schedule_id) AS newest_run_id
      FROM troubled t JOIN backup_schedules s ON s.tenant_id = ${tenantId} AND s.id = t.backup_schedule_id
    ), succeeded AS (
      -- Skipped and canceled runs say nothing about a cause. Most schedules say themselves how it is: the last run succeeded, or
      -- failed of the only cause. Of the others the newest success is looked up, as of an array of ids, so that the database
      -- expects few: one or two runs of each are read.
      SELECT doubtful.id AS backup_schedule_id, newest.id AS run_id
      FROM unnest(ARRAY(
        SELECT DISTINCT backup_schedule_id FROM hit
        WHERE NOT is_deleted AND (last_run_status IN ('skipped', 'canceled')
                                  OR last_run_status <> 'success' AND run_id < newest_run_id))) AS doubtful(id)
      CROSS JOIN LATERAL (
        SELECT id FROM backup_schedule_runs
        WHERE backup_schedule_id = doubtful.id AND id > (SELECT min(run_id) FROM troubled) AND status = 'success'
        ORDER BY id DESC LIMIT 1) newest
    ), judged AS (
      SELECT hit.error_code, hit.runs, hit.run_id,
             CASE WHEN hit.is_deleted THEN 'deleted'
                  WHEN hit.last_run_status = 'success' OR succeeded.run_id > hit.run_id THEN 'fixed'
                  WHEN hit.run_id = hit.newest_run_id THEN 'unresolved' END AS state
      FROM hit LEFT JOIN succeeded USING (backup_schedule_id)
    ), cause AS (
      SELECT error_code, sum(runs)::int AS runs, max(run_id) AS run_id, count(*)::int AS schedules,
             (count(*) FILTER (WHERE state = 'unresolved'))::int AS unresolved_schedules,
             (count(*) FILTER (WHERE state = 'fixed'))::int AS fixed_schedules,
             (count(*) FILTER (WHERE state = 'deleted'))::int AS deleted_schedules
      FROM judged GROUP BY 1
    )
    SELECT cause.*, r.status::text AS status, r.backup_schedule_id AS schedule_id, s.name AS schedule_name,
           r.error_message, r.finished_at
    FROM cause JOIN backup_schedule_runs r ON r.id = cause.run_id JOIN backup_schedules s ON s.id = r.backup_schedule_id
    ORDER BY r.id DESC`;
  return rows.map(
    ({ run_id, status, schedule_id, schedule_name, error_message, finished_at, ...cause }): FailureCause => ({
      ...cause,
      newest: {
        run_id,
        status,
        schedule_id,
        schedule_name,
        error_message,
        finished_at: finished_at.toISOString(),
      },
    }),
  );
}

interface CauseRow {
  error_code: RunErrorCode;
  runs: number;
  schedules: number;
  unresolved_schedules: number;
  fixed_schedules: number;
  deleted_schedules: number;
  run_id: number;
  status: "partial" | "failed";
  schedule_id: number;
  schedule_name: string;
  error_message: string | null;
  finished_at: Date;
}
