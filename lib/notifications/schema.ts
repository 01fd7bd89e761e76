export const notificationKinds = [
  "run.started",
  "run.bulk_started",
  "schedule.bulk_changed",
  "run.failed",
  "run.partial",
  "run.recovered",
  "schedule.paused",
  "set.damaged",
  "set.healed",
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** A notification of the signed-in user in one tenant. `link` is a path inside TenantPilot. */
export interface NotificationView {
  id: number;
  tenant_id: number;
  kind: NotificationKind;
  title: string;
  body: string;
  link: string | null;
  data: Record<string, unknown>;
  created_at: string;
  read_at: string | null;
}
