import { z } from "zod";
import { bigIdSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { decodeCursor, pageFields, toPage } from "#lib/pagination";
import { present } from "#lib/present";
import { pageOf } from "#lib/view-fields";
import { type NotificationKind, notificationKinds } from "./kinds.ts";
import { notificationView } from "./views.ts";

/** The caller's own notifications in this tenant, newest first: all, the unread or those that were read, or of some kinds. A token has none. */
export const listNotifications = operation({
  name: "notification.list",
  permission: "notification:own",
  effect: "read",
  input: z.strictObject({
    ...pageFields,
    unread: z.boolean().optional(),
    kinds: z.array(z.enum(notificationKinds)).min(1).optional(),
  }),
  output: pageOf(notificationView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/notifications",
    operationId: "listNotifications",
    summary: "The caller's own notifications",
    description: "A token has none.",
    tag: "Notifications",
    query: z.strictObject({
      ...pageFields,
      unread: z
        .enum(["true", "false"], "must be true or false")
        .transform((text) => text === "true")
        .optional()
        .meta({ description: "true: those that were not read; false: those that were" }),
    }),
    answer: "Newest first",
    paged: true,
  },
  async run({ db, actor }, { limit, cursor, unread, kinds }) {
    const before = decodeCursor(cursor);
    const rows = await db.notification.findMany({
      where: {
        user_id: actor.kind === "user" ? (actor.id ?? 0) : 0,
        ...(before === null ? {} : { id: { lt: before } }),
        ...(unread === undefined ? {} : { read_at: unread ? null : { not: null } }),
        ...(kinds ? { kind: { in: kinds } } : {}),
      },
      orderBy: { id: "desc" },
      take: limit + 1,
    });
    return toPage(rows, limit, (row) =>
      present(notificationView, {
        ...row,
        kind: row.kind as NotificationKind,
        data: row.data as Record<string, unknown>,
      }),
    );
  },
});

/** Marks the caller's notifications as read: those named, or all. */
export const markNotificationsRead = operation({
  name: "notification.mark_read",
  permission: "notification:own",
  effect: "quiet",
  input: z.strictObject({
    notification_ids: z
      .union([z.literal("all"), z.array(bigIdSchema).min(1).max(500)])
      .meta({ description: "Ids, or all of the caller's" }),
  }),
  output: z.strictObject({ marked: z.int() }),
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/notifications/read",
    operationId: "markNotificationsRead",
    summary: "Mark notifications as read",
    description: 'Those named, or "all".',
    tag: "Notifications",
    answer: "How many were unread",
  },
  async run({ db, tenant, actor, now }, { notification_ids }) {
    const user_id = actor.kind === "user" ? (actor.id ?? 0) : 0;
    const { count } = await db.notification.updateMany({
      where: {
        user_id,
        read_at: null,
        ...(notification_ids === "all" ? {} : { id: { in: notification_ids.map(BigInt) } }),
      },
      data: { read_at: now },
    });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "notification", id: null, user_id }]);
    return { marked: count };
  },
});
