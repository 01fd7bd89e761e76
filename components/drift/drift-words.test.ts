import { expect, test } from "vitest";
import { coverageText, driftRemark, endOfDay } from "./drift-words.ts";

test("an acceptance holds through its last day", () => {
  const end = endOfDay("2026-12-31") ?? "";
  expect(new Date(Date.parse(end) - 1).getDate()).toBe(31);
  expect(new Date(end).getFullYear()).toBe(2027);
  expect([endOfDay(""), endOfDay("2026-1-1"), endOfDay("soon")]).toEqual([null, null, null]);
});

test("words for the baseline, and for what is new again or gone", () => {
  expect(coverageText({ coverage: "all", items: 1 })).toBe("all 1 policy of the set");
  expect(coverageText({ coverage: "items", items: 1_200 })).toBe("1,200 policies that were chosen");
  expect(driftRemark({ renewed: "changed", gone_why: null })).toMatch(/changed since/);
  expect(driftRemark({ renewed: "changed", gone_why: "returned" })).toMatch(/baseline again/);
  expect(driftRemark({ renewed: null, gone_why: null })).toBeNull();
});
