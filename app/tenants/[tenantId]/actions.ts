"use server";

import { action } from "#app/action.ts";
import { listIncidents } from "#lib/alerts/incidents";
import { listNotifications, markNotificationsRead } from "#lib/notifications/list";
import { searchTenant } from "#lib/overview/search";

export const list = action(listNotifications);
export const markRead = action(markNotificationsRead);
export const incidents = action(listIncidents);
export const search = action(searchTenant);
