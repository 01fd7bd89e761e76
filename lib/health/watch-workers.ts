import { z } from "zod";
import { alertsActor } from "#lib/access/actor";
import { type Alert, raiseAlerts } from "#lib/alerts/raise";
import { routeAlert } from "#lib/alerts/route";
import { database } from "#lib/db/client";
import { deliverAlert } from "#lib/delivery/deliver";
import { workerMissingMinutes } from "#lib/limits";
import { log } from "#lib/log";
import { platformOperation } from "#lib/operation";

const cause = "worker";
const everyMs = 60_000;
/** So much of what waits to be told is delivered at a time, and so many of it at once. */
const most = 200;
const atOnce = 4;

/** Minutes since the last heartbeat of any worker; null when none is known. The login of web may ask; it is of no tenant. */
async function minutesWithout(): Promise<number | null> {
  const [seen] = await database().$queryRaw<{ minutes: number | null }[]>`
    SELECT (extract(epoch FROM now() - max(heartbeat_on)) / 60)::float8 AS minutes FROM pgboss.instance
    WHERE name LIKE 'worker%'`;
  return seen?.minutes ?? null;
}

/**
 * Opens an incident in every tenant that backs up, or closes those that are open. Of any number of web servers exactly one
 * writes: who does not get the lock at once leaves it to the one that has it, and who gets it later finds incidents open.
 */
const noteWorkers = platformOperation({
  name: "worker.note",
  permission: "alert:deliver",
  input: z.strictObject({ is_missing: z.boolean() }),
  output: z.int(),
  async run({ db }, { is_missing }) {
    const [lock] = await db.$queryRaw<{ held: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(hashtextextended('tenantpilot.worker', 0)) AS held`;
    if (!lock?.held) return 0;
    const tenants = is_missing
      ? await db.$queryRaw<{ tenant_id: number }[]>`
          SELECT t.id AS tenant_id FROM tenants t
          WHERE t.archived_at IS NULL
            AND EXISTS (SELECT FROM backup_schedules s WHERE s.tenant_id = t.id AND s.is_enabled AND s.deleted_at IS NULL)
            AND NOT EXISTS (
              SELECT FROM incidents i WHERE i.tenant_id = t.id AND i.cause = ${cause} AND i.closed_at IS NULL)
          ORDER BY t.id`
      : await db.$queryRaw<{ tenant_id: number }[]>`
          SELECT tenant_id FROM incidents WHERE cause = ${cause} AND closed_at IS NULL ORDER BY tenant_id`;
    await raiseAlerts(db, tenants.map(is_missing ? missing : back));
    return tenants.length;
  },
});

function missing({ tenant_id }: { tenant_id: number }): Alert {
  return {
    kind: "worker.missing",
    cause,
    tenant_id,
    title: "No worker",
    body: `No worker has shown itself for ${workerMissingMinutes} minutes: nothing is backed up, verified or restored. Whoever runs this service starts one.`,
    link: `/tenants/${tenant_id}`,
  };
}

function back({ tenant_id }: { tenant_id: number }): Alert {
  return {
    kind: "worker.back",
    cause,
    tenant_id,
    title: "A worker is back",
    body: "Backups go on. Those that were missed are made up for by the rule of each schedule.",
    link: `/tenants/${tenant_id}`,
  };
}

const waiting = z.strictObject({ tenant_id: z.int(), id: z.int() });

/** What of these alerts has not been routed, and what is due to be delivered. */
const findWaiting = platformOperation({
  name: "worker.find_untold",
  permission: "alert:deliver",
  input: z.strictObject({ what: z.enum(["events", "deliveries"]) }),
  output: z.array(waiting),
  async run({ db }, { what }) {
    const rows =
      what === "events"
        ? await db.$queryRaw<{ tenant_id: number; id: bigint }[]>`
            SELECT tenant_id, id FROM alert_events
            WHERE routed_at IS NULL AND kind IN ('worker.missing', 'worker.back') ORDER BY id LIMIT ${most}`
        : await db.$queryRaw<{ tenant_id: number; id: bigint }[]>`
            SELECT d.tenant_id, d.id FROM alert_deliveries d JOIN alert_events e ON e.tenant_id = d.tenant_id AND e.id = d.event_id
            WHERE d.state = 'pending' AND d.next_at <= now() AND e.kind IN ('worker.missing', 'worker.back')
            ORDER BY d.id LIMIT ${most}`;
    return rows.map(({ tenant_id, id }) => ({ tenant_id, id: Number(id) }));
  },
});

/** Tells what only web can tell while no worker takes up jobs. What another web server has in hand is passed over. */
async function tellWithoutWorker(): Promise<void> {
  // What cannot be told keeps nobody else's from being told.
  const failed = (error: unknown) =>
    log.error({ err: error }, "web: an alert could not be told; it is tried again in a minute");
  for (const { tenant_id, id } of await findWaiting(alertsActor, { what: "events" }))
    await routeAlert(alertsActor, { tenant_id, event_id: id }).catch(failed);
  const deliveries = await findWaiting(alertsActor, { what: "deliveries" });
  for (let from = 0; from < deliveries.length; from += atOnce)
    await Promise.all(
      deliveries
        .slice(from, from + atOnce)
        .map(({ tenant_id, id }) => deliverAlert({ tenant_id, delivery_id: id }).catch(failed)),
    );
}

/**
 * Looks whether there is a worker, tells when there is none for minutes, and when there is one again. By web, since a worker
 * that is missing tells nobody.
 * @param upMinutes for how long this process has been looking: one that has just started knows of no absence
 * @returns whether workers are missing
 */
export async function watchWorkers({ upMinutes }: { upMinutes: number }): Promise<boolean> {
  const minutes = await minutesWithout();
  const isMissing = (minutes ?? Number.POSITIVE_INFINITY) >= workerMissingMinutes;
  // One that was seen lately may be about to go on: neither is told.
  if (isMissing && upMinutes < workerMissingMinutes) return false;
  await noteWorkers(alertsActor, { is_missing: isMissing });
  if (isMissing) await tellWithoutWorker();
  return isMissing;
}

/** {@link watchWorkers} every minute. @returns what ends it */
export function keepWatchingWorkers(): () => void {
  const startedAt = Date.now();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void watchWorkers({ upMinutes: (Date.now() - startedAt) / 60_000 })
      .catch((error: unknown) => {
        log.warn(
          { err: error },
          "web: whether there is a worker cannot be told now; it is looked again in a minute",
        );
      })
      .finally(() => {
        isLooking = false;
      });
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
