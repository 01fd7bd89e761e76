import { z } from "zod";
import { Prisma } from "#lib/db/generated/client";
import { enqueue } from "#lib/jobs/enqueue";
import { routeAlertJob } from "#lib/jobs/route-alert";
import { platformOperation } from "#lib/operation";
import { hasMail } from "./has-mail.ts";

/** So many one tick tells again; the next goes on. */
const most = 500;

/** Whether any rule wants to be told again. */
export const somethingRepeats = Prisma.sql`
  EXISTS (SELECT FROM alert_rules WHERE is_enabled AND repeat_hours IS NOT NULL)`;

/** What nobody has taken up, and somebody could: in a tenant that is archived nobody can. */
const lasts = Prisma.sql`
  i.closed_at IS NULL AND i.acknowledged_at IS NULL AND (i.snoozed_until IS NULL OR i.snoozed_until <= now())
  AND i.tenant_id <> ALL (ARRAY(SELECT id FROM tenants WHERE archived_at IS NOT NULL))`;

/** Whether a rule takes an incident as it is by now: `takes` in SQL. Another rule of its target asks for nothing here. */
const isTaken = Prisma.sql`
  (cardinality(r.kinds) = 0 OR i.kind = ANY (r.kinds)) AND severity_rank(i.severity) >= severity_rank(r.least_severity)
  AND (cardinality(r.schedule_ids) = 0 OR i.schedule_id = ANY (r.schedule_ids))
  AND (cardinality(r.policy_types) = 0 OR i.policy_types && r.policy_types)`;

/**
 * Tells again what lasts, where a rule wants that: what nobody has acknowledged or snoozed, so many hours after the target
 * was told of it last. Of two that look at the same moment, the second leaves it to the first.
 * @returns how many are told again
 */
export const repeatAlerts = platformOperation({
  name: "alert.repeat",
  permission: "alert:deliver",
  input: z.strictObject({}),
  output: z.int(),
  async run({ db }) {
    const [lock] = await db.$queryRaw<{ mine: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(hashtextextended('tenantpilot.repeat_alerts', 0)) AS mine`;
    if (!lock?.mine) return 0;
    const told = await db.$queryRaw<{ id: bigint; tenant_id: number }[]>`
      WITH repeating AS (
        SELECT r.tenant_id, r.target_id, r.repeat_hours AS hours, r.kinds, r.least_severity, r.schedule_ids, r.policy_types
        FROM alert_rules r JOIN alert_targets t ON t.id = r.target_id AND t.is_enabled
        WHERE r.is_enabled AND r.repeat_hours IS NOT NULL AND r.digest IS NULL AND (t.kind <> 'email' OR ${hasMail()})
      ), lasting AS (
        SELECT i.*, r.target_id, r.hours FROM repeating r JOIN incidents i ON i.tenant_id = r.tenant_id
        WHERE ${lasts} AND ${isTaken}
        UNION ALL
        SELECT i.*, r.target_id, r.hours FROM repeating r CROSS JOIN incidents i
        WHERE r.tenant_id IS NULL AND ${lasts} AND ${isTaken}
      ), due AS (
        -- Of several rules of a target the one counts whose hours are over first.
        SELECT DISTINCT ON (l.id, l.target_id) l.* FROM lasting l CROSS JOIN LATERAL (
          -- The newest alone: what lasts has been told many times. What is written, and not routed yet, is being told; what went
          -- nowhere, since its rule was disabled meanwhile, say, was tried, and is tried again in its hours.
          SELECT CASE WHEN e.routed_at IS NULL THEN now() ELSE coalesce(d.created_at, e.created_at) END AS at
          FROM alert_events e
          LEFT JOIN alert_deliveries d ON d.event_id = e.id AND d.target_id = l.target_id
          WHERE e.tenant_id = l.tenant_id AND e.incident_id = l.id
            AND (d.id IS NOT NULL OR e.only_target_id = l.target_id)
          ORDER BY e.id DESC LIMIT 1) told
        WHERE told.at < now() - make_interval(hours => l.hours)
        ORDER BY l.id, l.target_id LIMIT ${most}
      )
      INSERT INTO alert_events
        (tenant_id, incident_id, kind, severity, title, body, link, data, schedule_id, policy_types, only_target_id)
      SELECT tenant_id, id, kind, severity, 'Still: ' || title, body, link,
             jsonb_build_object('times', count, 'began_at',
               to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
             schedule_id, policy_types, target_id
      FROM due RETURNING id, tenant_id`;
    await enqueue(
      db,
      routeAlertJob,
      told.map(({ id, tenant_id }) => ({ data: { tenant_id, event_id: Number(id) }, tenantId: tenant_id })),
    );
    return told.length;
  },
});
