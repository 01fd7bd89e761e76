import { alertsActor } from "#lib/access/actor";
import type { ChangesInWords } from "#lib/delivery/message";
import { AppError } from "#lib/errors";
import { type ChangedPair, changedSinceSeen } from "./changed-since-seen.ts";
import { compareSets } from "./compare.ts";
import { compareItems } from "./items.ts";
import { linesInWords, policiesMost } from "./lines-in-words.ts";
import type { ComparisonRow } from "./schema.ts";

/** Of a policy in whose differences nothing has a name. */
const changedSomehow = "Changed since it was last backed up";
/** Of one whose documents cannot be compared. */
const unreadable = "Changed since it was last backed up; a stored copy of it is damaged";

/**
 * What changed with a set since the one before, in words as the comparison says it, and of what that one lacks since it was last
 * seen, as the run has counted it: for messages.
 * @returns policies in the order of the comparison, a line a setting, each that is told at least as changed; none of a set that has
 *   none before
 */
export async function describeChanges(tenantId: number, setId: number): Promise<ChangesInWords> {
  const { left, counts, items, whole_before } = await compareSets(alertsActor, tenantId, {
    set_id: setId,
    changes: ["changed"],
    limit: policiesMost,
  });
  if (!left) return { policies: [], more: 0 };
  const pairs = items.map((row) => pairOf(row, left.id));
  let changed = counts.changed;
  const lacking = { id: left.id, backup_schedule_id: left.backup_schedule_id };
  for (const before of whole_before) {
    const since = await changedSinceSeen(alertsActor, tenantId, { set_id: setId, lacking, before });
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

function pairOf({ left, right }: ComparisonRow, with_set_id: number): ChangedPair {
  if (!left || !right) throw new Error("A policy that has changed is in both sets");
  return { name: right.display_name, item_id: right.item_id, with_set_id, with_item_id: left.item_id };
}
