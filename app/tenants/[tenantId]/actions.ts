"use server";

import { listNotifications, markNotificationsRead } from "#lib/notifications/list";
import { act } from "../../action.ts";

export async function listNotificationsAction(tenantId: number, input: { cursor?: string }) {
  return act((actor) => listNotifications(actor, tenantId, { limit: 30, ...input }));
}

export async function markNotificationsReadAction(tenantId: number, notification_ids: number[] | "all") {
  return act((actor) => markNotificationsRead(actor, tenantId, { notification_ids }));
}
