import { expect, test } from "vitest";
import { type BulkTarget, planBulk } from "./bulk-plan.ts";
import { deleteReport, enableReport, runReport } from "./bulk-report.ts";

const target = (id: number, more: Partial<BulkTarget> = {}): BulkTarget => ({
  id,
  name: `Schedule ${id}`,
  is_enabled: true,
  active_run_id: null,
  has_ended_run: true,
  last_run_status: "failed",
  ...more,
});

test("a bulk Run now reports each run, and what was left alone and refused", () => {
  const plan = planBulk("start", [target(1), target(2), target(3), target(4, { active_run_id: 40 })]);
  const report = runReport(plan, {
    started: 1,
    already_running: 1,
    refused: 1,
    results: [
      { schedule_id: 1, name: "Schedule 1", outcome: "started", run_id: 10, reason: null },
      { schedule_id: 2, name: "Schedule 2", outcome: "already_running", run_id: 20, reason: "active" },
      { schedule_id: 3, name: null, outcome: "refused", run_id: null, reason: "There is none." },
    ],
  });
  expect(report.sentence).toBe("1 run started, 1 already running, 1 refused, 1 left as it was.");
  expect(report.asPlanned).toBe(false);
  expect(report.rows).toEqual([
    { id: 1, name: "Schedule 1", outcome: "Started", reason: null, run_id: 10 },
    { id: 2, name: "Schedule 2", outcome: "Was running already", reason: null, run_id: 20 },
    { id: 3, name: "Schedule 3", outcome: "Refused", reason: "There is none.", run_id: null },
    { id: 4, name: "Schedule 4", outcome: "Left as it was", reason: "a run is active already", run_id: 40 },
  ]);
});

test("a bulk Disable says what it changed, and how to take exactly that back", () => {
  const plan = planBulk("disable", [target(1), target(2), target(3)]);
  const report = enableReport(plan, false, { changed: [1], unchanged: [2] });
  expect(report.sentence).toBe("1 schedule disabled, 1 was already, 1 refused.");
  expect(report.rows.map((row) => row.outcome)).toEqual(["Disabled", "Was disabled already", "Refused"]);
  expect(report.undo).toEqual({ schedule_ids: [1], is_enabled: true });
});

test("a bulk Delete has no way back", () => {
  const plan = planBulk("delete", [target(1), target(2)]);
  expect(deleteReport(plan, { deleted: [1, 2] })).toMatchObject({
    sentence: "2 schedules deleted.",
    asPlanned: true,
    undo: null,
  });
  expect(deleteReport(plan, { deleted: [1] })).toMatchObject({ asPlanned: false });
});
