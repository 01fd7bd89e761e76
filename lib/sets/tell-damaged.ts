import { raiseAlerts } from "#lib/alerts/raise";
import type { Tx } from "#lib/db/transaction";
import type { VerifyResult } from "./schema.ts";
import { damagedSets } from "./tell-whole.ts";

/** A set, and the sentence that tells of it. */
export interface Told {
  id: number;
  text: string;
}

/** What is told of a damaged set: the first of its faults. */
export function toldOf(
  set: { id: number; schedule: { name: string } },
  { faults }: Pick<VerifyResult, "faults">,
): Told {
  return { id: set.id, text: `Set ${set.id} of "${set.schedule.name}": ${faults[0]?.message ?? ""}` };
}

/** What is told of damaged sets together. */
export function damageToTell(tenantId: number, first: Told, others: readonly Told[]) {
  const sets = `/tenants/${tenantId}/backup-sets`;
  const data = { set_ids: [first, ...others].map((each) => each.id) };
  if (others.length === 0)
    return { title: "Backup set damaged", body: first.text, link: `${sets}/${first.id}`, data };
  const title = `${others.length + 1} backup sets damaged`;
  return { title, body: `${first.text} And ${others.length} more.`, link: sets, data };
}

/** Opens the tenant's incident of damaged sets, or counts them in the one that is open. Of kept sets alone. */
export async function tellDamaged(
  db: Tx,
  tenant_id: number,
  first: Told,
  others: readonly Told[] = [],
): Promise<void> {
  const told = damageToTell(tenant_id, first, others);
  await raiseAlerts(db, [{ kind: "set.damaged", cause: damagedSets, tenant_id, ...told }]);
}
