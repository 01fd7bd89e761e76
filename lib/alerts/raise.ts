import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { enqueue } from "#lib/jobs/enqueue";
import { routeAlertJob } from "#lib/jobs/route-alert";
import { type LiveEvent, notifyLive } from "#lib/live/notify";
import { type AlertKindThat, alertTable, isShared, type Severity } from "./kinds.ts";

interface Told {
  title: string;
  /** To what, and what to do about it. */
  body: string;
  /** A path of TenantPilot's pages. */
  link: string | null;
  data?: Record<string, unknown>;
  /** What rules can be limited to. */
  schedule_id?: number;
  policy_types?: readonly string[];
  /** Where it is worse than its kind is. */
  severity?: Severity;
  /** It is told also where its incident is open already. */
  isNews?: true;
  /** Of one happening in many tenants: the platform's targets hear of it by another tenant's event, of another transaction. */
  isToldElsewhere?: true;
  /** It is told so many seconds later at the latest: somebody may say more about it until then, and have it told. */
  waitsSeconds?: number;
}

/** An event. `cause` tells an incident from others of the tenant: `schedule:7:backup`. */
export type Alert = Told &
  (
    | { kind: AlertKindThat<"opens"> | AlertKindThat<"closes">; cause: string; tenant_id: number }
    /** Without a tenant it is of the installation: the platform's targets alone hear of it. */
    | { kind: AlertKindThat<"none">; cause?: never; tenant_id: number | null }
    /** Of one of the platform's own: it has no incidents, and is told as what opens none. */
    | { kind: "target.disabled"; cause?: never; tenant_id: null }
  );

/**
 * Writes events in the caller's transaction, and enqueues their way to the targets there: nothing is told of what was
 * rolled back, and nothing is lost when a process dies. Five statements, whatever their number.
 *
 * What opens an incident that is open already is counted there, and told only when it is worse than what was told. What
 * closes one is told if one was open; else it is nothing. Open pages of the tenant learn of what opened, got worse or closed.
 */
export async function raiseAlerts(db: Tx, alerts: readonly Alert[]): Promise<void> {
  if (alerts.length === 0) return;
  const rows = alerts.map((alert) => {
    const { severity: least, incident: usual } = alertTable[alert.kind];
    const incident = alert.tenant_id === null ? "none" : usual;
    const {
      cause = null,
      data = {},
      schedule_id = null,
      policy_types = [],
      severity = least,
      isNews: is_news = false,
      isToldElsewhere: is_told_elsewhere = false,
      waitsSeconds: _,
      ...told
    } = alert;
    const is_shared = isShared(alert.kind);
    const row = { ...told, cause, data, schedule_id, policy_types, severity, incident };
    return { ...row, is_news, is_shared, is_told_elsewhere };
  });
  const those = (incident: string) => rows.filter((row) => row.incident === incident);
  const written = [
    ...(await closeIncidents(db, those("closes"))),
    ...(await openIncidents(db, those("opens"))),
    ...(await writeEvents(db, those("none"))),
  ];
  await notifyLive(db, incidentNews(written));
  const waits = new Map(alerts.map((alert) => [`${alert.tenant_id} ${alert.kind}`, alert.waitsSeconds ?? 0]));
  await enqueue(
    db,
    routeAlertJob,
    written.map(({ id, tenant_id, kind }) => {
      const wait = waits.get(`${tenant_id} ${kind}`) ?? 0;
      return {
        data: { tenant_id, event_id: Number(id) },
        tenantId: tenant_id,
        ...(wait > 0 ? { startAfterSeconds: wait } : {}),
      };
    }),
  );
}

interface Row extends Omit<Told, "schedule_id" | "severity" | "isNews" | "isToldElsewhere" | "waitsSeconds"> {
  tenant_id: number | null;
  kind: string;
  cause: string | null;
  severity: string;
  incident: string;
  schedule_id: number | null;
  is_news: boolean;
  is_shared: boolean;
  is_told_elsewhere: boolean;
}
type Written = { id: bigint; tenant_id: number | null; incident_id: number | null; kind: string };

/** Of a tenant's incidents one word, however many have changed. */
function incidentNews(written: readonly Written[]): LiveEvent[] {
  const changed = written.filter(({ incident_id }) => incident_id !== null);
  return [...Map.groupBy(changed, ({ tenant_id }) => tenant_id)].flatMap(([tenant_id, of]) => {
    if (tenant_id === null) return [];
    const [first] = of;
    return [
      { tenant_id, topic: "incident" as const, id: of.length === 1 && first ? first.incident_id : null },
    ];
  });
}

const rowType = Prisma.raw(`
  tenant_id int, kind text, cause text, severity text, title text, body text, link text, data jsonb, schedule_id int,
  policy_types text[], is_news boolean, is_shared boolean, is_told_elsewhere boolean`);

/** Of what is written for many tenants at once, the first one's is for the platform's targets as well. */
const isToldElsewhere = Prisma.sql`
  r.is_told_elsewhere OR r.is_shared AND row_number() OVER (
    PARTITION BY r.kind, r.cause, r.title, r.body ORDER BY r.is_told_elsewhere, r.tenant_id) > 1`;

async function openIncidents(db: Tx, rows: readonly Row[]): Promise<Written[]> {
  if (rows.length === 0) return [];
  return db.$queryRaw<Written[]>`
    WITH raised AS MATERIALIZED (
       -- Of one cause, the worst: a statement changes a row once.
       SELECT DISTINCT ON (tenant_id, cause) * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(${rowType})
       ORDER BY tenant_id, cause, severity_rank(severity) DESC
     ), before AS MATERIALIZED (
       SELECT i.id, severity_rank(i.severity) AS rank FROM incidents i JOIN raised r USING (tenant_id, cause)
       WHERE i.closed_at IS NULL
     ), touched AS (
       INSERT INTO incidents (tenant_id, cause, kind, severity, title, body, link, schedule_id, policy_types)
       SELECT tenant_id, cause, kind, severity, title, body, link, schedule_id, policy_types FROM raised
       ON CONFLICT (tenant_id, cause) WHERE closed_at IS NULL DO UPDATE SET
         count = incidents.count + 1, last_seen_at = now(),
         kind = CASE WHEN severity_rank(excluded.severity) > severity_rank(incidents.severity)
                THEN excluded.kind ELSE incidents.kind END,
         severity = CASE WHEN severity_rank(excluded.severity) > severity_rank(incidents.severity)
                    THEN excluded.severity ELSE incidents.severity END,
         title = excluded.title, body = excluded.body, link = excluded.link, policy_types = excluded.policy_types
       RETURNING id, tenant_id, cause, count, severity_rank(severity) AS rank
     )
     INSERT INTO alert_events
       (tenant_id, incident_id, kind, severity, title, body, link, data, schedule_id, policy_types, is_told_elsewhere)
     SELECT r.tenant_id, t.id, r.kind, r.severity, r.title, r.body, r.link, r.data, r.schedule_id, r.policy_types,
            ${isToldElsewhere}
     FROM raised r JOIN touched t USING (tenant_id, cause) LEFT JOIN before b ON b.id = t.id
     WHERE t.count = 1 OR r.is_news OR t.rank > coalesce(b.rank, t.rank)
     RETURNING id, tenant_id, incident_id, kind`;
}

async function closeIncidents(db: Tx, rows: readonly Row[]): Promise<Written[]> {
  if (rows.length === 0) return [];
  return db.$queryRaw<Written[]>`
    WITH raised AS MATERIALIZED (
       SELECT DISTINCT ON (tenant_id, cause) * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(${rowType})
     ), closed AS (
       UPDATE incidents i SET closed_at = now() FROM raised r
       WHERE i.tenant_id = r.tenant_id AND i.cause = r.cause AND i.closed_at IS NULL
       RETURNING i.id, i.tenant_id, i.cause, i.kind, i.severity, i.opened_at, i.count
     )
     INSERT INTO alert_events
       (tenant_id, incident_id, kind, severity, began_as, title, body, link, data, schedule_id, policy_types, is_told_elsewhere)
     SELECT r.tenant_id, c.id, r.kind, r.severity, c.severity, r.title, r.body, r.link,
            r.data || jsonb_build_object('began_as', c.kind, 'began_at', to_char(c.opened_at AT TIME ZONE 'UTC',
              'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'times', c.count),
            r.schedule_id, r.policy_types, ${isToldElsewhere}
     FROM raised r JOIN closed c USING (tenant_id, cause)
     RETURNING id, tenant_id, incident_id, kind`;
}

async function writeEvents(db: Tx, rows: readonly Row[]): Promise<Written[]> {
  if (rows.length === 0) return [];
  return db.$queryRaw<Written[]>`
    INSERT INTO alert_events
       (tenant_id, kind, severity, title, body, link, data, schedule_id, policy_types, is_told_elsewhere)
     SELECT tenant_id, kind, severity, title, body, link, data, schedule_id, policy_types, ${isToldElsewhere}
     FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(${rowType})
     RETURNING id, tenant_id, incident_id, kind`;
}
