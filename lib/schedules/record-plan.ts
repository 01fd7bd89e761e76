import type { AuditAction } from "#lib/audit/actions";
import type { Tx } from "#lib/db/transaction";
import { recordLastRuns } from "#lib/runs/last-run";
import { type PlannedRun, skippedForActiveRun } from "./plan-dispatch.ts";

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
  /** Why it is skipped. */
  error_code: string | null;
}

/** At most this many active runs of a tenant are counted, so that a long queue does not slow dispatch down. */
const countedBacklog = 100;

/**
 * Writes what was planned: the runs, the due times of their schedules and the audit entries, in one statement
 * whatever their number, and in one or two more when some of them are skipped.
 *
 * The unique indexes decide what the plan cannot know. A run that is not inserted met either a run of the same
 * occurrence, so it was dispatched before and its schedule merely advances; or an active run of its schedule. An index
 * knows of runs that no snapshot shows yet, and waits for a transaction that is just ending one. So the second attempt
 * writes all of those as skipped, and what is still refused was dispatched before. No schedule fails the batch of the
 * others.
 * @returns the runs that were created
 */
export async function recordPlan(db: Tx, planned: readonly PlannedRun[]): Promise<CreatedRun[]> {
  const created = await insertRuns(db, planned);
  const done = new Set(created.map((run) => run.backup_schedule_id));
  const refused = planned.filter((run) => run.status === "running" && !done.has(run.backup_schedule_id));
  const overlapping = await insertRuns(db, refused.map(skippedForActiveRun));
  const runs = [...created, ...overlapping];
  await recordLastRuns(
    db,
    runs.flatMap((run) => (run.status === "skipped" ? run.id : [])),
  );
  return runs;
}

async function insertRuns(db: Tx, planned: readonly PlannedRun[]): Promise<CreatedRun[]> {
  if (planned.length === 0) return [];
  return db.$queryRaw<CreatedRun[]>`
    WITH planned AS MATERIALIZED (
      SELECT * FROM json_to_recordset(${JSON.stringify(planned)}::text::json) AS p(
        tenant_id int, backup_schedule_id int, nominal_at timestamptz, scheduled_for timestamptz, status run_status,
        missed_occurrences int, error_code text, error_message text, next_run_at timestamptz)
    ), created AS (
      INSERT INTO backup_schedule_runs
        (tenant_id, backup_schedule_id, nominal_at, scheduled_for, trigger, status, job_id, missed_occurrences,
         finished_at, error_code, error_message, summary)
      SELECT tenant_id, backup_schedule_id, nominal_at, scheduled_for, 'schedule', status,
             CASE WHEN status = 'running' THEN gen_random_uuid() END, missed_occurrences,
             -- Not the transaction's start: in between, another run may have ended.
             CASE WHEN status = 'skipped' THEN clock_timestamp() END, error_code, error_message,
             CASE WHEN status = 'skipped'
               THEN jsonb_build_object('trigger', 'schedule', 'missed_occurrences', missed_occurrences,
                                       'attempts', 0, 'reason', error_message)
               ELSE jsonb_build_object('trigger', 'schedule', 'missed_occurrences', missed_occurrences) END
      FROM planned
      ON CONFLICT DO NOTHING
      RETURNING id, tenant_id, backup_schedule_id, scheduled_for, status, job_id, error_code
    ), advanced AS (
      UPDATE backup_schedules s SET next_run_at = p.next_run_at, carried_nominal_at = NULL
      FROM planned p WHERE s.id = p.backup_schedule_id
    ), audited AS (
      INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, target_kind, target_id, details)
      SELECT tenant_id, 'system', 'dispatcher',
             CASE WHEN status = 'running' THEN ${"run.dispatched" satisfies AuditAction}
                  ELSE ${"run.skipped" satisfies AuditAction} END, 'run', id,
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
    SELECT c.id, c.tenant_id, c.backup_schedule_id, c.scheduled_for, c.status::text AS status, c.job_id, c.error_code,
           (1 - coalesce(b.active, 0)
              - row_number() OVER (PARTITION BY c.tenant_id, c.status ORDER BY c.scheduled_for, c.id))::int AS priority
    FROM created c LEFT JOIN backlog b USING (tenant_id)`;
}
