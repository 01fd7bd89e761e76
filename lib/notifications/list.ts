import { z } from "zod";
import { bigIdSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { decodeCursor, type Page, pageFields, toPage } from "#lib/pagination";
import { type NotificationKind, notificationKinds } from "./kinds.ts";
import type { NotificationView } from "./schema.ts";

/** The caller's own notifications in this tenant, newest first: all, the unread, or of some kinds. A token has none. */
export const listNotifications = operation({
  name: "notification.list",
  permission: "notification:own",
  effect: "read",
  input: z.strictObject({
    ...pageFields,
    unread: z.boolean().optional(),
    kinds: z.array(z.enum(notificationKinds)).min(1).optional(),
  }),
  async run({ db, actor }, { limit, cursor, unread, kinds }): Promise<Page<NotificationView>> {
    const before = decodeCursor(cursor);
    const rows = await db.notification.findMany({
      where: {
        user_id: actor.kind === "user" ? (actor.id ?? 0) : 0,
        ...(before === null ? {} : { id: { lt: before } }),
        ...(unread ? { read_at: null } : {}),
        ...(kinds ? { kind: { in: kinds } } : {}),
      },
      orderBy: { id: "desc" },
      take: limit + 1,
    });
    return toPage(rows, limit, (row) => ({
      id: Number(row.id),
      tenant_id: row.tenant_id,
      kind: row.kind as NotificationKind,
      title: row.title,
      body: row.body,
      link: row.link,
      data: row.data as Record<string, unknown>,
      created_at: row.created_at.toISOString(),
      read_at: row.read_at?.toISOString() ?? null,
    }));
  },
});

/** Marks the caller's notifications as read: those named, or all. */
export const markNotificationsRead = operation({
  name: "notification.mark_read",
  permission: "notification:own",
  effect: "quiet",
  input: z.strictObject({
    notification_ids: z.union([z.literal("all"), z.array(bigIdSchema).min(1).max(500)]),
  }),
  async run({ db, tenant, actor, now }, { notification_ids }): Promise<{ marked: number }> {
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
