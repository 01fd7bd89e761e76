import { expect, test } from "vitest";
import { findType } from "#lib/policies/catalog";
import { planAll } from "./plan-all.ts";

test("what a person must decide is called by its name in the backup, where it has one", () => {
  const type = findType("deviceCategory");
  if (!type) throw new Error("The catalog has no such type.");
  const item = {
    id: 1,
    type,
    backup: { id: "a", displayName: "Warehouse", roleScopeTagIds: ["5", "6"] },
    match: "none" as const,
    live: null,
    mode: { kind: "inPlace" as const },
    isSkipped: false,
    secrets: new Map(),
  };
  const { plans } = planAll([item], {
    known: { source: [{ kind: "scopeTag", id: "5", name: "Berlin" }], target: [] },
    decisions: new Map(),
    breakGlass: { users: [], groups: [] },
    graphUrl: "https://graph.microsoft.com",
  });
  const plan = plans.get(1);
  expect(plan?.outcome === "blocked" && plan.reasons.map(({ message }) => message)).toEqual([
    "There is no scope tag “Berlin”: choose another, or leave it out.",
    "There is no scope tag 6: choose another, or leave it out.",
  ]);
});
