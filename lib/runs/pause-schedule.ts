import { raiseAlerts } from "#lib/alerts/raise";
import type { Tx } from "#lib/db/transaction";
import { notifyLive } from "#lib/live/notify";
import { sendNotification } from "#lib/notifications/send";

/** A schedule that the service itself disables, and why. */
export interface Pause {
  schedule_id: number;
  tenant_id: number;
  name: string;
  /** Shown with the schedule: `Paused after 5 failed runs in a row. …`. */
  reason: string;
  /** The end of a sentence that begins with the schedule's name: `was paused after 5 failed runs in a row.` */
  told: string;
  data?: Record<string, unknown>;
}

/**
 * Disables a schedule whatever the cause, in the caller's transaction, which holds its row lock and writes the audit
 * entry. Its version rises, so a form that was open before cannot enable it again unnoticed; managers and owners are
 * told, and open pages learn of it.
 */
export async function pauseSchedule(db: Tx, pause: Pause): Promise<void> {
  const { schedule_id, tenant_id } = pause;
  await db.$executeRaw`
    UPDATE backup_schedules
    SET is_enabled = false, next_run_at = NULL, carried_nominal_at = NULL, paused_reason = ${pause.reason},
        version = version + 1, updated_at = now()
    WHERE id = ${schedule_id}`;
  await sendNotification(db, tenant_id, {
    kind: "schedule.paused",
    title: "Schedule paused",
    body: `"${pause.name}" ${pause.told}`,
    link: `/tenants/${tenant_id}/backup-schedules/${schedule_id}`,
    data: { schedule_id, ...pause.data },
  });
  await raiseAlerts(db, [
    {
      kind: "schedule.paused",
      cause: `schedule:${schedule_id}:paused`,
      tenant_id,
      title: "Schedule paused",
      body: `"${pause.name}" ${pause.told}`,
      link: `/tenants/${tenant_id}/backup-schedules/${schedule_id}`,
      schedule_id,
      data: { schedule_id, schedule_name: pause.name, ...pause.data },
    },
  ]);
  await notifyLive(db, [{ tenant_id, topic: "schedule", id: schedule_id }]);
}
