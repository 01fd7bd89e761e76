import { describe, expect, test } from "vitest";
import { type DueSchedule, planDispatch, skippedForActiveRun } from "./plan-dispatch.ts";
import { startOffsetMinutes } from "./timing.ts";

const hour = 3_600_000;

function due(changes: Partial<DueSchedule>): DueSchedule {
  return {
    id: 1,
    tenant_id: 1,
    name: "Nightly",
    timezone: "UTC",
    frequency: "daily",
    time_of_day: "02:00:00",
    days_of_week: [],
    start_window_minutes: 0,
    missed_run_policy: "run_latest",
    next_run_at: new Date("2026-03-01T02:00:00Z"),
    now: new Date("2026-03-01T02:00:01Z"),
    carried_nominal_at: null,
    carried_since: null,
    carried_missed: 0,
    ...changes,
  };
}

function plan(changes: Partial<DueSchedule>) {
  const [run] = planDispatch([due(changes)]).runs;
  if (!run) throw new Error("no run was planned");
  return {
    status: run.status,
    scheduled_for: run.scheduled_for.toISOString(),
    missed: run.missed_occurrences,
    error_code: run.error_code,
    next: run.next_run_at.toISOString(),
  };
}

describe("an occurrence", () => {
  test("on time runs, and the next one follows", () => {
    expect(plan({})).toEqual({
      status: "running",
      scheduled_for: "2026-03-01T02:00:00.000Z",
      missed: 0,
      error_code: null,
      next: "2026-03-02T02:00:00.000Z",
    });
  });

  test.each(["run_latest", "skip"] as const)(
    "a few minutes late runs all the same (%s)",
    (missed_run_policy) => {
      const late = plan({ missed_run_policy, now: new Date("2026-03-01T02:09:00Z") });
      expect(late).toMatchObject({ status: "running", missed: 0 });
    },
  );

  test("after a 6-hour outage runs once, or is skipped, as the schedule says", () => {
    const now = new Date("2026-03-01T08:00:00Z");
    expect(plan({ now })).toMatchObject({ status: "running", missed: 0, error_code: null });
    expect(plan({ now, missed_run_policy: "skip" })).toMatchObject({
      status: "skipped",
      error_code: "MISSED_WINDOW",
    });
  });

  test("after a 3-day outage: the newest runs and counts the older ones", () => {
    expect(plan({ now: new Date("2026-03-04T08:00:00Z") })).toEqual({
      status: "running",
      scheduled_for: "2026-03-04T02:00:00.000Z",
      missed: 3,
      error_code: null,
      next: "2026-03-05T02:00:00.000Z",
    });
    expect(plan({ now: new Date("2026-03-04T08:00:00Z"), missed_run_policy: "skip" })).toMatchObject({
      status: "skipped",
      scheduled_for: "2026-03-04T02:00:00.000Z",
      missed: 3,
      error_code: "MISSED_WINDOW",
    });
  });

  test("more than 24 hours old is never caught up", () => {
    const weekly = { frequency: "weekly" as const, days_of_week: [7], now: new Date("2026-03-03T08:00:00Z") };
    expect(plan(weekly)).toMatchObject({
      status: "skipped",
      error_code: "MISSED_WINDOW",
      next: "2026-03-08T02:00:00.000Z",
    });
    const exactly = new Date(new Date("2026-03-01T02:00:00Z").getTime() + 24 * hour);
    expect(plan({ ...weekly, now: exactly })).toMatchObject({ status: "running" });
  });

  test("that meets an active run is skipped, and its schedule advances all the same", () => {
    const [run] = planDispatch([due({})]).runs;
    if (!run) throw new Error("no run was planned");
    expect(skippedForActiveRun(run)).toEqual({
      ...run,
      status: "skipped",
      error_code: "CONCURRENT_RUN",
      error_message: "Another run of this schedule was still active.",
    });
  });

  test("is known by its nominal time, whatever the start offset", () => {
    const window = { id: 1, start_window_minutes: 60 };
    const offset = startOffsetMinutes(1, 60);
    const start = new Date(new Date("2026-03-01T02:00:00Z").getTime() + offset * 60_000);
    const [run] = planDispatch([due({ ...window, next_run_at: start, now: start })]).runs;
    expect(run?.nominal_at).toEqual(new Date("2026-03-01T02:00:00Z"));
    expect(run?.scheduled_for).toEqual(start);
  });

  test("that was carried over an edit runs as itself; the new rule counts from the edit on", () => {
    const carried = {
      time_of_day: "04:00:00",
      next_run_at: new Date("2026-03-01T05:00:00Z"),
      carried_nominal_at: new Date("2026-03-01T02:00:00Z"),
      carried_since: new Date("2026-03-01T05:00:00Z"),
      carried_missed: 2,
    };
    const [run] = planDispatch([due({ ...carried, now: new Date("2026-03-01T05:00:20Z") })]).runs;
    expect(run).toMatchObject({
      status: "running",
      nominal_at: carried.carried_nominal_at,
      scheduled_for: carried.next_run_at,
      missed_occurrences: 2,
      next_run_at: new Date("2026-03-02T04:00:00Z"),
    });
  });

  test("is not repeated when the clock jumps back an hour after it ran", () => {
    // The due time has moved on to the next day; an hour back it is simply not due (the claim's condition).
    const after = plan({});
    expect(new Date(after.next).getTime()).toBeGreaterThan(new Date("2026-03-01T03:00:00Z").getTime());
  });

  test("runs once in a jump forward over it, and the one after is not lost", () => {
    const jumped = plan({ now: new Date("2026-03-01T03:00:00Z") });
    expect(jumped).toMatchObject({ status: "running", scheduled_for: "2026-03-01T02:00:00.000Z" });
    expect(jumped.next).toBe("2026-03-02T02:00:00.000Z");
  });

  test("in a spring gap runs at the shifted instant", () => {
    const berlin = {
      timezone: "Europe/Berlin",
      time_of_day: "02:30:00",
      next_run_at: new Date("2026-03-28T01:30:00Z"),
      now: new Date("2026-03-28T01:30:00Z"),
    };
    expect(plan(berlin).next).toBe("2026-03-29T01:30:00.000Z");
  });
});

test("a rule that this runtime cannot compute is set aside; the others go on", () => {
  const { runs, unusable } = planDispatch([due({ id: 1, timezone: "Europe/Atlantis" }), due({ id: 2 })]);
  expect(runs.map((run) => run.backup_schedule_id)).toEqual([2]);
  expect(unusable).toMatchObject([{ id: 1, reason: expect.stringContaining("timezone") }]);
});

test("the start offset is the same at each occurrence and lies within the window", () => {
  const offsets = new Set<number>();
  for (let id = 1; id <= 500; id += 1) {
    const [run] = planDispatch([due({ id, start_window_minutes: 60 })]).runs;
    const minutes = ((run?.next_run_at.getTime() ?? 0) - new Date("2026-03-01T02:00:00Z").getTime()) / 60_000;
    // The due time of the case itself has no offset; a schedule with one is due again the same day.
    const offset = minutes % (24 * 60);
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset).toBeLessThan(60);
    offsets.add(offset);
  }
  expect(offsets.size).toBeGreaterThan(50);
});
