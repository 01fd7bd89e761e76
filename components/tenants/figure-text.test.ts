import { expect, test } from "vitest";
import { percentText, ratioText, trendOf } from "./figure-text.ts";

test.each([
  [null, "–"],
  [0, "0 %"],
  [1, "100 %"],
  [0.99999, "99.9 %"],
  [0.0001, "0.1 %"],
  [0.9821, "98.2 %"],
  [0.914, "91 %"],
])("a rate of %d is %s", (rate, words) => {
  expect(percentText(rate)).toBe(words);
});

test.each([
  [0.9, 0.889, "up 1.1 points on the 30 days before"],
  [0.5, 0.51, "down 1 point on the 30 days before"],
  [0.5, 0.5, "as in the 30 days before"],
])("from %d, before %d: %s", (now, before, words) => {
  expect(trendOf(now, before)?.words).toBe(words);
});

test("without a rate there is no trend", () => {
  expect(trendOf(0.9, null)).toBeNull();
  expect(trendOf(null, 0.9)).toBeNull();
});

test("ratios are exact where it matters", () => {
  expect([1.42, 42.7].map(ratioText)).toEqual(["1.4 ×", "43 ×"]);
});
