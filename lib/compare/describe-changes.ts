import { alertsActor } from "#lib/access/actor";
import type { ChangesInWords } from "#lib/delivery/message";
import { AppError } from "#lib/errors";
import { compareSets } from "./compare.ts";
import { compareItems } from "./items.ts";
import { linesInWords, policiesMost } from "./lines-in-words.ts";

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
  const { left, counts, items } = await compareSets(alertsActor, tenantId, {
    set_id: setId,
    changes: ["changed"],
    limit: policiesMost,
  });
  const policies: ChangesInWords["policies"] = [];
  for (const { left: before, right: after } of items) {
    if (!left || !before || !after) continue;
    const compared = await compareItems(alertsActor, tenantId, {
      set_id: setId,
      item_id: after.item_id,
      with_set_id: left.id,
      with_item_id: before.item_id,
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
    policies.push({ name: after.display_name, ...said });
  }
  return { policies, more: counts.changed - items.length };
}
