import type { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import { portfolioDays } from "#lib/limits";
import type { failureCauseView } from "./views.ts";

/** Days whose failures are still worth a look: as many as a row of the portfolio counts. */
export const failureDays = portfolioDays;

/** Failed and incomplete runs of the last days that have the same cause, with the newest of them. */
export type FailureCause = z.infer<typeof failureCauseView>;

/**
 * A tenant's failed and incomplete runs that ended after `since`, by cause: newest first.
 * @param db bound to the tenant
 */
export function readFailureCauses(db: Tx, tenantId: number, since: Date): Promise<FailureCause[]> {
  return db.$queryRaw<FailureCause[]>`
    WITH troubled AS (
      SELECT coalesce(error_code, 'UNKNOWN') AS error_code, backup_schedule_id, count(*) AS runs, max(id) AS run_id
      FROM backup_schedule_runs
      WHERE tenant_id = ${tenantId} AND finished_at >= ${since} AND status IN ('failed', 'partial')
        -- What a restore reads is no backup: the restore says why it failed. Told by the schedule, which the index
        -- troubled_runs holds: so no run is read for this.
        AND backup_schedule_id IS DISTINCT FROM (
          SELECT id FROM backup_schedules WHERE tenant_id = ${tenantId} AND origin = 'restore')
      GROUP BY 1, 2
    ), cause AS (
      SELECT error_code, sum(runs)::int AS runs, max(run_id) AS run_id, count(*)::int AS schedules FROM troubled GROUP BY 1
    ), unsettled AS (
      -- What hit a schedule whose last run was no complete backup, or that is deleted: a tenth, from the index of this name alone.
      -- What hit any other is fixed, and only counted.
      SELECT troubled.error_code, troubled.run_id, s.id, s.last_run_status, s.deleted_at,
             troubled.run_id = max(troubled.run_id) OVER (PARTITION BY s.id) AS is_newest
      FROM troubled JOIN backup_schedules s ON s.id = troubled.backup_schedule_id
      WHERE s.tenant_id = ${tenantId} AND (s.last_run_status IS DISTINCT FROM 'success' OR s.deleted_at IS NOT NULL)
    ), succeeded AS (
      -- Skipped and canceled runs say nothing about a cause: of these few schedules it is looked up whether one succeeded since,
      -- as of arrays, so that the database expects few. One or two runs of each are read.
      SELECT silent.id FROM (
        SELECT unnest(array_agg(id)) AS id, unnest(array_agg(run_id)) AS run_id
        FROM unsettled WHERE is_newest AND deleted_at IS NULL AND last_run_status IN ('skipped', 'canceled')) silent
      WHERE EXISTS (
        SELECT FROM backup_schedule_runs r
        WHERE r.backup_schedule_id = silent.id AND r.id > silent.run_id AND r.status = 'success')
    ), state AS (
      SELECT error_code, (count(*) FILTER (WHERE is_newest AND deleted_at IS NULL))::int AS unresolved,
             (count(*) FILTER (WHERE deleted_at IS NOT NULL))::int AS deleted, count(*)::int AS all_of_them
      FROM unsettled WHERE id NOT IN (SELECT id FROM succeeded) GROUP BY 1
    )
    SELECT cause.error_code, cause.runs, cause.schedules, coalesce(state.unresolved, 0) AS unresolved_schedules,
           cause.schedules - coalesce(state.all_of_them, 0) AS fixed_schedules,
           coalesce(state.deleted, 0) AS deleted_schedules,
           jsonb_build_object(
             'run_id', r.id, 'status', r.status::text, 'schedule_id', s.id, 'schedule_name', s.name,
             'schedule_is_deleted', s.deleted_at IS NOT NULL, 'error_message', r.error_message,
             'finished_at', to_char(r.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) AS newest
    FROM cause LEFT JOIN state ON state.error_code = cause.error_code
    JOIN backup_schedule_runs r ON r.id = cause.run_id JOIN backup_schedules s ON s.id = r.backup_schedule_id
    ORDER BY r.id DESC`;
}
