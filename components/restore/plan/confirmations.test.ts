import { expect, test } from "vitest";
import { isConfirmed, toggled } from "./confirmations.ts";

const item = (item_id: number, changes: string, why = ["It is enabled."]) => ({
  item_id,
  policy_type: "conditionalAccessPolicy",
  display_name: `Policy ${item_id}`,
  why,
  changes_sha256: changes.padEnd(64, "0"),
});

test("a confirmation holds as long as the plan says the same of its policy, whatever becomes of the others", () => {
  const confirmed = toggled(toggled(new Map(), item(1, "a")), item(2, "b"));
  expect(isConfirmed(confirmed, item(1, "a"))).toBe(true);
  // The second was planned anew, and would change something else; or for another reason.
  expect(isConfirmed(confirmed, item(2, "c"))).toBe(false);
  expect(isConfirmed(confirmed, item(2, "b", ["It is enabled.", "It is for all users."]))).toBe(false);
  expect(isConfirmed(confirmed, item(3, "a"))).toBe(false);
});

test("what changed is confirmed anew, and a confirmation can be taken back", () => {
  const before = toggled(new Map(), item(2, "b"));
  const anew = toggled(before, item(2, "c"));
  expect(isConfirmed(anew, item(2, "c"))).toBe(true);
  expect(isConfirmed(toggled(anew, item(2, "c")), item(2, "c"))).toBe(false);
});
