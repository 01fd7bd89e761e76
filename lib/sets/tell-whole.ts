import { raiseAlerts } from "#lib/alerts/raise";
import type { Tx } from "#lib/db/transaction";

/** Tells the tenant's incident of damaged sets from its others: one, however many of them are damaged. */
export const damagedSets = "sets";

/**
 * Ends the tenant's incident of damaged sets when none that it keeps is damaged any more, whether the last one became whole or went.
 * One statement where no such incident is open.
 */
export async function tellWhole(db: Tx, tenantId: number): Promise<void> {
  const [over] = await db.$queryRaw<unknown[]>`
    SELECT FROM incidents i
    WHERE i.tenant_id = ${tenantId} AND i.cause = ${damagedSets} AND i.closed_at IS NULL AND NOT EXISTS (
      SELECT FROM backup_sets b
      WHERE b.tenant_id = i.tenant_id AND b.verify_result ->> 'status' = 'damaged' AND b.deleted_at IS NULL)`;
  if (!over) return;
  await raiseAlerts(db, [
    {
      kind: "set.healed",
      cause: damagedSets,
      tenant_id: tenantId,
      title: "Backup sets whole again",
      body: "No backup set of this tenant is damaged any more.",
      link: `/tenants/${tenantId}/backup-sets`,
    },
  ]);
}
