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
        -- troubled_runs holds: so no run is read but the newest of each cause.
        AND backup_schedule_id IS DISTINCT FROM (
          SELECT id FROM backup_schedules WHERE tenant_id = ${tenantId} AND origin = 'restore')
      GROUP BY 1, 2
    ), judged AS (
      -- Skipped and canceled runs say nothing about a cause. Most schedules succeeded last, which they say themselves; of the
      -- others the few runs are read that came later.
      SELECT troubled.*,
             CASE WHEN s.deleted_at IS NOT NULL THEN 'deleted'
                  WHEN s.last_run_status = 'success' OR later.has_succeeded THEN 'fixed'
                  WHEN later.has_succeeded IS NULL THEN 'unresolved' END AS state
      FROM troubled
      JOIN backup_schedules s ON s.tenant_id = ${tenantId} AND s.id = troubled.backup_schedule_id
      LEFT JOIN LATERAL (
        SELECT bool_or(status = 'success') AS has_succeeded FROM backup_schedule_runs
        WHERE backup_schedule_id = troubled.backup_schedule_id AND id > troubled.run_id
          AND status IN ('success', 'partial', 'failed')
          AND s.deleted_at IS NULL AND s.last_run_status IS DISTINCT FROM 'success'
      ) later ON true
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
