import { z } from "zod";
import { isSameTenant } from "#lib/connection/schema";
import type { Tx } from "#lib/db/transaction";
import { clouds } from "#lib/graph/clouds";

/** Microsoft's tenant that a plan is worked out against. */
export const plannedForView = z.strictObject({ cloud: z.enum(clouds), entra_tenant_id: z.string() });

const kept = z.object({ planned_for: plannedForView.nullable().default(null) });

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
