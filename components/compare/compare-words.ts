import type { ComparedSet, ItemChange } from "#lib/compare/schema";

/** The kinds of change in the order in which they are offered. */
export const changeOrder = ["added", "removed", "changed", "not_captured", "unchanged"] as const;

/** What the kinds of change are called between two sets of one tenant. */
export const changeLabels: Record<ItemChange, string> = {
  added: "Added",
  removed: "Removed",
  changed: "Changed",
  not_captured: "Not captured",
  unchanged: "Unchanged",
};

/** What they are called between two tenants, where nothing was added or removed by anybody. */
export const tenantChangeLabels: Record<ItemChange, string> = {
  added: "Only here",
  removed: "Only there",
  changed: "Different",
  not_captured: "Not captured",
  unchanged: "Same",
};

/** A kind of change as a query parameter; undefined for anything else. */
export function changeOf(text: string | undefined): ItemChange | undefined {
  return changeOrder.find((change) => change === text);
}

/** The kind of change that it is when both sides are swapped. */
export function swappedChange(change: ItemChange): ItemChange {
  return change === "added" ? "removed" : change === "removed" ? "added" : change;
}

/**
 * Under what other name the left side has a policy; null where nothing is to be said. Another tenant's policy is another one: it
 * never was called otherwise, and the two were paired by their name in whichever letter case.
 */
export function otherNameText(left: string, right: string, across: boolean): string | null {
  if (left === right) return null;
  if (!across) return `was called ${left}`;
  return left.toLowerCase() === right.toLowerCase() ? null : `called ${left} there`;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How far apart two instants are: `20 s`, `5 min`, `3 h`, `2 days`. */
export function apartText(a: string, b: string): string {
  const apart = Math.abs(new Date(a).getTime() - new Date(b).getTime());
  if (apart < minute) return `${Math.round(apart / 1000)} s`;
  if (apart < 59.5 * minute) return `${Math.round(apart / minute)} min`;
  if (apart < 36 * hour) return `${Math.round(apart / hour)} h`;
  return `${Math.round(apart / day)} days`;
}

/** `Set 31 with set 28, made 3 days earlier, both of Nightly.` */
export function comparisonSentence(left: ComparedSet, right: ComparedSet): string {
  if (left.id === right.id) return `Set ${right.id} of ${right.schedule_name} with itself.`;
  const order = left.created_at <= right.created_at ? "earlier" : "later";
  const apart = `made ${apartText(left.created_at, right.created_at)} ${order}`;
  return left.backup_schedule_id === right.backup_schedule_id
    ? `Set ${right.id} with set ${left.id}, ${apart}, both of ${right.schedule_name}.`
    : `Set ${right.id} of ${right.schedule_name} with set ${left.id} of ${left.schedule_name}, ${apart}.`;
}

/** What a reader should know of two sets before trusting the counts. */
export function comparisonNotes(
  left: ComparedSet,
  right: ComparedSet,
  notCaptured: number,
  across: boolean,
): string[] {
  const notes: string[] = [];
  const count = (policies: number) => `${policies} ${policies === 1 ? "policy" : "policies"}`;
  if (notCaptured > 0) {
    notes.push(
      `One of the sets did not read every policy type as a whole. Of ${count(notCaptured)} nobody can say whether both ` +
        "would have had them: they are under Not captured, and counted neither as added nor as removed.",
    );
  }
  for (const set of [left, right]) {
    if (set.deleted_at)
      notes.push(`Set ${set.id} is in the bin. It can be compared until it is removed for good.`);
  }
  if (!across && left.created_at > right.created_at) {
    notes.push(
      `The newer set is on the left: Added means that set ${left.id} no longer has it, Removed that it was new there.`,
    );
  }
  return notes;
}

/** So many policy types are named; more are counted. */
const typesNamed = 3;

/** `Set 28, which is older, has all policies of App protection, Scripts, and 4 more types.` @param types their names */
export function wholeBeforeText(setId: number, types: readonly string[]): string {
  const more = types.length - typesNamed;
  const named = more > 1 ? [...types.slice(0, typesNamed), `${more} more types`] : types;
  return `Set ${setId}, which is older, has all policies of ${new Intl.ListFormat("en").format(named)}.`;
}

/** How many policies are not the same in both sets. */
export function differenceCount(counts: Record<ItemChange, number>): number {
  return counts.added + counts.removed + counts.changed + counts.not_captured;
}
