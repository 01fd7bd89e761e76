import { z } from "zod";
import { enqueue } from "#lib/jobs/enqueue";
import { routeAlertJob } from "#lib/jobs/route-alert";
import { platformOperation } from "#lib/operation";

/** So many one tick tells again; the next goes on. */
const most = 500;

/**
 * Tells again what lasts, where a rule wants that: what nobody has acknowledged or snoozed, so many hours after the target
 * was told of it last.
 * @returns how many are told again
 */
export const repeatAlerts = platformOperation({
  name: "alert.repeat",
  permission: "alert:deliver",
  input: z.strictObject({}),
  output: z.int(),
  async run({ db }) {
    const told = await db.$queryRaw<{ id: bigint; tenant_id: number }[]>`
      WITH due AS (
        SELECT DISTINCT ON (i.id, r.target_id) i.*, r.target_id
        FROM alert_rules r JOIN alert_targets t ON t.id = r.target_id AND t.is_enabled
        JOIN incidents i ON i.closed_at IS NULL AND (r.tenant_id IS NULL OR i.tenant_id = r.tenant_id)
        CROSS JOIN LATERAL (
          SELECT max(d.created_at) AS at FROM alert_events e
          JOIN alert_deliveries d ON d.tenant_id = e.tenant_id AND d.event_id = e.id AND d.target_id = r.target_id
          WHERE e.tenant_id = i.tenant_id AND e.incident_id = i.id) last
        WHERE r.is_enabled AND r.repeat_hours IS NOT NULL AND i.acknowledged_at IS NULL
          AND (i.snoozed_until IS NULL OR i.snoozed_until <= now())
          AND last.at < now() - make_interval(hours => r.repeat_hours)
          -- Written, and not routed yet.
          AND NOT EXISTS (
            SELECT FROM alert_events e WHERE e.tenant_id = i.tenant_id AND e.incident_id = i.id
              AND e.only_target_id = r.target_id AND e.routed_at IS NULL)
        ORDER BY i.id, r.target_id LIMIT ${most}
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
