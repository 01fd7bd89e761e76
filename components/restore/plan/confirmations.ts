import type { RestoreDetails } from "./restore-details.ts";

type ToConfirm = RestoreDetails["to_confirm"][number];

/** What was confirmed, by the item's id: what the plan said of it then. */
export type Confirmed = ReadonlyMap<number, string>;

/** What one item asks to be confirmed. It is another text once the plan would do something else, or for another reason. */
function askedOf({ changes_sha256, why }: ToConfirm): string {
  return JSON.stringify([changes_sha256, why]);
}

/** Whether an item is confirmed as the plan has it now: of one that was planned otherwise since, it is asked anew. */
export function isConfirmed(confirmed: Confirmed, item: ToConfirm): boolean {
  return confirmed.get(item.item_id) === askedOf(item);
}

/** Confirms an item, or takes that back. */
export function toggled(confirmed: Confirmed, item: ToConfirm): Confirmed {
  const after = new Map(confirmed);
  if (isConfirmed(confirmed, item)) after.delete(item.item_id);
  else after.set(item.item_id, askedOf(item));
  return after;
}
