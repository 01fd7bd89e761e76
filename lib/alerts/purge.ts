import { z } from "zod";
import { alertsActor } from "#lib/access/actor";
import { env } from "#lib/env";
import { platformOperation } from "#lib/operation";
import { purgedView } from "#lib/view-fields";

/** Rows that one transaction removes at most. */
const purgeBatch = 10_000;

const purgeAlerts = platformOperation({
  name: "alert.purge",
  permission: "alert:deliver",
  timeoutMs: 60_000,
  input: z.strictObject({ older_than_days: z.number().min(0) }),
  output: purgedView,
  async run({ db }, { older_than_days }) {
    const events = await db.$executeRaw`
      DELETE FROM alert_events WHERE id IN (
        SELECT id FROM alert_events WHERE created_at < now() - make_interval(days => ${older_than_days}) LIMIT ${purgeBatch})`;
    const incidents = await db.$executeRaw`
      DELETE FROM incidents WHERE id IN (
        SELECT id FROM incidents WHERE closed_at < now() - make_interval(days => ${older_than_days}) LIMIT ${purgeBatch})`;
    return { removed: events + incidents, more: events === purgeBatch || incidents === purgeBatch };
  },
});

/**
 * Removes events, with the log of their deliveries, and incidents that ended, when they are older than
 * `NOTIFICATION_RETENTION_DAYS`.
 * @returns how many were removed
 */
export async function purgeOldAlerts(signal?: AbortSignal): Promise<number> {
  const older_than_days = env().NOTIFICATION_RETENTION_DAYS;
  let removed = 0;
  for (let more = true; more && !signal?.aborted; ) {
    const purged = await purgeAlerts(alertsActor, { older_than_days });
    removed += purged.removed;
    more = purged.more;
  }
  return removed;
}
