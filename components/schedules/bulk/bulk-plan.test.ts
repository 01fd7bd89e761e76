import { describe, expect, test } from "vitest";
import { actsFor, actsOn, type BulkTarget, planBulk } from "./bulk-plan.ts";

const schedule = (over: Partial<BulkTarget>): BulkTarget => ({
  id: 1,
  name: "Nightly",
  is_enabled: true,
  active_run_id: null,
  has_ended_run: true,
  last_run_status: "failed",
  ...over,
});

describe("the acts a role is offered", () => {
  test.each([
    ["readonly", []],
    ["operator", ["Run now", "Retry"]],
    ["manager", ["Run now", "Retry", "Enable", "Disable", "Delete"]],
    ["owner", ["Run now", "Retry", "Enable", "Disable", "Delete"]],
  ] as const)("%s: %j", (role, labels) => {
    expect(actsFor({ role, is_archived: false }).map((entry) => entry.label)).toEqual(labels);
  });
});

describe("the plan of an act", () => {
  test("leaves schedules with an active run alone", () => {
    const plan = planBulk("start", [schedule({ id: 1 }), schedule({ id: 2, active_run_id: 9 })]);
    expect(plan.affected.map((target) => target.id)).toEqual([1]);
    expect(plan.left.map(({ target, reason }) => [target.id, reason])).toEqual([
      [2, "a run is active already"],
    ]);
    expect(plan.confirmLabel).toBe("Run now 1 schedule");
    expect(plan.sentence).toBe("A run starts now.");
  });

  test("has nothing to retry where no run has ended", () => {
    const plan = planBulk("retry", [schedule({ has_ended_run: false })]);
    expect(plan.affected).toEqual([]);
    expect(plan.sentence).toBe("There is nothing to do.");
  });

  test("retries what did not succeed, and is offered only where there is such a schedule", () => {
    const well = schedule({ id: 1, last_run_status: "success" });
    const broken = schedule({ id: 2, last_run_status: "partial" });
    const plan = planBulk("retry", [well, broken]);
    expect(plan.affected.map((target) => target.id)).toEqual([2]);
    expect(plan.left.map(({ reason }) => reason)).toEqual(["its last run succeeded"]);
    const operator = { role: "operator", is_archived: false } as const;
    expect(actsOn(operator, [well]).map(({ label }) => label)).toEqual(["Run now"]);
    expect(actsOn(operator, [well, broken]).map(({ label }) => label)).toEqual(["Run now", "Retry"]);
  });

  test("enables only what is disabled, and disables only what is enabled", () => {
    const both = [schedule({ id: 1, is_enabled: true }), schedule({ id: 2, is_enabled: false })];
    expect(planBulk("enable", both).affected.map((target) => target.id)).toEqual([2]);
    expect(planBulk("disable", both).affected.map((target) => target.id)).toEqual([1]);
  });

  test("deletes all of them, and says what stays", () => {
    const plan = planBulk("delete", [schedule({ id: 1 }), schedule({ id: 2, active_run_id: 9 })]);
    expect(plan.affected).toHaveLength(2);
    expect(plan.sentence).toContain("Their runs and backup sets stay. This cannot be undone.");
  });
});
