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

/** Writes one notification for each of the users who want this kind, in the caller's transaction. */
export async function sendNotification(
  db: Tx,
  tenantId: number,
  userIds: readonly number[],
  notification: NotificationInput,
): Promise<void> {
  if (userIds.length === 0) return;
  const { kind, title, body, link, data = {} } = notification;
  const told = await db.$queryRaw<{ user_id: number }[]>`
    INSERT INTO notifications (tenant_id, user_id, kind, title, body, link, data)
    SELECT ${tenantId}, wanted.id, ${kind}, ${title}, ${body}, ${link}, ${JSON.stringify(data)}::jsonb
    FROM unnest(${[...userIds]}::int[]) AS wanted(id)
    WHERE NOT EXISTS (
      SELECT 1 FROM user_preferences p WHERE p.user_id = wanted.id AND ${kind} = ANY (p.muted_notifications))
    RETURNING user_id`;
  await notifyLive(
    db,
    told.map(({ user_id }) => ({ tenant_id: tenantId, topic: "notification", id: null, user_id })),
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
