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
/** So many tenants' incidents one transaction opens or closes. */
const mostTenants = 2_000;
/** So much of what waits to be told is looked up at a time, and so many of it are delivered at once. */
const most = 200;
const atOnce = 4;

/** Minutes since the last heartbeat of any worker; null when none is known. The login of web may ask; it is of no tenant. */
async function minutesWithout(): Promise<number | null> {
  const [seen] = await database().$queryRaw<{ minutes: number | null }[]>`
    SELECT (extract(epoch FROM now() - max(heartbeat_on)) / 60)::float8 AS minutes FROM pgboss.instance
    WHERE name LIKE 'worker%'`;
  return seen?.minutes ?? null;
}

interface Concerned {
  tenant_id: number;
  is_told_elsewhere: boolean;
}

/**
 * Opens an incident in the next tenants that back up, or closes the next that are open. Of any number of web servers exactly one
 * writes: who does not get the lock at once leaves it to the one that has it, and who gets it later finds incidents open.
 *
 * The platform's targets hear once of it, however many transactions it takes: of the beginning by the first incident, while no
 * other is open, and of the end where they heard of the beginning.
 * @returns in how many tenants
 */
const noteWorkers = platformOperation({
  name: "worker.note",
  permission: "alert:deliver",
  input: z.strictObject({ is_missing: z.boolean(), limit: z.int().min(1) }),
  output: z.int(),
  async run({ db }, { is_missing, limit }) {
    const [lock] = await db.$queryRaw<{ held: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(hashtextextended('tenantpilot.worker', 0)) AS held`;
    if (!lock?.held) return 0;
    const tenants = is_missing
      ? await db.$queryRaw<Concerned[]>`
          SELECT t.id AS tenant_id,
                 EXISTS (SELECT FROM incidents WHERE cause = 'worker' AND closed_at IS NULL) AS is_told_elsewhere
          FROM tenants t
          WHERE t.archived_at IS NULL
            AND EXISTS (SELECT FROM backup_schedules s WHERE s.tenant_id = t.id AND s.is_enabled AND s.deleted_at IS NULL)
            AND NOT EXISTS (
              SELECT FROM incidents i WHERE i.tenant_id = t.id AND i.cause = 'worker' AND i.closed_at IS NULL)
          ORDER BY t.id LIMIT ${limit}`
      : await db.$queryRaw<Concerned[]>`
          SELECT i.tenant_id, NOT EXISTS (
                   SELECT FROM alert_events e WHERE e.tenant_id = i.tenant_id AND e.incident_id = i.id
                     AND e.only_target_id IS NULL AND NOT e.is_told_elsewhere) AS is_told_elsewhere
          FROM incidents i WHERE i.cause = 'worker' AND i.closed_at IS NULL
          ORDER BY i.tenant_id LIMIT ${limit}`;
    const alertOf = is_missing ? missing : back;
    await raiseAlerts(
      db,
      tenants.map(({ tenant_id, is_told_elsewhere }) => ({
        ...alertOf(tenant_id),
        ...(is_told_elsewhere ? { isToldElsewhere: true as const } : {}),
      })),
    );
    return tenants.length;
  },
});

function missing(tenant_id: number): Alert {
  return {
    kind: "worker.missing",
    cause,
    tenant_id,
    title: "No worker",
    body: `No worker has shown itself for ${workerMissingMinutes} minutes: nothing is backed up, verified or restored. Whoever runs this service starts one.`,
    link: `/tenants/${tenant_id}`,
  };
}

function back(tenant_id: number): Alert {
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

/** What of these alerts has not been routed, or is due to be delivered: the next ones by id. */
const findWaiting = platformOperation({
  name: "worker.find_untold",
  permission: "alert:deliver",
  input: z.strictObject({ what: z.enum(["events", "deliveries"]), after: z.int().min(0) }),
  output: z.array(waiting),
  async run({ db }, { what, after }) {
    const rows =
      what === "events"
        ? await db.$queryRaw<{ tenant_id: number; id: bigint }[]>`
            SELECT tenant_id, id FROM alert_events
            WHERE routed_at IS NULL AND kind IN ('worker.missing', 'worker.back') AND id > ${BigInt(after)} ORDER BY id LIMIT ${most}`
        : await db.$queryRaw<{ tenant_id: number; id: bigint }[]>`
            SELECT d.tenant_id, d.id FROM alert_deliveries d JOIN alert_events e ON e.id = d.event_id
            WHERE d.state = 'pending' AND d.next_at <= now() AND e.kind IN ('worker.missing', 'worker.back') AND d.id > ${BigInt(after)}
            ORDER BY d.id LIMIT ${most}`;
    return rows.map(({ tenant_id, id }) => ({ tenant_id, id: Number(id) }));
  },
});

/**
 * Goes through what waits from the first on, until nothing is left or the time is over; the next look begins anew. What cannot be
 * told keeps nobody else's from being told, however much of it there is.
 */
async function withEach(
  what: "events" | "deliveries",
  until: number,
  work: (each: z.infer<typeof waiting>) => Promise<unknown>,
): Promise<void> {
  const failed = (error: unknown) =>
    log.error({ err: error }, "web: an alert could not be told; it is tried again in a minute");
  for (let after = 0; ; ) {
    const found = await findWaiting(alertsActor, { what, after });
    for (let from = 0; from < found.length && Date.now() < until; from += atOnce)
      await Promise.all(found.slice(from, from + atOnce).map((each) => work(each).catch(failed)));
    const last = found.at(-1);
    if (!last || found.length < most || Date.now() >= until) return;
    after = last.id;
  }
}

/** Tells what only web can tell while no worker takes up jobs. What another web server has in hand is passed over. */
async function tellWithoutWorker(): Promise<void> {
  const until = Date.now() + everyMs;
  await withEach("events", until, ({ tenant_id, id }) =>
    routeAlert(alertsActor, { tenant_id, event_id: id }),
  );
  await withEach("deliveries", until, ({ tenant_id, id }) => deliverAlert({ tenant_id, delivery_id: id }));
}

/**
 * Looks whether there is a worker, tells when there is none for minutes, and when there is one again. By web, since a worker
 * that is missing tells nobody.
 * @param upMinutes for how long this process has been looking: one that has just started knows of no absence
 * @param limit tenants a transaction
 * @returns whether workers are missing
 */
export async function watchWorkers({
  upMinutes,
  limit = mostTenants,
}: {
  upMinutes: number;
  limit?: number;
}): Promise<boolean> {
  const minutes = await minutesWithout();
  const isMissing = (minutes ?? Number.POSITIVE_INFINITY) >= workerMissingMinutes;
  // One that was seen lately may be about to go on: neither is told.
  if (isMissing && upMinutes < workerMissingMinutes) return false;
  for (let noted = limit; noted === limit; )
    noted = await noteWorkers(alertsActor, { is_missing: isMissing, limit });
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
