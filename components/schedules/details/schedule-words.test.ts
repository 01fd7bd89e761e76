import { expect, test } from "vitest";
import { keptText, noNextRunText, noRunsText, pausesText } from "./schedule-words.ts";

const none = {
  retention_keep_last: 30,
  retention_keep_daily: 0,
  retention_keep_weekly: 0,
  retention_keep_monthly: 0,
  retention_keep_yearly: 0,
};

test("what a schedule keeps reads right for one and for many", () => {
  expect(keptText(none)).toBe("The last 30 backup sets");
  expect(keptText({ ...none, retention_keep_last: 1 })).toBe("The last backup set");
  expect(keptText({ ...none, retention_keep_daily: 7, retention_keep_monthly: 12 })).toBe(
    "The last 30 backup sets, and the newest of each of 7 days and 12 months",
  );
  expect(keptText({ ...none, retention_keep_daily: 7, retention_keep_yearly: 1 })).toBe(
    "The last 30 backup sets, and the newest of each of 7 days and 1 year",
  );
  expect(keptText({ ...none, retention_keep_weekly: 1 })).toBe(
    "The last 30 backup sets, and the newest of 1 week",
  );
});

test("so does when it pauses", () => {
  const pauses = (pause_after_failures: number, failure_streak = 0) =>
    pausesText({ pause_after_failures, failure_streak });
  expect(pauses(0)).toBe("Never");
  expect(pauses(1)).toBe("After 1 failed run");
  expect(pauses(5, 2)).toBe("After 5 failed runs in a row; 2 so far");
});

test("so does why none of its runs is due", () => {
  expect([noNextRunText(false), noNextRunText(true)]).toEqual([
    "None while disabled",
    "None while the tenant is archived",
  ]);
  expect(noRunsText({ next_run_at: "2026-11-24T01:30:00.000Z" }, false)).toMatch(/starts by itself/);
  expect(noRunsText({ next_run_at: null }, false)).toMatch(/^The schedule is disabled/);
  expect(noRunsText({ next_run_at: null }, true)).toBe("No run starts while the tenant is archived.");
});
