import { z } from "zod";
import { retentionActor } from "#lib/access/actor";
import { purgeEveryTenant } from "#lib/access/all-tenants";
import { env } from "#lib/env";
import { operation } from "#lib/operation";
import { purgedView } from "#lib/view-fields";

/** Notifications that one transaction removes at most. */
const purgeBatch = 10_000;

/**
 * Removes notifications that are older than `NOTIFICATION_RETENTION_DAYS`, read or not. What happened stays in the audit
 * log and the run history, which are kept for longer.
 * @returns `more`: there are further ones to remove; call again
 */
const purgeNotifications = operation({
  name: "retention.purge_notifications",
  permission: "retention:apply",
  effect: "quiet",
  as: "retention",
  timeoutMs: 60_000,
  input: z.strictObject({ older_than_days: z.number().min(0) }),
  output: purgedView,
  async run({ db, tenant }, { older_than_days }) {
    const removed = await db.$executeRaw`
      DELETE FROM notifications WHERE id IN (
        SELECT id FROM notifications
        WHERE tenant_id = ${tenant.id} AND created_at < now() - make_interval(secs => ${older_than_days * 86_400})
        LIMIT ${purgeBatch})`;
    return { removed, more: removed === purgeBatch };
  },
});

/**
 * Removes the old notifications of every tenant. Trouble with one tenant does not keep it from the others.
 * @returns how many were removed
 * @throws AggregateError with what went wrong, at the end
 */
export async function purgeOldNotifications(signal?: AbortSignal): Promise<number> {
  const older_than_days = env().NOTIFICATION_RETENTION_DAYS;
  return purgeEveryTenant((tenantId) => purgeNotifications(retentionActor, tenantId, { older_than_days }), {
    signal,
    failed: "Old notifications could not be removed everywhere",
  });
}
