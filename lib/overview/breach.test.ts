import { expect, test } from "vitest";
import { isInBreach, missedOccurrences, type PromisedBackups } from "./breach.ts";

const daily: PromisedBackups = {
  id: 1,
  timezone: "Europe/Berlin",
  frequency: "daily",
  time_of_day: "02:00:00",
  days_of_week: null,
  start_window_minutes: 0,
  last_complete_at: new Date("2026-11-16T01:05:00Z"),
  created_at: new Date("2026-01-01T00:00:00Z"),
};
const weekly: PromisedBackups = { ...daily, frequency: "weekly", days_of_week: [1] };
const workdays: PromisedBackups = { ...daily, frequency: "weekly", days_of_week: [1, 2, 3, 4, 5] };

// 16 November 2026 is a Monday; 02:00 in Berlin is 01:00 UTC.
test.each<[string, PromisedBackups, string, boolean]>([
  ["a daily one may miss one", daily, "2026-11-18T01:00:00Z", false],
  ["and has two hours for the next run", daily, "2026-11-18T03:00:00Z", false],
  ["but not miss two", daily, "2026-11-18T03:00:01Z", true],
  ["a weekly one is not due for a week", weekly, "2026-11-23T01:00:00Z", false],
  ["and has a day to be fixed", weekly, "2026-11-24T03:00:00Z", false],
  ["and no more", weekly, "2026-11-24T03:00:01Z", true],
  [
    "the weekend is no breach for workdays",
    { ...workdays, last_complete_at: new Date("2026-11-20T01:05:00Z") },
    "2026-11-23T20:00:00Z",
    false,
  ],
  [
    "Monday and Tuesday are",
    { ...workdays, last_complete_at: new Date("2026-11-20T01:05:00Z") },
    "2026-11-24T03:00:01Z",
    true,
  ],
  [
    "a new one has time for its first backup",
    { ...daily, last_complete_at: null, created_at: new Date("2026-11-16T12:00:00Z") },
    "2026-11-17T20:00:00Z",
    false,
  ],
  [
    "and not for ever",
    { ...daily, last_complete_at: null, created_at: new Date("2026-11-16T12:00:00Z") },
    "2026-11-18T03:00:01Z",
    true,
  ],
  [
    "a backup by hand counts",
    { ...daily, last_complete_at: new Date("2026-11-17T14:00:00Z") },
    "2026-11-19T02:00:00Z",
    false,
  ],
  [
    "the night of a clock change is no exception",
    { ...daily, time_of_day: "02:30:00", last_complete_at: new Date("2026-03-28T01:35:00Z") },
    "2026-03-30T03:30:01Z",
    true,
  ],
  [
    "a rule that is not understood makes no backup",
    { ...daily, timezone: "Mars/Olympus" },
    "2026-11-17T04:00:00Z",
    true,
  ],
])("%s", (_, schedule, now, breach) => {
  expect(isInBreach(schedule, new Date(now))).toBe(breach);
});

test("what was missed is counted in occurrences", () => {
  const now = new Date("2026-11-24T20:00:00Z");
  expect([daily, weekly, workdays].map((schedule) => missedOccurrences(schedule, now))).toEqual([8, 1, 6]);
});
