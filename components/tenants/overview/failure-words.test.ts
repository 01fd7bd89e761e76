import { expect, test } from "vitest";
import { extentWords } from "./failure-words.ts";

test.each<[number, number, number, number, number, string]>([
  [1, 1, 1, 0, 0, "1 run in 14 days, not fixed yet"],
  [4, 1, 0, 1, 0, "4 runs of 1 schedule in 14 days, fixed since"],
  [4, 2, 1, 1, 0, "4 runs of 2 schedules in 14 days, 1 not fixed yet, 1 fixed since"],
  [1, 1, 0, 0, 0, "1 run in 14 days, another cause since"],
  [2, 1, 0, 0, 1, "2 runs of 1 schedule in 14 days, its schedule deleted since"],
  [2, 2, 0, 0, 2, "2 runs of 2 schedules in 14 days, all of them deleted since"],
  [
    1_200,
    1_100,
    1_000,
    50,
    20,
    "1,200 runs of 1,100 schedules in 14 days, 1,000 not fixed yet, 50 fixed since, 30 with another cause since, 20 deleted since",
  ],
])("%i runs of %i schedules, of these %i, %i, %i", (runs, schedules, unresolved, fixed, deleted, words) => {
  const states = { unresolved_schedules: unresolved, fixed_schedules: fixed, deleted_schedules: deleted };
  expect(extentWords({ runs, schedules, ...states })).toBe(words);
});
