import type { Tx } from "#lib/db/transaction";
import type { AuditEntryInput } from "./entry.ts";

/**
 * Writes audit entries in the caller's transaction: they commit with what they record, or not at all.
 * One statement for all of them.
 * @param tenantId null for the platform's own log
 */
export async function writeAuditEntries(
  db: Tx,
  tenantId: number | null,
  actor: { kind: string; id: number | null; name: string },
  entries: readonly AuditEntryInput[],
): Promise<void> {
  if (entries.length === 0) return;
  await db.auditEntry.createMany({
    data: entries.map((entry) => ({
      tenant_id: tenantId,
      actor_kind: actor.kind,
      actor_id: actor.id,
      actor_name: actor.name,
      action: entry.action,
      target_kind: entry.target?.kind ?? null,
      target_id: entry.target?.id ?? null,
      details: (entry.details ?? {}) as object,
    })),
  });
}
