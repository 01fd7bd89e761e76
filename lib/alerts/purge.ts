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
    // What is still on its way to somebody stays. And of what lasts, that by which each target was told last: it says whom to tell
    // again, and when (lib/alerts/repeat.ts).
    const events = await db.$executeRaw`
      DELETE FROM alert_events WHERE id IN (
        SELECT e.id FROM alert_events e
        WHERE e.created_at < now() - make_interval(days => ${older_than_days}) AND NOT EXISTS (
          SELECT FROM alert_deliveries d WHERE d.event_id = e.id AND d.state = 'pending'
        ) AND NOT EXISTS (
          SELECT FROM incidents i CROSS JOIN LATERAL (
            SELECT d.target_id FROM alert_deliveries d WHERE d.event_id = e.id
            UNION ALL SELECT e.only_target_id WHERE e.only_target_id IS NOT NULL) told
          WHERE i.tenant_id = e.tenant_id AND i.id = e.incident_id AND i.closed_at IS NULL AND NOT EXISTS (
            SELECT FROM alert_events later
            LEFT JOIN alert_deliveries d ON d.event_id = later.id AND d.target_id = told.target_id
            WHERE later.tenant_id = e.tenant_id AND later.incident_id = e.incident_id AND later.id > e.id
              AND (d.id IS NOT NULL OR later.only_target_id = told.target_id)))
        LIMIT ${purgeBatch})`;
    const incidents = await db.$executeRaw`
      DELETE FROM incidents WHERE id IN (
        SELECT i.id FROM incidents i
        WHERE i.closed_at < now() - make_interval(days => ${older_than_days}) AND NOT EXISTS (
          -- They would go with it.
          SELECT FROM alert_events e JOIN alert_deliveries d ON d.event_id = e.id
          WHERE e.tenant_id = i.tenant_id AND e.incident_id = i.id AND d.state = 'pending')
        LIMIT ${purgeBatch})`;
    return { removed: events + incidents, more: events === purgeBatch || incidents === purgeBatch };
  },
});

/**
 * Removes events, with the log of their deliveries, and incidents that ended, when they are older than
 * `NOTIFICATION_RETENTION_DAYS`. What is still to be delivered stays; and of an incident that is open, what each target was told last.
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
