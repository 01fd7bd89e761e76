"use server";

import type { NotificationKind } from "#lib/notifications/kinds";
import { listNotifications, markNotificationsRead } from "#lib/notifications/list";
import { searchTenant } from "#lib/overview/search";
import { act } from "../../action.ts";

export async function listNotificationsAction(
  tenantId: number,
  input: { cursor?: string; unread?: boolean; kinds?: NotificationKind[] },
) {
  return act((actor) => listNotifications(actor, tenantId, { limit: 30, ...input }));
}

export async function markNotificationsReadAction(tenantId: number, notification_ids: number[] | "all") {
  return act((actor) => markNotificationsRead(actor, tenantId, { notification_ids }));
}

export async function searchTenantAction(tenantId: number, text: string) {
  return act((actor) => searchTenant(actor, tenantId, { text }));
}
