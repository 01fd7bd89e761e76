import { alertsActor } from "#lib/access/actor";
import type { ChangesInWords } from "#lib/delivery/message";
import { AppError } from "#lib/errors";
import { pageSizes } from "#lib/limits";
import { compareSets } from "./compare.ts";
import { compareItems } from "./items.ts";
import { linesInWords, policiesMost } from "./lines-in-words.ts";
import type { ChangeCounts, ComparisonRow } from "./schema.ts";

/** Of a policy in whose differences nothing has a name. */
const changedSomehow = "Changed since it was last backed up";
/** Of one whose documents cannot be compared. */
const unreadable = "Changed since it was last backed up; a stored copy of it is damaged";

/**
 * What changed with a set since the one before, in words as the comparison says it: for messages.
 * @returns policies in the order of the comparison, a line a setting, each that is told at least as changed; none of a set that has
 *   none before
 */
export async function describeChanges(tenantId: number, setId: number): Promise<ChangesInWords> {
  const { left, counts, types, items, whole_before } = await compareSets(alertsActor, tenantId, {
    set_id: setId,
    changes: ["changed"],
    limit: policiesMost,
  });
  const pairs = left ? items.map((row) => pairOf(row, left.id)) : [];
  let changed = counts.changed;
  // What the set before lacks is compared with the one that has it, as the run's own counts are.
  const partly = new Set(types.flatMap(({ policy_type, counts }) => (hasSome(counts) ? [policy_type] : [])));
  for (const { set_id, policy_types } of whole_before) {
    const since = await changedSince(tenantId, setId, set_id, {
      lacked: policy_types.filter((type) => !partly.has(type)),
      partlyLacked: policy_types.filter((type) => partly.has(type)),
    });
    changed += since.count;
    pairs.push(...since.pairs.slice(0, policiesMost - pairs.length));
  }
  const policies: ChangesInWords["policies"] = [];
  for (const { name, item_id, with_set_id, with_item_id } of pairs) {
    const compared = await compareItems(alertsActor, tenantId, {
      set_id: setId,
      item_id,
      with_set_id,
      with_item_id,
    }).catch((error: unknown) => {
      // One damaged copy takes no word from the others.
      if (error instanceof AppError && error.code === "INTERNAL") return null;
      throw error;
    });
    const words = compared?.words ?? [];
    const said =
      words.length > 0
        ? linesInWords(words)
        : { lines: [compared === null ? unreadable : changedSomehow], more: 0 };
    policies.push({ name, ...said });
  }
  return { policies, more: changed - pairs.length };
}

/** A policy of a set, and what it was before. */
interface Pair {
  name: string;
  item_id: number;
  with_set_id: number;
  with_item_id: number;
}

function pairOf({ left, right }: ComparisonRow, with_set_id: number): Pair {
  if (!left || !right) throw new Error("A policy that has changed is in both sets");
  return { name: right.display_name, item_id: right.item_id, with_set_id, with_item_id: left.item_id };
}

/** Whether the older side of a comparison has policies of a type. */
function hasSome({ unchanged, changed, removed }: ChangeCounts): boolean {
  return unchanged + changed + removed > 0;
}

/**
 * The policies that the set before lacks and that are otherwise than in an older set.
 * @param types those of which the set before has no policy, and those of which it lacks some: of these a page is looked at
 * @returns some of the policies, and how many there are
 */
async function changedSince(
  tenantId: number,
  setId: number,
  olderId: number,
  types: { lacked: readonly string[]; partlyLacked: readonly string[] },
): Promise<{ pairs: Pair[]; count: number }> {
  const changed = {
    set_id: setId,
    with_set_id: olderId,
    changes: ["changed" as const],
    limit: pageSizes.most,
  };
  const pairs: Pair[] = [];
  let count = 0;
  if (types.lacked.length > 0) {
    const found = await compareSets(alertsActor, tenantId, changed);
    const ofThese = ({ policy_type }: { policy_type: string }) => types.lacked.includes(policy_type);
    pairs.push(...found.items.filter(ofThese).map((row) => pairOf(row, olderId)));
    for (const { counts } of found.types.filter(ofThese)) count += counts.changed;
  }
  for (const policy_type of types.partlyLacked) {
    const { items } = await compareSets(alertsActor, tenantId, { ...changed, policy_type });
    const { limit } = changed;
    const asked = { set_id: setId, changes: ["not_captured" as const], policy_type, limit };
    const lacked = await compareSets(alertsActor, tenantId, asked);
    const ids = new Set(lacked.items.map(({ right }) => right?.graph_id));
    const found = items.filter(({ right }) => ids.has(right?.graph_id));
    pairs.push(...found.map((row) => pairOf(row, olderId)));
    count += found.length;
  }
  return { pairs, count };
}
