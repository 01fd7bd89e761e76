import type { Tx } from "#lib/db/transaction";

/**
 * Notes runs that have just ended as the last runs of their schedules. The "last run" of a schedule is the one that
 * ended last, however it ended: also one that was canceled before it began, and an occurrence that was skipped. Each
 * transaction that ends runs calls this, and nothing else writes these columns.
 *
 * The caller holds the row locks of the schedules, so of two runs that end at once the later one stays.
 * @param runIds ended runs, at most one of each schedule
 */
export async function recordLastRuns(db: Tx, runIds: readonly number[]): Promise<void> {
  if (runIds.length === 0) return;
  await db.$executeRaw`
    UPDATE backup_schedules s
    SET last_run_at = coalesce(r.started_at, r.created_at), last_run_status = r.status
    FROM backup_schedule_runs r
    WHERE r.id = ANY(${[...runIds]}::int[]) AND r.finished_at IS NOT NULL AND s.id = r.backup_schedule_id`;
}
