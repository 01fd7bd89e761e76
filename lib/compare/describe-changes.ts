import { alertsActor } from "#lib/access/actor";
import type { ChangesInWords } from "#lib/delivery/message";
import { AppError } from "#lib/errors";
import { pageSizes } from "#lib/limits";
import { compareSets, noCounts } from "./compare.ts";
import { compareItems } from "./items.ts";
import { linesInWords, policiesMost } from "./lines-in-words.ts";
import type { ComparisonRow } from "./schema.ts";

/** Of a policy in whose differences nothing has a name. */
const changedSomehow = "Changed since the backup before";
/** Of one whose documents cannot be compared. */
const unreadable = "Changed since the backup before; a stored copy of it is damaged";

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
  for (const { set_id, policy_types } of whole_before) {
    for (const policy_type of policy_types) {
      const ofType = types.find((type) => type.policy_type === policy_type)?.counts ?? noCounts();
      const lacksAll = ofType.unchanged + ofType.changed + ofType.removed === 0;
      const caughtUp = await changedSince(tenantId, setId, set_id, { policy_type, lacksAll });
      changed += caughtUp.count;
      pairs.push(...caughtUp.pairs.slice(0, policiesMost - pairs.length));
    }
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

/**
 * The policies of a type that the set before lacks and that are otherwise than in an older set.
 * @param lacksAll the set before has no policy of the type; else it lacks some, of which a page is looked at
 * @returns some of them, and how many there are
 */
async function changedSince(
  tenantId: number,
  setId: number,
  olderId: number,
  { policy_type, lacksAll }: { policy_type: string; lacksAll: boolean },
): Promise<{ pairs: Pair[]; count: number }> {
  const of = { set_id: setId, policy_type, limit: pageSizes.most };
  const { items, matching } = await compareSets(alertsActor, tenantId, {
    ...of,
    with_set_id: olderId,
    changes: ["changed"],
  });
  if (lacksAll) return { pairs: items.map((row) => pairOf(row, olderId)), count: matching.changed };
  const lacked = await compareSets(alertsActor, tenantId, { ...of, changes: ["not_captured"] });
  const ids = new Set(lacked.items.map(({ right }) => right?.graph_id));
  const pairs = items
    .filter(({ right }) => ids.has(right?.graph_id))
    .map((row) => pairOf(row, olderId));
  return { pairs, count: pairs.length };
}
