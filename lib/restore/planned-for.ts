import { z } from "zod";
import { type EntraTenant, isSameTenant } from "#lib/connection/schema";
import type { Tx } from "#lib/db/transaction";
import { clouds } from "#lib/graph/clouds";

/** Microsoft's tenant that a plan is worked out against. */
export const plannedForView = z.strictObject({ cloud: z.enum(clouds), entra_tenant_id: z.string() });

const kept = z.object({
  planned_for: plannedForView.nullable().default(null),
  // It comes from a set, whose manifest may be from before this was noted.
  read_from: plannedForView.nullable().default(null).catch(null),
});

/**
 * Microsoft's tenant that a set was read from.
 * @param noted the set's manifest, or what a restore knows
 * @returns null where that is not known
 */
export function readFromOf(noted: unknown): EntraTenant | null {
  return kept.parse(noted).read_from;
}

/**
 * Whether what is restored is of another tenant than it goes to: of another one here, or read from another tenant of Microsoft's,
 * before the connection led to the one that the plan is for. Ids of the one are not those of the other then. Where it is not known
 * what was read, it is the tenant's own.
 * @param tenantId the tenant that is written to
 */
export function isFromElsewhere(
  tenantId: number,
  { source_tenant_id, known }: { source_tenant_id: number; known: unknown },
): boolean {
  if (source_tenant_id !== tenantId) return true;
  const { planned_for, read_from } = kept.parse(known);
  return planned_for !== null && read_from !== null && !isSameTenant(read_from, planned_for);
}

/**
 * Why a plan may not be carried out any more: its ids, of policies and of groups, are of another tenant of Microsoft's than
 * the one that the connection leads to now. In the restore's tenant's transaction.
 * @param known what the restore knows; a plan of an earlier version does not hold whom it is for, and is let be
 * @returns a sentence for people; null where plan and connection agree, or there is no connection
 */
export async function movedSincePlan(db: Tx, known: unknown): Promise<string | null> {
  const { planned_for } = kept.parse(known);
  const now = await db.connection.findFirst({ select: { cloud: true, entra_tenant_id: true } });
  if (!planned_for || !now || isSameTenant(planned_for, now)) return null;
  return `It was planned for the Entra tenant ${planned_for.entra_tenant_id}, and the connection leads to ${now.entra_tenant_id} now. Plan another restore.`;
}
