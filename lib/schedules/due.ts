import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import type { DueSchedule } from "./plan-dispatch.ts";

/** Of no archived tenant: their schedules keep the time of their next run, and do not run. */
export const ofLiveTenants = Prisma.sql`
  tenant_id <> ALL (ARRAY(SELECT id FROM tenants WHERE archived_at IS NOT NULL))`;

function isDue(at: string | null): Prisma.Sql {
  return Prisma.sql`next_run_at <= coalesce(${at}::timestamptz, now()) AND ${ofLiveTenants}`;
}

/** Whether any schedule is due. @param at ISO instant in place of the database's clock */
export function schedulesAreDue(at: string | null): Prisma.Sql {
  return Prisma.sql`EXISTS (SELECT FROM backup_schedules WHERE ${isDue(at)})`;
}

/**
 * The schedules that are due, longest first, at most `batch` of them. One probe of the index due_schedules:
 * `next_run_at` is set only on enabled, undeleted schedules (constraint due_only_when_live). Those of archived tenants are
 * passed over.
 *
 * Whatever is decided on comes from the row that the lock is on, in the same SELECT. Under READ COMMITTED a statement
 * sees what was committed when it began, and takes its locks later, row after row. PostgreSQL makes up for that only in
 * the locked row itself: if somebody changed it in between, it follows to the newest version, evaluates WHERE again, and
 * returns that version's columns or passes the row over. Anything read beside the lock — the same table joined once
 * more, a subquery on its runs — stays as old as the statement, so an edit, a Run now or a run's end that committed in
 * between would not be seen. That is why no CTE of locked ids is joined here, and why whether a run is active is not
 * asked here at all: the insert decides it (record-plan.ts).
 * @param options.at ISO instant in place of the database's clock
 * @param options.claim locks the rows until the transaction ends, and passes over those that another
 *   dispatcher, an edit, Run now or the end of a run has locked: the next tick finds them
 */
export async function dueSchedules(
  db: Tx,
  options: { batch: number; at: string | null; claim: boolean },
): Promise<DueSchedule[]> {
  const lock = options.claim ? Prisma.sql`FOR UPDATE SKIP LOCKED` : Prisma.empty;
  return db.$queryRaw<DueSchedule[]>`
    SELECT id, tenant_id, name, timezone, frequency::text AS frequency, time_of_day, days_of_week, start_window_minutes,
           missed_run_policy::text AS missed_run_policy, next_run_at, carried_nominal_at, carried_since, carried_missed,
           coalesce(${options.at}::timestamptz, now()) AS now
    FROM backup_schedules
    WHERE ${isDue(options.at)}
    ORDER BY next_run_at LIMIT ${options.batch}
    ${lock}`;
}
