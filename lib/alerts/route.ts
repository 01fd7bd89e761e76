import { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import { bigIdSchema, idSchema } from "#lib/ids";
import { deliverAlertJob } from "#lib/jobs/deliver-alert";
import { enqueue } from "#lib/jobs/enqueue";
import { platformOperation } from "#lib/operation";
import { digestKind } from "./digest-facts.ts";
import { hasMail } from "./has-mail.ts";
import { heartbeatKind, type Severity } from "./kinds.ts";
import { goesOutAt, type Matching, takes } from "./match.ts";

interface Candidate extends Matching {
  id: number;
  target_id: number;
  target_tenant_id: number | null;
  target_kind: string;
  repeat_hours: number | null;
}

/**
 * What a heartbeat's rule says beside its schedules: nothing. Complete backups are bad in no degree, and a sign of life that waits
 * for the end of quiet hours is taken for none.
 */
const everyBackup = {
  kinds: [],
  least_severity: "info",
  policy_types: [],
  quiet_from: null,
  quiet_until: null,
} as const satisfies Partial<Matching>;

interface Event {
  kind: string;
  incident_id: number | null;
  severity: Severity;
  began_as: Severity | null;
  data: Record<string, unknown>;
  schedule_id: number | null;
  policy_types: string[];
  only_target_id: number | null;
  is_told_elsewhere: boolean;
  is_silenced: boolean;
  now: Date;
}

/**
 * Finds the targets of an event by the rules of its tenant and of the platform, writes a delivery for each and enqueues
 * them. Done twice, it is done once: a target gets an event in one delivery, whatever the number of rules.
 * @returns how many deliveries are new
 */
export const routeAlert = platformOperation({
  name: "alert.route",
  permission: "alert:deliver",
  input: z.strictObject({ tenant_id: idSchema.nullable(), event_id: bigIdSchema }),
  output: z.int(),
  async run({ db }, { tenant_id, event_id }) {
    const [event] = await db.$queryRaw<Event[]>`
      UPDATE alert_events e SET routed_at = now()
      WHERE tenant_id IS NOT DISTINCT FROM ${tenant_id}::int AND id = ${BigInt(event_id)}
      RETURNING kind, incident_id, severity, began_as, data, schedule_id, policy_types, only_target_id, is_told_elsewhere, now(),
        -- Who snoozed an incident hears of its end.
        began_as IS NULL AND EXISTS (
          SELECT FROM incidents i WHERE i.tenant_id = e.tenant_id AND i.id = e.incident_id AND i.snoozed_until > now())
          AS is_silenced`;
    if (!event || event.is_silenced) return 0;
    const candidates = await candidatesFor(db, tenant_id, event);
    const told = await rulesThatTold(db, tenant_id, event);
    const chosen = new Map<number, Candidate>();
    for (const rule of candidates)
      if (isMeant(rule, event, told) && !chosen.has(rule.target_id)) chosen.set(rule.target_id, rule);
    const rows = [...chosen.values()].map((rule) => ({
      target_id: rule.target_id,
      target_tenant_id: rule.target_tenant_id,
      rule_id: rule.id,
      next_at: goesOutAt(rule, event.now),
    }));
    return writeDeliveries(db, tenant_id, event_id, rows);
  },
});

/** @param told as of `rulesThatTold` */
function isMeant(rule: Candidate, event: Event, told: ReadonlySet<number>): boolean {
  if (event.only_target_id !== null && rule.target_id !== event.only_target_id) return false;
  if (event.kind === digestKind) return rule.digest !== null;
  // What lasts is told again by who wants that, and in their hours.
  if (event.only_target_id !== null && rule.repeat_hours === null) return false;
  const began_as = event.began_as ? { kind: String(event.data.began_as), severity: event.began_as } : null;
  return (
    takes(rule, { ...event, began_as }) || (told.has(rule.id) && rule.tells_recovery && rule.digest === null)
  );
}

/**
 * The rules by which anything was told of the incident that an event ends; none for any other event. Its end goes there too,
 * whatever the incident has become meanwhile: of another kind, say, or of other policy types.
 */
async function rulesThatTold(
  db: Tx,
  tenantId: number | null,
  { began_as, incident_id }: Pick<Event, "began_as" | "incident_id">,
): Promise<Set<number>> {
  if (began_as === null || incident_id === null) return new Set();
  const rows = await db.$queryRaw<{ rule_id: number }[]>`
    SELECT DISTINCT d.rule_id FROM alert_events e JOIN alert_deliveries d ON d.event_id = e.id
    WHERE e.tenant_id = ${tenantId}::int AND e.incident_id = ${incident_id} AND d.rule_id IS NOT NULL AND d.state <> 'dropped'`;
  return new Set(rows.map(({ rule_id }) => rule_id));
}

/** Every enabled rule that hears of a tenant; of none, the platform's. Without mail servers there is no mail, and no log of it either. */
async function candidatesFor(
  db: Tx,
  tenantId: number | null,
  { kind, is_told_elsewhere }: Pick<Event, "kind" | "is_told_elsewhere">,
): Promise<Candidate[]> {
  const rules = await db.$queryRaw<Candidate[]>`
    SELECT r.id, r.target_id, t.tenant_id AS target_tenant_id, t.kind AS target_kind, r.kinds, r.least_severity,
           r.schedule_ids, r.policy_types, r.tells_recovery, r.timezone, r.quiet_from, r.quiet_until, r.repeat_hours,
           r.digest
    FROM alert_rules r JOIN alert_targets t ON t.id = r.target_id
    WHERE r.is_enabled AND t.is_enabled AND (r.tenant_id = ${tenantId}::int OR r.tenant_id IS NULL AND NOT ${is_told_elsewhere})
      AND (t.kind = 'heartbeat') = (${kind} = ${heartbeatKind}) AND (t.kind <> 'email' OR ${hasMail()})
    -- Of two rules of a target the one that is told at once counts.
    ORDER BY r.quiet_from NULLS FIRST, r.id`;
  return rules.map((rule) => (rule.target_kind === "heartbeat" ? { ...rule, ...everyBackup } : rule));
}

/** Writes deliveries of one event that are not there yet, and enqueues them for when they are due. */
export async function writeDeliveries(
  db: Tx,
  tenant_id: number | null,
  event_id: number,
  rows: readonly {
    target_id: number;
    target_tenant_id: number | null;
    rule_id: number | null;
    next_at: Date;
  }[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const written = await db.$queryRaw<{ id: bigint; wait: number }[]>`
    INSERT INTO alert_deliveries (tenant_id, event_id, target_id, target_tenant_id, rule_id, next_at)
    SELECT ${tenant_id}::int, ${BigInt(event_id)}, target_id, target_tenant_id, rule_id, next_at
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS r(target_id int, target_tenant_id int, rule_id int, next_at timestamptz)
    ON CONFLICT (event_id, target_id) DO NOTHING
    RETURNING id, greatest(0, ceil(extract(epoch FROM next_at - now())))::int AS wait`;
  await enqueue(
    db,
    deliverAlertJob,
    written.map(({ id, wait }) => ({
      data: { tenant_id, delivery_id: Number(id) },
      tenantId: tenant_id,
      ...(wait > 0 ? { startAfterSeconds: wait } : {}),
    })),
  );
  return written.length;
}
