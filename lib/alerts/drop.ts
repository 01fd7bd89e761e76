import type { Tx } from "#lib/db/transaction";
import { notifyLive } from "#lib/live/notify";

/** Ends the incidents of schedules that are no more, without a word: nothing is right again by that. */
export async function dropIncidentsOfSchedules(
  db: Tx,
  tenantId: number,
  scheduleIds: readonly number[],
): Promise<void> {
  if (scheduleIds.length === 0) return;
  const dropped = await db.$executeRaw`
    UPDATE incidents SET closed_at = now()
    WHERE tenant_id = ${tenantId} AND schedule_id = ANY (${[...scheduleIds]}::int[]) AND closed_at IS NULL`;
  if (dropped > 0) await notifyLive(db, [{ tenant_id: tenantId, topic: "incident", id: null }]);
}
