import type { Tx } from "#lib/db/transaction";
import { enqueue } from "./enqueue.ts";

/**
 * Has retention applied to a schedule once the caller's transaction commits. Jobs of one schedule that wait are folded
 * into one, and by its key alone: without it the jobs of all schedules would be.
 */
export async function enqueueRetention(db: Tx, tenantId: number, scheduleId: number): Promise<void> {
  await enqueue(db, "apply-retention", [
    { key: `schedule-${scheduleId}`, data: { tenant_id: tenantId, backup_schedule_id: scheduleId } },
  ]);
}
