import { expect, test } from "vitest";
import type { FailureCause } from "#lib/overview/failure-causes";
import { extentWords, remedyPage, remedyWords } from "./failure-words.ts";

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

const newest = (schedule_is_deleted: boolean): FailureCause["newest"] => ({
  run_id: 7,
  status: "partial",
  schedule_id: 3,
  schedule_name: "Nightly",
  schedule_is_deleted,
  error_message: null,
  finished_at: "2026-11-30T02:00:00.000Z",
});

test.each<[FailureCause["error_code"], boolean, "readonly" | "manager", string | null]>([
  ["UNKNOWN_POLICY_TYPE", false, "manager", "Edit the schedule /backup-schedules/3/edit"],
  ["UNKNOWN_POLICY_TYPE", false, "readonly", null],
  // Nobody edits what is deleted.
  ["UNKNOWN_POLICY_TYPE", true, "manager", "Open the run /runs/7"],
  ["TYPE_UNAVAILABLE", true, "readonly", "Open the run /runs/7"],
  ["AUTH_CONFIG", true, "manager", "Open the connection /connection"],
  ["AUTH_CONFIG", false, "readonly", null],
  ["GRAPH_THROTTLE", true, "manager", null],
])("for %s, schedule deleted: %s, the role %s is offered %s", (error_code, deleted, role, offered) => {
  const page = remedyPage({ error_code, newest: newest(deleted) }, { role, is_archived: false });
  expect(page && `${page.label} ${page.path}`).toBe(offered);
});

test("what to do about a schedule, and to run it once more, is no advice once it is deleted", () => {
  const words = (schedules: number, deleted_schedules: number, error_code: FailureCause["error_code"]) =>
    remedyWords({ error_code, schedules, deleted_schedules });
  expect(words(1, 1, "UNKNOWN_POLICY_TYPE")).toBe("Nothing any more: the schedule was deleted.");
  expect(words(2, 2, "TYPE_UNAVAILABLE")).toBe("Nothing any more: the schedules were deleted.");
  expect(words(2, 1, "UNKNOWN_POLICY_TYPE")).toMatch(/^Edit the schedule/);
  // No page of ours helps here, and nothing is left to be retried.
  expect(words(1, 1, "GRAPH_UNAVAILABLE")).toBe("Nothing any more: the schedule was deleted.");
  expect(words(3, 3, "WORKER_LOST")).toBe("Nothing any more: the schedules were deleted.");
  expect(words(2, 1, "WORKER_LOST")).toMatch(/then retry\.$/);
  expect(words(1, 1, "AUTH_CONFIG")).toMatch(/^Open the connection/);
});
