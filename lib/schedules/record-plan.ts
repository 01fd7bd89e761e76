import type { Tx } from "#lib/db/transaction";
import type { PlannedRun } from "./plan-dispatch.ts";

/** A run as it was created. */
export interface CreatedRun {
  id: number;
  tenant_id: number;
  backup_schedule_id: number;
  scheduled_for: Date;
  status: "running" | "skipped";
  /** Null for a skipped run, which has no job. */
  job_id: string | null;
  /** Active runs of the tenant before this one, negative: the more a tenant has, the later its next one's turn. */
  priority: number;
}

/** So many active runs of a tenant are counted at most, so that a long queue does not slow dispatch down. */
const countedBacklog = 100;

/**
 * Writes what was planned: the runs, the due times of their schedules and the audit entries, in one statement
 * whatever their number.
 *
 * Only the unique key of occurrences may be passed over in silence: that occurrence was dispatched before, and
 * its schedule is advanced all the same. A violation of the one-active-run index cannot happen under the row
 * locks of the caller; if it did, the batch must fail rather than lose the occurrence.
 * @returns the runs that were created
 */
export async function recordPlan(db: Tx, planned: readonly PlannedRun[]): Promise<CreatedRun[]> {
  if (planned.length === 0) return [];
  return db.$queryRaw<CreatedRun[]>`
    WITH planned AS MATERIALIZED (
      SELECT * FROM json_to_recordset(${JSON.stringify(planned)}::text::json) AS p(
        tenant_id int, backup_schedule_id int, scheduled_for timestamptz, status run_status,
        missed_occurrences int, error_code text, error_message text, next_run_at timestamptz)
    ), created AS (
      INSERT INTO backup_schedule_runs
        (tenant_id, backup_schedule_id, scheduled_for, trigger, status, job_id, missed_occurrences, finished_at,
         error_code, error_message, summary)
      SELECT tenant_id, backup_schedule_id, scheduled_for, 'schedule', status,
             CASE WHEN status = 'running' THEN gen_random_uuid() END, missed_occurrences,
             CASE WHEN status = 'skipped' THEN now() END, error_code, error_message,
             CASE WHEN status = 'skipped'
               THEN jsonb_build_object('trigger', 'schedule', 'missed_occurrences', missed_occurrences,
                                       'attempts', 0, 'reason', error_message)
               ELSE jsonb_build_object('trigger', 'schedule', 'missed_occurrences', missed_occurrences) END
      FROM planned
      ON CONFLICT (backup_schedule_id, scheduled_for) DO NOTHING
      RETURNING id, tenant_id, backup_schedule_id, scheduled_for, status, job_id
    ), advanced AS (
      UPDATE backup_schedules s SET next_run_at = p.next_run_at
      FROM planned p WHERE s.id = p.backup_schedule_id
    ), audited AS (
      INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, target_kind, target_id, details)
      SELECT tenant_id, 'system', 'dispatcher',
             CASE WHEN status = 'running' THEN 'run.dispatched' ELSE 'run.skipped' END, 'run', id,
             jsonb_build_object('schedule_id', backup_schedule_id, 'scheduled_for', scheduled_for)
      FROM created
    ), backlog AS (
      SELECT tenant_id, (
        SELECT count(*) FROM (
          SELECT FROM backup_schedule_runs r
          WHERE r.tenant_id = c.tenant_id AND r.status = 'running' LIMIT ${countedBacklog}
        ) counted
      ) AS active
      FROM (SELECT DISTINCT tenant_id FROM created WHERE status = 'running') c
    )
    SELECT c.id, c.tenant_id, c.backup_schedule_id, c.scheduled_for, c.status::text AS status, c.job_id,
           (1 - coalesce(b.active, 0)
              - row_number() OVER (PARTITION BY c.tenant_id, c.status ORDER BY c.scheduled_for, c.id))::int AS priority
    FROM created c LEFT JOIN backlog b USING (tenant_id)`;
}
