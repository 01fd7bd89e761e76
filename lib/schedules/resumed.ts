import type { Alert } from "#lib/alerts/raise";

/** That a schedule is not paused any more, to be told where it was. */
export function resumed(tenantId: number, schedule: { id: number; name: string }): Alert {
  return {
    kind: "schedule.resumed",
    cause: `schedule:${schedule.id}:paused`,
    tenant_id: tenantId,
    title: "Schedule paused no more",
    body: `"${schedule.name}" was enabled again.`,
    link: `/tenants/${tenantId}/backup-schedules/${schedule.id}`,
    schedule_id: schedule.id,
  };
}
