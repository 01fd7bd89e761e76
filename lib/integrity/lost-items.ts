import type { TypeSummary } from "#lib/capture/summary";
import { type BackupSet, Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { displayNameOf } from "#lib/policies/display-name";
import type { VerifyFault } from "#lib/sets/schema";
import { decodeSnapshot } from "#lib/sets/snapshot-codec";

/** An item that a set had. `has_record`: its row is there, and does not say so any more. */
interface LostItem {
  graph_id: string;
  display_name: string;
  sha256: string;
  has_record?: boolean;
}

/** Whether a range `r` is as it was written, its end included. */
export const isSealed = Prisma.sql`
  coalesce(r.seal = item_range_seal(r), false) AND r.end_seal IS NOT DISTINCT FROM item_range_end_seal(r)`;

/** More candidates than this are not tried as the lost ones. */
const maxCandidates = 60;
/** Of the items of a type in a set, so many are tried as those that it never had: the newest. */
const maxHeld = 5_000;
/** Three are looked for among at most so many: the pairs of more are too many to go through while nothing else is done. */
const maxForThree = 500;

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
 * The items that a set has lost, and those that it never had, by name wherever that can be proven. Per policy type the set
 * knows how many there were, and the XOR of their hashes: the lost ones are those whose hashes make up the
 * difference. They are looked for among the records of the schedule, which may say otherwise now from when to when they hold,
 * and among the snapshots that nothing refers to.
 * @param present what the set still has, by policy type
 * @param known ids of items that are known to be damaged
 */
export async function findLostItems(
  db: Tx,
  set: Pick<BackupSet, "id" | "backup_schedule_id" | "item_parity">,
  types: Readonly<Record<string, Pick<TypeSummary, "captured">>>,
  present: ReadonlyMap<string, Present>,
  known: ReadonlySet<number | null>,
): Promise<VerifyFault[]> {
  const recorded = (set.item_parity ?? {}) as Record<string, string>;
  const faults: VerifyFault[] = [];
  for (const [policy_type, { captured }] of Object.entries(types)) {
    const count = present.get(policy_type)?.count ?? 0;
    const lost = captured - count;
    if (lost === 0) continue;
    const difference =
      parityOf(recorded[policy_type] ?? "0") ^ parityOf(present.get(policy_type)?.parity ?? "0");
    if (lost < 0) {
      faults.push(...(await foreignItems(db, set, policy_type, -lost, difference, known)));
      continue;
    }
    const items = await identify(db, set, policy_type, lost, difference);
    for (const { has_record, ...item } of items) {
      const why = has_record ? "where its record ends was changed" : "its record was removed";
      faults.push({
        problem: "item_missing",
        message: `"${item.display_name}" is no longer in the set: ${why}.`,
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

/** Items that a set never had, by their records. Those that are known to be damaged are told already. */
async function foreignItems(
  db: Tx,
  set: Pick<BackupSet, "id">,
  policyType: string,
  count: number,
  difference: bigint,
  known: ReadonlySet<number | null>,
): Promise<VerifyFault[]> {
  const held = await db.$queryRaw<(LostItem & { id: bigint })[]>`
    SELECT id, graph_id, display_name, sha256 FROM backup_items
    WHERE backup_set_id = ${set.id} AND policy_type = ${policyType} ORDER BY id DESC LIMIT ${maxHeld}`;
  const found = thoseThatMakeUp(difference, count, held) ?? [];
  return found
    .filter(({ id }) => !known.has(Number(id)))
    .map(({ id, ...item }) => ({
      problem: "item_damaged",
      message: `"${item.display_name}" was not in the set: where its record ends was changed.`,
      item_id: Number(id),
      policy_type: policyType,
      ...item,
    }));
}

async function identify(
  db: Tx,
  set: Pick<BackupSet, "id" | "backup_schedule_id">,
  policyType: string,
  lost: number,
  difference: bigint,
): Promise<LostItem[]> {
  // Those first whose records are not as they were written, then those that held shortly before or after.
  const recorded = await db.$queryRaw<LostItem[]>`
    SELECT r.graph_id, r.display_name, r.sha256, true AS has_record FROM item_ranges r
    WHERE r.policy_type = ${policyType} AND r.backup_schedule_id = ${set.backup_schedule_id}
      AND NOT EXISTS (SELECT FROM item_ranges i
                      WHERE i.tenant_id = r.tenant_id AND i.policy_type = r.policy_type AND i.graph_id = r.graph_id
                        AND i.backup_schedule_id = r.backup_schedule_id
                        AND i.from_set_id <= ${set.id} AND i.until_set_id > ${set.id})
    ORDER BY ${isSealed}, least(abs(r.from_set_id - ${set.id}), abs(r.until_set_id - ${set.id})), r.graph_id, r.id
    LIMIT ${maxCandidates}`;
  const chosen = thoseThatMakeUp(difference, lost, recorded);
  if (chosen) return chosen;
  if (lost === 1) {
    const item = await fromSnapshot(db, difference);
    return item ? [item] : [];
  }
  return thoseThatMakeUp(difference, lost, [...recorded, ...(await unreferenced(db))]) ?? [];
}

/** Policies whose snapshots nothing refers to, as a record leaves them that is lost. */
async function unreferenced(db: Tx): Promise<LostItem[]> {
  const rows = await db.$queryRaw<{ sha256: string; encoding: string; content: Uint8Array }[]>`
    SELECT s.sha256, s.encoding, s.content FROM snapshots s
    WHERE NOT EXISTS (SELECT FROM item_ranges r WHERE r.tenant_id = s.tenant_id AND r.sha256 = s.sha256)
      AND NOT EXISTS (SELECT FROM staged_items i WHERE i.tenant_id = s.tenant_id AND i.sha256 = s.sha256)
      AND NOT EXISTS (SELECT FROM backup_sets b WHERE b.tenant_id = s.tenant_id AND b.names_sha256 = s.sha256)
    ORDER BY s.sha256 LIMIT ${maxCandidates}`;
  const items = await Promise.all(rows.map(itemOf));
  return items.flatMap((item) => item ?? []);
}

/** The `count` candidates whose hashes XOR to the difference; null when there are none, or too many to try. */
function thoseThatMakeUp<I extends LostItem>(
  difference: bigint,
  count: number,
  candidates: readonly I[],
): I[] | null {
  if (count > candidates.length) return null;
  if (count === candidates.length) {
    const all = candidates.reduce((parity, item) => parity ^ prefixOf(item), 0n);
    return all === difference ? [...candidates] : null;
  }
  if (count > 3 || (count === 3 && candidates.length > maxForThree)) return null;
  const prefixes = candidates.map(prefixOf);
  const places = new Map<bigint, number[]>();
  for (const [place, prefix] of prefixes.entries()) {
    const same = places.get(prefix);
    if (same) same.push(place);
    else places.set(prefix, [place]);
  }
  /** The first of them from there on; of the last one it is known which it must be. */
  const choose = (rest: bigint, from: number, left: number): number[] | null => {
    if (left === 1) {
      const last = places.get(rest)?.find((place) => place >= from);
      return last === undefined ? null : [last];
    }
    for (const [offset, prefix] of prefixes.slice(from).entries()) {
      const others = choose(rest ^ prefix, from + offset + 1, left - 1);
      if (others) return [from + offset, ...others];
    }
    return null;
  };
  const chosen = choose(difference, 0, count);
  return chosen?.flatMap((place) => candidates[place] ?? []) ?? null;
}

/** The policy whose snapshot's hash begins with these 64 bits, as the snapshot itself tells it. */
async function fromSnapshot(db: Tx, prefix: bigint): Promise<LostItem | null> {
  const begin = prefix.toString(16).padStart(16, "0");
  const [row] = await db.$queryRaw<{ sha256: string; encoding: string; content: Uint8Array }[]>`
    SELECT sha256, encoding, content FROM snapshots
    WHERE sha256 >= ${begin} AND sha256 < ${`${begin}g`} AND left(sha256, 16) = ${begin} LIMIT 1`;
  return row ? itemOf(row) : null;
}

/** A policy as its snapshot tells it; null when the snapshot does not. */
async function itemOf(row: {
  sha256: string;
  encoding: string;
  content: Uint8Array;
}): Promise<LostItem | null> {
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
