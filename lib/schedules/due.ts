import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import type { DueSchedule } from "./plan-dispatch.ts";

/**
 * The schedules that are due, longest first, at most `batch` of them. One probe of the index due_schedules:
 * `next_run_at` is set only on enabled, undeleted schedules (constraint due_only_when_live).
 * @param options.at ISO instant in place of the database's clock
 * @param options.claim locks the rows until the transaction ends, and passes over those that another
 *   dispatcher has locked
 */
export async function dueSchedules(
  db: Tx,
  options: { batch: number; at: string | null; claim: boolean },
): Promise<DueSchedule[]> {
  const lock = options.claim ? Prisma.sql`FOR UPDATE SKIP LOCKED` : Prisma.empty;
  return db.$queryRaw<DueSchedule[]>`
    WITH due AS (
      SELECT id FROM backup_schedules
      WHERE next_run_at <= coalesce(${options.at}::timestamptz, now())
      ORDER BY next_run_at LIMIT ${options.batch}
      ${lock}
    )
    SELECT s.id, s.tenant_id, s.timezone, s.frequency::text AS frequency, s.time_of_day, s.days_of_week,
           s.start_window_minutes, s.missed_run_policy::text AS missed_run_policy, s.next_run_at,
           coalesce(${options.at}::timestamptz, now()) AS now,
           EXISTS (SELECT 1 FROM backup_schedule_runs r
                   WHERE r.backup_schedule_id = s.id AND r.status = 'running') AS has_active_run
    FROM due JOIN backup_schedules s USING (id)`;
}
