import type { TypeSummary } from "#lib/capture/summary";
import type { BackupSet } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { displayNameOf } from "#lib/policies/display-name";
import type { VerifyFault } from "#lib/sets/schema";
import { decodeSnapshot } from "#lib/sets/snapshot-codec";

/** An item whose row is no longer there. */
interface LostItem {
  graph_id: string;
  display_name: string;
  sha256: string;
}

/** More neighbors than this are not tried as the lost ones. */
const maxCandidates = 60;

/** How many items of a policy type a set still has, and the XOR of the beginnings of their hashes. */
interface Present {
  count: number;
  parity: string;
}

/** What sets still have, by their ids and the policy types. */
export async function presentItems(db: Tx, ids: number[]): Promise<Map<number, Map<string, Present>>> {
  const rows = await db.$queryRaw<(Present & { set_id: number; policy_type: string })[]>`
    SELECT backup_set_id AS set_id, policy_type, count(*)::int AS count,
           lpad(to_hex(bit_xor(('x' || left(sha256, 16))::bit(64)::bigint)), 16, '0') AS parity
    FROM backup_items WHERE backup_set_id = ANY(${ids}::int[]) AND sha256 ~ '^[0-9a-f]{64}$'
    GROUP BY backup_set_id, policy_type`;
  const present = new Map<number, Map<string, Present>>(ids.map((id) => [id, new Map()]));
  for (const { set_id, policy_type, count, parity } of rows)
    present.get(set_id)?.set(policy_type, { count, parity });
  return present;
}

/**
 * The items that a set has lost, by name wherever that can be proven. Per policy type the set knows how many there
 * were, and the XOR of their hashes: the lost ones are those whose hashes make up the difference. One lost item is
 * found by its snapshot; several are looked for among the items of the schedule's neighboring sets.
 * @param present what the set still has, by policy type
 */
export async function findLostItems(
  db: Tx,
  set: Pick<BackupSet, "id" | "backup_schedule_id" | "item_parity">,
  types: Readonly<Record<string, Pick<TypeSummary, "captured">>>,
  present: ReadonlyMap<string, Present>,
): Promise<VerifyFault[]> {
  const recorded = (set.item_parity ?? {}) as Record<string, string>;
  const faults: VerifyFault[] = [];
  for (const [policy_type, { captured }] of Object.entries(types)) {
    const count = present.get(policy_type)?.count ?? 0;
    const lost = captured - count;
    if (lost <= 0) continue;
    const difference =
      parityOf(recorded[policy_type] ?? "0") ^ parityOf(present.get(policy_type)?.parity ?? "0");
    const items = await identify(db, set, policy_type, lost, difference);
    for (const item of items) {
      faults.push({
        problem: "item_missing",
        message: `"${item.display_name}" is no longer in the set: its record was removed.`,
        item_id: null,
        policy_type,
        ...item,
      });
    }
    for (let unnamed = items.length; unnamed < lost; unnamed += 1) {
      faults.push({
        problem: "item_missing",
        message: `A policy is no longer in the set: ${captured} of its type were captured, ${count} are left.`,
        item_id: null,
        policy_type,
        graph_id: null,
        display_name: null,
        sha256: null,
      });
    }
  }
  return faults;
}

async function identify(
  db: Tx,
  set: Pick<BackupSet, "id" | "backup_schedule_id">,
  policyType: string,
  lost: number,
  difference: bigint,
): Promise<LostItem[]> {
  const candidates = await db.$queryRaw<LostItem[]>`
    SELECT DISTINCT n.graph_id, n.display_name, n.sha256 FROM backup_items n
    WHERE n.policy_type = ${policyType} AND n.backup_set_id IN (
        (SELECT id FROM backup_sets WHERE backup_schedule_id = ${set.backup_schedule_id} AND id < ${set.id}
         ORDER BY id DESC LIMIT 1)
        UNION ALL
        (SELECT id FROM backup_sets WHERE backup_schedule_id = ${set.backup_schedule_id} AND id > ${set.id}
         ORDER BY id LIMIT 1))
      AND NOT EXISTS (SELECT 1 FROM backup_items i WHERE i.backup_set_id = ${set.id}
                      AND i.policy_type = n.policy_type AND i.graph_id = n.graph_id)
    ORDER BY n.graph_id, n.sha256 LIMIT ${maxCandidates}`;
  const chosen = thoseThatMakeUp(difference, lost, candidates);
  if (chosen) return chosen;
  if (lost !== 1) return [];
  const item = await fromSnapshot(db, difference);
  return item ? [item] : [];
}

/** The `count` candidates whose hashes XOR to the difference; null when there are none, or too many to try. */
function thoseThatMakeUp(
  difference: bigint,
  count: number,
  candidates: readonly LostItem[],
): LostItem[] | null {
  if (count > candidates.length) return null;
  if (count === candidates.length) {
    const all = candidates.reduce((parity, item) => parity ^ prefixOf(item), 0n);
    return all === difference ? [...candidates] : null;
  }
  if (count > 3) return null;
  const choose = (rest: bigint, from: number, left: number): LostItem[] | null => {
    if (left === 0) return rest === 0n ? [] : null;
    for (let index = from; index <= candidates.length - left; index += 1) {
      const item = candidates[index];
      if (!item) continue;
      const others = choose(rest ^ prefixOf(item), index + 1, left - 1);
      if (others) return [item, ...others];
    }
    return null;
  };
  return choose(difference, 0, count);
}

/** The policy whose snapshot's hash begins with these 64 bits, as the snapshot itself tells it. */
async function fromSnapshot(db: Tx, prefix: bigint): Promise<LostItem | null> {
  const begin = prefix.toString(16).padStart(16, "0");
  const [row] = await db.$queryRaw<{ sha256: string; encoding: string; content: Uint8Array }[]>`
    SELECT sha256, encoding, content FROM snapshots
    WHERE sha256 >= ${begin} AND sha256 < ${`${begin}g`} AND left(sha256, 16) = ${begin} LIMIT 1`;
  if (!row) return null;
  try {
    const document: unknown = JSON.parse(
      Buffer.from(await decodeSnapshot(row.encoding, row.content)).toString("utf8"),
    );
    const fields = document as Record<string, unknown>;
    const graph_id = typeof fields.id === "string" ? fields.id : "";
    return { graph_id, display_name: displayNameOf(fields, graph_id), sha256: row.sha256 };
  } catch {
    return null;
  }
}

function prefixOf(item: LostItem): bigint {
  return parityOf(item.sha256.slice(0, 16));
}

function parityOf(hex: string): bigint {
  return /^[0-9a-f]+$/.test(hex) ? BigInt(`0x${hex}`) : 0n;
}
