import { chainsThere, type ReadRows, verifyChain } from "#lib/audit/verify";
import { transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { type InspectedSet, proveTenant } from "#lib/integrity/verify";

/** What was proven, and what is wrong, in sentences. */
export interface Proof {
  tenants: number;
  sets: number;
  items: number;
  audit_logs: number;
  audit_entries: number;
  faults: string[];
}

/** Faults of one set that are told; it may have as many as items. */
const mostOfSet = 5;

/**
 * Proves every backup set of every tenant, from the stored bytes of each policy, and every audit log, and changes nothing.
 * @param onProgress hears after each tenant, and within it after each batch of sets
 */
export async function verifyAll(
  onProgress: (proof: Proof, tenant: number) => void = () => {},
): Promise<Proof> {
  const proof: Proof = { tenants: 0, sets: 0, items: 0, audit_logs: 0, audit_entries: 0, faults: [] };
  const tenants = await transaction(
    { as: "dispatcher" },
    (db) => db.$queryRaw<{ id: number }[]>`SELECT id FROM tenants WHERE deleted_at IS NULL ORDER BY id`,
    { readOnly: true },
  );
  for (const { id } of tenants) {
    try {
      for await (const sets of proveTenant(id)) {
        for (const set of sets) note(proof, id, set);
        onProgress(proof, id);
      }
      proof.tenants += 1;
    } catch (error) {
      // It was deleted meanwhile.
      if (!(error instanceof AppError && error.code === "NOT_FOUND")) throw error;
    }
  }
  for (const chain of await chainsThere(readLog)) {
    const { entries, fault } = await verifyChain(readLog, chain);
    proof.audit_logs += 1;
    proof.audit_entries += entries;
    if (fault)
      proof.faults.push(
        `The audit log of ${chain === 0 ? "the platform" : `tenant ${chain}`} ${fault.what}.`,
      );
  }
  return proof;
}

const readLog: ReadRows = (query) =>
  transaction({ as: "auditor" }, (db) => db.$queryRaw(query), { readOnly: true, timeoutMs: 120_000 });

function note(proof: Proof, tenantId: number, { set_id, items, faults }: InspectedSet): void {
  proof.sets += 1;
  proof.items += items;
  const more = faults.length - mostOfSet;
  for (const fault of faults.slice(0, mostOfSet))
    proof.faults.push(`Tenant ${tenantId}, set ${set_id}: ${fault}`);
  if (more > 0) proof.faults.push(`Tenant ${tenantId}, set ${set_id}: and ${more} more.`);
}
