import type { Tx } from "#lib/db/transaction";

/**
 * The nominal time of the last occurrence of each schedule that was dispatched; schedules without one are left out.
 * What a tick by hand played in the future does not count.
 */
export async function lastDispatched(db: Tx, scheduleIds: readonly number[]): Promise<Map<number, Date>> {
  const rows = await db.$queryRaw<{ id: number; nominal_at: Date }[]>`
    SELECT s.id, r.nominal_at FROM unnest(${[...scheduleIds]}::int[]) AS s(id)
    CROSS JOIN LATERAL (
      SELECT nominal_at FROM backup_schedule_runs
      WHERE backup_schedule_id = s.id AND nominal_at <= now() ORDER BY nominal_at DESC LIMIT 1
    ) r`;
  return new Map(rows.map((row) => [row.id, row.nominal_at]));
}
