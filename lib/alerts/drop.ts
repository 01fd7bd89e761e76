import type { Tx } from "#lib/db/transaction";
import { notifyLive } from "#lib/live/notify";

/**
 * Ends the incidents of schedules that are no more, without a word: nothing is right again by that. What one of their runs has
 * found of the whole tenant, such as that its credential is refused, stays, unless no schedule is left that could find it right again.
 */
export async function dropIncidentsOfSchedules(
  db: Tx,
  tenantId: number,
  scheduleIds: readonly number[],
): Promise<void> {
  if (scheduleIds.length === 0) return;
  const dropped = await db.$executeRaw`
    UPDATE incidents SET closed_at = now()
    WHERE tenant_id = ${tenantId} AND closed_at IS NULL AND schedule_id IS NOT NULL AND (
      (schedule_id = ANY (${[...scheduleIds]}::int[]) AND cause LIKE 'schedule:%')
      OR NOT EXISTS (SELECT FROM backup_schedules WHERE tenant_id = ${tenantId} AND deleted_at IS NULL))`;
  if (dropped > 0) await notifyLive(db, [{ tenant_id: tenantId, topic: "incident", id: null }]);
}
