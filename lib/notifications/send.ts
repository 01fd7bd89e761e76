import type { Tx } from "#lib/db/transaction";
import { notifyLive } from "#lib/live/notify";
import type { NotificationKind } from "./schema.ts";

export interface NotificationInput {
  kind: NotificationKind;
  title: string;
  body: string;
  link: string | null;
  data?: Record<string, unknown>;
}

/** Writes one notification for each of the users, in the caller's transaction. */
export async function sendNotification(
  db: Tx,
  tenantId: number,
  userIds: readonly number[],
  notification: NotificationInput,
): Promise<void> {
  if (userIds.length === 0) return;
  await db.notification.createMany({
    data: userIds.map((user_id) => ({
      tenant_id: tenantId,
      user_id,
      kind: notification.kind,
      title: notification.title,
      body: notification.body,
      link: notification.link,
      data: (notification.data ?? {}) as object,
    })),
  });
  await notifyLive(
    db,
    userIds.map((user_id) => ({ tenant_id: tenantId, topic: "notification", id: null, user_id })),
  );
}

/** The managers and owners of a tenant: who hears of failed and partial runs. */
export async function responsibleUserIds(db: Tx, tenantId: number): Promise<number[]> {
  const members = await db.membership.findMany({
    where: { tenant_id: tenantId, role: { in: ["manager", "owner"] } },
    select: { user_id: true },
  });
  return members.map((member) => member.user_id);
}
