import type pg from "pg";
import { isShared, type Severity } from "#lib/alerts/kinds";
import { type Matching, takes } from "#lib/alerts/match";

/** An open incident with a rule that would have it told again. */
interface Lasting extends Matching {
  id: number;
  kind: string;
  severity: Severity;
  schedule_id: number | null;
  types_of_incident: readonly string[];
  is_platforms: boolean;
  target_id: number;
}

/**
 * What lasts is told again so many hours after it was told last, and what was told is in no backup. So a restored installation has
 * the hours begin when it comes back: it notes of each open incident that the targets of repeating rules know of it, and tells
 * nothing by that.
 * @param client the owner of the tables, in the transaction that has loaded them
 */
export async function noteAsTold(client: pg.ClientBase): Promise<void> {
  await client.query("SET LOCAL ROLE tenantpilot_dispatcher");
  const { rows } = await client.query<Lasting>(
    `SELECT i.id, i.kind, i.severity, i.schedule_id, i.policy_types AS types_of_incident, r.tenant_id IS NULL AS is_platforms,
            r.target_id, r.kinds, r.least_severity, r.schedule_ids, r.policy_types, r.tells_recovery, r.timezone, r.quiet_from,
            r.quiet_until, r.digest
     FROM incidents i JOIN alert_rules r ON r.tenant_id = i.tenant_id OR r.tenant_id IS NULL
     WHERE i.closed_at IS NULL AND r.repeat_hours IS NOT NULL`,
  );
  const known = rows.filter(({ kind, severity, schedule_id, types_of_incident, is_platforms, ...rule }) => {
    // Of what happens in many tenants at once the platform hears once, and that ends when there is a worker again.
    if (is_platforms && isShared(kind)) return false;
    return takes(rule, { kind, severity, began_as: null, schedule_id, policy_types: types_of_incident });
  });
  await client.query(
    `INSERT INTO alert_events (tenant_id, incident_id, kind, severity, title, body, link, schedule_id, policy_types,
                               only_target_id, routed_at)
     SELECT i.tenant_id, i.id, i.kind, i.severity, i.title, i.body, i.link, i.schedule_id, i.policy_types, told.target_id, now()
     FROM (SELECT DISTINCT id, target_id FROM jsonb_to_recordset($1::jsonb) AS k(id int, target_id int)) told
     JOIN incidents i USING (id) ORDER BY i.id, told.target_id`,
    [JSON.stringify(known.map(({ id, target_id }) => ({ id, target_id })))],
  );
  await client.query("SET LOCAL ROLE NONE");
}
