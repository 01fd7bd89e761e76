import {
  alertKinds,
  alertLabel,
  alertTable,
  isAlertKind,
  isShared,
  isToldInFull,
  type Severity,
} from "#lib/alerts/kinds";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import type { Message } from "./message.ts";

/**
 * An event as it is told; null when it is gone.
 * @param forPlatform it goes to one of the platform's targets: whoever reads there may see that a tenant is, and what it is
 * called, and nothing of what is in it. Then nothing else is read of an event that is of a tenant alone.
 */
export async function loadMessage(
  db: Tx,
  tenantId: number | null,
  eventId: bigint,
  forPlatform: boolean,
): Promise<Message | null> {
  if (forPlatform) return loadForPlatform(db, tenantId, eventId);
  return tenantId === null ? null : loadForTenant(db, tenantId, eventId);
}

async function loadForTenant(db: Tx, tenantId: number, eventId: bigint): Promise<Message | null> {
  const [row] = await db.$queryRaw<
    (Omit<Message, "tenant" | "created_at"> & { tenant_name: string; created_at: Date; severity: Severity })[]
  >`
    SELECT 'evt_' || e.uid AS id, e.kind, coalesce(e.began_as, e.severity) AS severity, e.began_as IS NOT NULL AS is_end,
           e.title, e.body, e.link, e.data, e.incident_id, e.created_at, t.name AS tenant_name
    FROM alert_events e JOIN tenants t ON t.id = e.tenant_id
    WHERE e.tenant_id = ${tenantId} AND e.id = ${eventId}`;
  if (!row) return null;
  const { tenant_name, created_at, ...told } = row;
  return { ...told, tenant: { id: tenantId, name: tenant_name }, created_at: created_at.toISOString() };
}

const kindsInFull = alertKinds.filter(isToldInFull);
/** What an event of no tenant says, if it says anything, is the platform's own. */
const isInFull = Prisma.sql`(e.kind = ANY(${kindsInFull}::text[]) OR e.tenant_id IS NULL AND e.body <> '')`;

async function loadForPlatform(db: Tx, tenantId: number | null, eventId: bigint): Promise<Message | null> {
  const [row] = await db.$queryRaw<
    {
      id: string;
      kind: string;
      severity: Severity;
      is_end: boolean;
      is_repeat: boolean;
      incident_id: number | null;
      created_at: Date;
      tenant_name: string | null;
      full_title: string | null;
      full_body: string | null;
    }[]
  >`
    SELECT 'evt_' || e.uid AS id, e.kind, coalesce(e.began_as, e.severity) AS severity, e.began_as IS NOT NULL AS is_end,
           e.only_target_id IS NOT NULL AS is_repeat, e.incident_id, e.created_at, t.name AS tenant_name,
           CASE WHEN ${isInFull} THEN e.title END AS full_title, CASE WHEN ${isInFull} THEN e.body END AS full_body
    FROM alert_events e LEFT JOIN tenants t ON t.id = e.tenant_id
    WHERE e.tenant_id IS NOT DISTINCT FROM ${tenantId}::int AND e.id = ${eventId}`;
  if (!row) return null;
  const { id, kind, severity, is_end, incident_id, tenant_name } = row;
  const said = {
    id,
    kind,
    severity,
    is_end,
    title: row.full_title ?? `${row.is_repeat ? "Still: " : ""}${alertLabel(kind)}`,
    body: row.full_body ?? (isAlertKind(kind) ? alertTable[kind].when : ""),
    data: {},
    created_at: row.created_at.toISOString(),
    is_for_platform: true as const,
  };
  if (tenantId === null || tenant_name === null || isShared(kind))
    return { ...said, link: "/platform", tenant: null, incident_id: null };
  // A page for who is a member there as well.
  const link = `/tenants/${tenantId}/alerts`;
  return { ...said, link, tenant: { id: tenantId, name: tenant_name }, incident_id };
}
