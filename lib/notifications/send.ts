import type { Tx } from "#lib/db/transaction";
import { notifyLive } from "#lib/live/notify";
import { audiences, type KindFor } from "./kinds.ts";

interface NotificationWords {
  title: string;
  body: string;
  link: string | null;
  data?: Record<string, unknown>;
}

/** A notification; `doer` is the id of the user who did what it reports. */
export type NotificationInput = NotificationWords &
  ({ kind: KindFor<"responsible"> } | { kind: KindFor<"doer">; doer: number });

/**
 * Writes a notification, in the caller's transaction, for each person its kind is for and who wants it: for who did
 * it, or for the tenant's managers and owners.
 */
export async function sendNotification(
  db: Tx,
  tenantId: number,
  notification: NotificationInput,
): Promise<void> {
  const { kind, title, body, link, data = {} } = notification;
  const userIds = "doer" in notification ? [notification.doer] : await responsibleUserIds(db, tenantId);
  if (userIds.length === 0) return;
  const told = await db.$queryRaw<{ user_id: number }[]>`
    INSERT INTO notifications (tenant_id, user_id, kind, title, body, link, data)
    SELECT ${tenantId}, wanted.id, ${kind}, ${title}, ${body}, ${link}, ${JSON.stringify(data)}::jsonb
    FROM unnest(${userIds}::int[]) AS wanted(id)
    -- Who started something may have been removed before it ended: it is no business of theirs any more.
    WHERE EXISTS (SELECT 1 FROM memberships m WHERE m.tenant_id = ${tenantId} AND m.user_id = wanted.id)
    AND NOT EXISTS (
      SELECT 1 FROM user_preferences p WHERE p.user_id = wanted.id AND ${kind} = ANY (p.muted_notifications))
    RETURNING user_id`;
  await notifyLive(
    db,
    told.map(({ user_id }) => ({ tenant_id: tenantId, topic: "notification", id: null, user_id })),
  );
}

/** Whether somebody answers for a tenant's backups, and so hears of what goes wrong with them. */
export async function isResponsible(db: Tx, tenantId: number, userId: number): Promise<boolean> {
  return (await responsibleUserIds(db, tenantId)).includes(userId);
}

/** The members of a tenant who answer for its backups. */
async function responsibleUserIds(db: Tx, tenantId: number): Promise<number[]> {
  const members = await db.membership.findMany({
    where: { tenant_id: tenantId, role: { in: [...audiences.responsible.roles] } },
    select: { user_id: true },
  });
  return members.map((member) => member.user_id);
}
