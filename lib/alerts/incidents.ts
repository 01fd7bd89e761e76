import { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { cursorRefused, decodeIdCursor, pageFields, toPage } from "#lib/pagination";
import { present } from "#lib/present";
import { pageOf } from "#lib/view-fields";
import type { AlertKind, Severity } from "./kinds.ts";
import { incidentView } from "./views.ts";

/** At most this long an incident can be snoozed, in hours. */
const snoozeHoursMost = 24 * 30;

interface Row {
  id: number;
  kind: AlertKind;
  severity: Severity;
  title: string;
  body: string;
  link: string | null;
  cause: string;
  schedule_id: number | null;
  policy_types: string[];
  count: number;
  opened_at: Date;
  last_seen_at: Date;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  snoozed_until: Date | null;
  closed_at: Date | null;
}

const states = ["open", "closed", "all"] as const;

/** The tenant's incidents, newest first. */
export const listIncidents = operation({
  name: "incident.list",
  permission: "alert:view",
  effect: "read",
  input: z.strictObject({
    ...pageFields,
    state: z
      .enum(states)
      .default("open")
      .meta({ description: "Those that last, those that are over, or all" }),
  }),
  output: pageOf(incidentView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/incidents",
    operationId: "listIncidents",
    summary: "What is wrong, and was",
    tag: "Alerts",
    answer: "Newest first",
    paged: true,
  },
  async run({ db, tenant }, { limit, cursor, state }) {
    const before = decodeIdCursor(cursor);
    if (before !== null && before < 1) throw cursorRefused();
    const rows = await readIncidents(db, tenant.id, { before, state, limit: limit + 1, id: null });
    return toPage(rows, limit, (row) => present(incidentView, row));
  },
});

/** Says that somebody looks after an incident; it is told no more while it lasts. @throws AppError NOT_FOUND; CONFLICT */
export const acknowledgeIncident = operation({
  name: "incident.acknowledge",
  permission: "alert:acknowledge",
  effect: "write",
  input: z.strictObject({ incident_id: idSchema }),
  output: incidentView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/incidents/{incidentId}/acknowledge",
    operationId: "acknowledgeIncident",
    summary: "Say that somebody looks after it",
    description: "It is not told again while it lasts. Its end is told.",
    tag: "Alerts",
    answer: "The incident",
    errors: ["CONFLICT"],
  },
  async run({ db, tenant, actor, now, audit, unchanged }, { incident_id }) {
    const incident = await lockOpenIncident(db, tenant.id, incident_id);
    if (incident.acknowledged_at) unchanged();
    else {
      await db.incident.update({
        where: { id: incident_id },
        data: { acknowledged_at: now, acknowledged_by: actor.kind === "user" ? actor.id : null },
      });
      const target = { kind: "incident", id: incident_id } as const;
      audit({ action: "incident.acknowledged", target, details: { title: incident.title } });
      await notifyLive(db, [{ tenant_id: tenant.id, topic: "incident", id: incident_id }]);
    }
    return presentIncident(db, tenant.id, incident_id);
  },
});

/** Keeps an incident quiet for a while. @throws AppError NOT_FOUND; CONFLICT when it is over */
export const snoozeIncident = operation({
  name: "incident.snooze",
  permission: "alert:acknowledge",
  effect: "write",
  input: z.strictObject({
    incident_id: idSchema,
    hours: z
      .int("must be a whole number of hours")
      .min(0, "must be at least 0")
      .max(snoozeHoursMost, `must be at most ${snoozeHoursMost}`)
      .meta({ description: "From now on; 0 ends it" }),
  }),
  output: incidentView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/incidents/{incidentId}/snooze",
    operationId: "snoozeIncident",
    summary: "Keep it quiet for a while",
    description: "Until then nothing but its end is told.",
    tag: "Alerts",
    answer: "The incident",
    errors: ["CONFLICT"],
  },
  async run({ db, tenant, now, audit }, { incident_id, hours }) {
    const incident = await lockOpenIncident(db, tenant.id, incident_id);
    const snoozed_until = hours === 0 ? null : new Date(now.getTime() + hours * 3_600_000);
    await db.incident.update({ where: { id: incident_id }, data: { snoozed_until } });
    const details = { title: incident.title, until: snoozed_until?.toISOString() ?? null };
    audit({ action: "incident.snoozed", target: { kind: "incident", id: incident_id }, details });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "incident", id: incident_id }]);
    return presentIncident(db, tenant.id, incident_id);
  },
});

async function lockOpenIncident(
  db: Tx,
  tenantId: number,
  id: number,
): Promise<{ title: string; acknowledged_at: Date | null }> {
  const [found] = await db.$queryRaw<
    { title: string; acknowledged_at: Date | null; closed_at: Date | null }[]
  >`
    SELECT title, acknowledged_at, closed_at FROM incidents WHERE tenant_id = ${tenantId} AND id = ${id} FOR UPDATE`;
  if (!found) throw new AppError("NOT_FOUND", "There is no such incident in this tenant.");
  if (found.closed_at) throw new AppError("CONFLICT", "This incident is over.");
  return found;
}

async function presentIncident(db: Tx, tenantId: number, id: number): Promise<z.infer<typeof incidentView>> {
  const [row] = await readIncidents(db, tenantId, { before: null, state: "all", limit: 1, id });
  if (!row) throw new Error("The incident is gone");
  return present(incidentView, row);
}

function readIncidents(
  db: Tx,
  tenantId: number,
  { before, state, limit, id }: { before: number | null; state: string; limit: number; id: number | null },
): Promise<Row[]> {
  return db.$queryRaw<Row[]>`
    SELECT i.id, i.kind, i.severity, i.title, i.body, i.link, i.cause, i.schedule_id, i.policy_types, i.count, i.opened_at,
           i.last_seen_at, i.acknowledged_at, u.name AS acknowledged_by, i.snoozed_until, i.closed_at
    FROM incidents i LEFT JOIN users u ON u.id = i.acknowledged_by
    WHERE i.tenant_id = ${tenantId} AND (${before}::int IS NULL OR i.id < ${before}) AND (${id}::int IS NULL OR i.id = ${id})
      AND (${state} = 'all' OR (i.closed_at IS NULL) = (${state} = 'open'))
    ORDER BY i.id DESC LIMIT ${limit}`;
}
