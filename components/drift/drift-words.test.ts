import { expect, test } from "vitest";
import { coverageText, driftRemark, endOfDay } from "./drift-words.ts";

test("an acceptance holds through its last day in the zone that the viewer has chosen", () => {
  expect(endOfDay("2026-12-31", "Pacific/Auckland")).toBe("2026-12-31T11:00:00.000Z");
  expect(endOfDay("2026-12-31", "America/New_York")).toBe("2027-01-01T05:00:00.000Z");
  // Midnight is skipped there: the day ends with the hour that is.
  expect(endOfDay("2024-09-07", "America/Santiago")).toBe("2024-09-08T04:00:00.000Z");
  expect(endOfDay("", "UTC")).toBeNull();
});

test("what is no day is never taken for none, which would accept without an end", () => {
  for (const typed of ["0026-12-31", "2026-1-1", "soon", "2026-02-30"])
    expect(endOfDay(typed, "UTC")).toBeUndefined();
});

test("words for the baseline, and for what is new again or gone", () => {
  expect(coverageText({ coverage: "all", items: 1 })).toBe("all 1 policy of the set");
  expect(coverageText({ coverage: "items", items: 1_200 })).toBe("1,200 policies that were chosen");
  expect(driftRemark({ kind: "changed", renewed: "changed", gone_why: null })).toMatch(/changed since/);
  for (const kind of ["changed", "removed"] as const)
    expect(driftRemark({ kind, renewed: "changed", gone_why: "returned" })).toMatch(/baseline again/);
  expect(driftRemark({ kind: "added", renewed: null, gone_why: null })).toBeNull();
});

test("an added policy is never called as the baseline, which may have one of its name that is otherwise", () => {
  expect(driftRemark({ kind: "added", renewed: null, gone_why: "returned" })).toBe(
    "Adds nothing to the baseline any more",
  );
});
