import { expect, test } from "vitest";
import { changesNote, noChangesText, percentText, ratioText, storedText, trendOf } from "./figure-text.ts";

test.each([
  [null, "–"],
  [0, "0%"],
  [1, "100%"],
  [0.99999, "99.9%"],
  [0.0001, "0.1%"],
  [0.9821, "98.2%"],
  [0.914, "91%"],
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

test("that nothing has changed is said where a backup had one before it, by figure and chart alike", () => {
  const facts = (compared: boolean, success: number, partial: number) => ({
    compared,
    days: [
      { success: 0, partial: 0 },
      { success, partial },
    ],
  });
  const told = (of: ReturnType<typeof facts>) => [
    changesNote(of, 0),
    noChangesText(of).replace(/\..*/, "").toLowerCase(),
  ];
  const both = (words: string) => [words, words];
  expect(told(facts(true, 2, 0))).toEqual(both("nothing has changed"));
  expect(told(facts(true, 0, 1))).toEqual(both("nothing has changed"));
  expect(told(facts(false, 1, 0))).toEqual(both("nothing to compare with yet"));
  expect(told(facts(false, 0, 1))).toEqual(both("nothing to compare with yet"));
  expect(told(facts(false, 0, 0))).toEqual(both("no backup has looked"));
  expect(changesNote(facts(true, 1, 0), 3)).toBe("found by backups");
});

test("what is stored is told with the sets that hold it, those in the bin too", () => {
  const rest = ": a policy is stored anew only when it has changed.";
  expect(storedText({ items: 300, sets: 2, binned_sets: 1, ratio: 12.34 })).toBe(
    `300 policies and foundations in 3 backup sets, 1 of them in the bin; 12 × smaller than as plain files${rest}`,
  );
  expect(storedText({ items: 1, sets: 1, binned_sets: 0, ratio: 1.42 })).toBe(
    `1 policy or foundation in 1 backup set; 1.4 × smaller than as plain files${rest}`,
  );
  expect(storedText({ items: 0, sets: 0, binned_sets: 0, ratio: null })).toMatch(/^Nothing is stored yet/);
});
