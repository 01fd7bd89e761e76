import type { Severity } from "#lib/alerts/kinds";
import type { Tx } from "#lib/db/transaction";
import type { Message } from "./message.ts";

/** An event as it is told; null when it is gone. */
export async function loadMessage(db: Tx, tenantId: number, eventId: bigint): Promise<Message | null> {
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
