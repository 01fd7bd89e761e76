import type { NotificationKind } from "./kinds.ts";

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
