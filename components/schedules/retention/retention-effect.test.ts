import { expect, test } from "vitest";
import type { RetentionPreview } from "#lib/retention/retention";
import { perRule } from "#lib/retention/rules";
import { effectOf, rulesOf, sameRules } from "./retention-effect.ts";

const rules = {
  timezone: "Europe/Berlin",
  ...perRule(({ min }) => min),
  retention_keep_last: 5,
};

test("rules are what the form's values make, once all of them are valid", () => {
  expect(rulesOf({ ...rules, name: "Nightly" })).toEqual(rules);
  expect(rulesOf({ ...rules, retention_keep_last: Number.NaN })).toBeNull();
  expect(rulesOf({ ...rules, retention_keep_daily: 1.5 })).toBeNull();
  expect(rulesOf({ ...rules, timezone: "Europe/Atlantis" })).toBeNull();
});

test("the zone makes a difference only where periods of its calendar are counted", () => {
  expect(sameRules(rules, { ...rules })).toBe(true);
  expect(sameRules(rules, { ...rules, retention_keep_last: 4 })).toBe(false);
  expect(sameRules(rules, { ...rules, timezone: "UTC" })).toBe(true);
  const daily = { ...rules, retention_keep_daily: 7 };
  expect(sameRules(daily, { ...daily, timezone: "UTC" })).toBe(false);
});

test("an effect counts all, names the newest, and tells what only a pin or being the last complete one keeps", () => {
  const set = (id: number) => ({ id, created_at: `2026-11-${String(id).padStart(2, "0")}T01:00:00.000Z` });
  const preview = {
    // Not all of them are named.
    removed_count: 12_000,
    kept_count: 9_000,
    removed: Array.from({ length: 20 }, (_, index) => set(25 - index)),
    kept: [
      { ...set(30), reasons: ["last"] },
      { ...set(29), reasons: ["pinned", "last_success"] },
      { ...set(28), reasons: ["pinned", "daily"] },
      { ...set(3), reasons: ["last_success"] },
    ],
  } as unknown as RetentionPreview;
  const effect = effectOf(preview);
  expect(effect).toMatchObject({ removed: 12_000, kept: 9_000 });
  expect(effect.removed_first.map(({ id }) => id)).toEqual([25, 24, 23, 22, 21, 20, 19, 18]);
  expect(effect.spared_first).toEqual([
    { ...set(29), why: "pinned" },
    { ...set(3), why: "last_success" },
  ]);
});
