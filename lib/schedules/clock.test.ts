import { beforeEach, describe, expect, test } from "vitest";
import { listRuns } from "#lib/runs/list";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { deleteSchedule } from "./delete.ts";
import { getSchedule } from "./get.ts";
import type { ScheduleCreateInput } from "./schema.ts";
import { setSchedulesEnabled } from "./set-enabled.ts";
import { tick } from "./tick.ts";
import { updateSchedule } from "./update.ts";

/** Real ticks against the database, on a clock that the tests set: it jumps, and the service is away for hours. */

const world = withWorld({ policies: 10 });
const minute = 60_000;

/** A daily schedule at 02:30 in UTC, first due on 10 March 2031 (a Monday). */
async function scheduleFrom(changes: Partial<ScheduleCreateInput> = {}, due = "2031-03-10T02:30:00Z") {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, {
    timezone: "UTC",
    time_of_day: "02:30",
    ...changes,
  });
  await world.admin.query("UPDATE backup_schedules SET next_run_at = $2 WHERE id = $1", [schedule.id, due]);
  return schedule.id;
}

/** Ticks from one instant to another, and ends what it started before the next tick. */
async function service(from: string, to: string, everyMinutes = 5): Promise<void> {
  for (let at = Date.parse(from); at <= Date.parse(to); at += everyMinutes * minute) {
    await tick({ at: new Date(at).toISOString() });
    await endRuns();
  }
}

async function endRuns(): Promise<void> {
  await world.admin.query(
    "UPDATE backup_schedule_runs SET status = 'canceled', finished_at = now() WHERE status = 'running'",
  );
}

/** What became of a schedule's occurrences, oldest first; `run` is one that was started. */
async function history(scheduleId: number) {
  const { rows } = await world.admin.query(
    `SELECT to_char(scheduled_for AT TIME ZONE 'UTC', 'DD HH24:MI') AS at,
            CASE status WHEN 'skipped' THEN error_code ELSE 'run' END AS became, missed_occurrences AS missed
     FROM backup_schedule_runs WHERE backup_schedule_id = $1 ORDER BY scheduled_for`,
    [scheduleId],
  );
  return rows.map(({ at, became, missed }) => `${at} ${became}${missed > 0 ? ` +${missed}` : ""}`);
}

beforeEach(async () => {
  await endRuns();
  await world.admin.query("UPDATE backup_schedules SET next_run_at = NULL, is_enabled = false");
});

describe("a clock that jumps", () => {
  test("back by an hour over an occurrence runs it once", async () => {
    const id = await scheduleFrom();
    await service("2031-03-10T02:00:00Z", "2031-03-10T02:45:00Z");
    await service("2031-03-10T01:45:00Z", "2031-03-10T04:00:00Z");
    expect(await history(id)).toEqual(["10 02:30 run"]);
    await service("2031-03-11T02:25:00Z", "2031-03-11T02:35:00Z");
    expect(await history(id)).toEqual(["10 02:30 run", "11 02:30 run"]);
  });

  test("ahead by an hour and back again runs what it passed once, or says once that it was missed", async () => {
    const latest = await scheduleFrom();
    const skipping = await scheduleFrom({ missed_run_policy: "skip" });
    await service("2031-03-10T01:30:00Z", "2031-03-10T02:10:00Z");
    await service("2031-03-10T03:10:00Z", "2031-03-10T03:30:00Z");
    await service("2031-03-10T02:30:00Z", "2031-03-10T05:00:00Z");
    expect(await history(latest)).toEqual(["10 02:30 run"]);
    expect(await history(skipping)).toEqual(["10 02:30 MISSED_WINDOW"]);
  });

  test("ahead by less than ten minutes misses nothing", async () => {
    const id = await scheduleFrom({ missed_run_policy: "skip" });
    await service("2031-03-10T02:29:00Z", "2031-03-10T02:29:00Z");
    await service("2031-03-10T02:38:00Z", "2031-03-10T02:50:00Z");
    expect(await history(id)).toEqual(["10 02:30 run"]);
  });
});

describe("an outage", () => {
  test("of 6 hours catches up one run of each schedule, where its policy says so", async () => {
    const latest = await scheduleFrom();
    const skipping = await scheduleFrom({ missed_run_policy: "skip" });
    const untouched = await scheduleFrom({ time_of_day: "09:00" }, "2031-03-10T09:00:00Z");
    const weekly = await scheduleFrom({ frequency: "weekly", days_of_week: [1, 4] });
    await service("2031-03-10T02:00:00Z", "2031-03-10T02:25:00Z");
    await service("2031-03-10T08:25:00Z", "2031-03-10T09:30:00Z");
    expect(await history(latest)).toEqual(["10 02:30 run"]);
    expect(await history(skipping)).toEqual(["10 02:30 MISSED_WINDOW"]);
    expect(await history(untouched)).toEqual(["10 09:00 run"]);
    expect(await history(weekly)).toEqual(["10 02:30 run"]);
    await service("2031-03-11T02:25:00Z", "2031-03-11T02:35:00Z");
    expect(await history(latest)).toEqual(["10 02:30 run", "11 02:30 run"]);
    expect(await history(skipping)).toEqual(["10 02:30 MISSED_WINDOW", "11 02:30 run"]);
    expect(await history(weekly)).toEqual(["10 02:30 run"]);
  });

  test("of 3 days runs the newest occurrence and counts the older; what is over a day old is never caught up", async () => {
    const latest = await scheduleFrom();
    const skipping = await scheduleFrom({ missed_run_policy: "skip" });
    const mondays = await scheduleFrom({ frequency: "weekly", days_of_week: [1] });
    await service("2031-03-10T02:00:00Z", "2031-03-10T02:25:00Z");
    await service("2031-03-13T02:25:00Z", "2031-03-13T02:45:00Z");
    expect(await history(latest)).toEqual(["12 02:30 run +2", "13 02:30 run"]);
    expect(await history(skipping)).toEqual(["12 02:30 MISSED_WINDOW +2", "13 02:30 run"]);
    expect(await history(mondays)).toEqual(["10 02:30 MISSED_WINDOW"]);
    const { items } = await listRuns(world.tenant.actors.readonly, world.tenant.id, { schedule_id: mondays });
    expect(items[0]?.summary.reason).toContain("more than 24 hours");
    await service("2031-03-17T02:25:00Z", "2031-03-17T02:35:00Z");
    expect(await history(mondays)).toEqual(["10 02:30 MISSED_WINDOW", "17 02:30 run"]);
  });

  test("over a change to summer time keeps the wall clock", async () => {
    const berlin = await scheduleFrom({ timezone: "Europe/Berlin" }, "2031-03-29T01:30:00Z");
    await service("2031-03-29T01:00:00Z", "2031-03-29T01:35:00Z");
    // 30 March 2031, 02:30 does not exist: 03:30 in Berlin is 01:30 in UTC. On the 31st, 02:30 is 00:30.
    await service("2031-03-30T06:00:00Z", "2031-03-30T06:10:00Z");
    await service("2031-03-31T00:25:00Z", "2031-03-31T00:35:00Z");
    expect(await history(berlin)).toEqual(["29 01:30 run", "30 01:30 run", "31 00:30 run"]);
  });
});

describe("nothing is caught up", () => {
  const hoursAgo = () => new Date(Date.now() - 5 * 60 * minute).toISOString();

  test("by enabling", async () => {
    const { id, actors } = world.tenant;
    const scheduleId = await scheduleFrom({}, hoursAgo());
    await setSchedulesEnabled(actors.manager, id, { schedule_ids: [scheduleId], is_enabled: false });
    expect(await tick()).toMatchObject({ claimed: 0 });
    await setSchedulesEnabled(actors.manager, id, { schedule_ids: [scheduleId], is_enabled: true });
    expect(await tick()).toMatchObject({ claimed: 0 });
    expect(await history(scheduleId)).toEqual([]);
    const { next_run_at } = await getSchedule(actors.readonly, id, { schedule_id: scheduleId });
    expect(Date.parse(next_run_at ?? "")).toBeGreaterThan(Date.now());
  });

  test("by a new time of day: what was due runs once, and the new rule has nothing in the past", async () => {
    const { id, actors } = world.tenant;
    const scheduleId = await scheduleFrom({}, hoursAgo());
    const anHourAgo = new Date(Date.now() - 60 * minute).toISOString().slice(11, 16);
    await updateSchedule(actors.manager, id, {
      schedule_id: scheduleId,
      changes: { time_of_day: anHourAgo },
    });
    expect(await tick()).toMatchObject({ claimed: 1, started: 1 });
    await endRuns();
    expect(await tick()).toMatchObject({ claimed: 0 });
    expect(await history(scheduleId)).toHaveLength(1);
    const { next_run_at } = await getSchedule(actors.readonly, id, { schedule_id: scheduleId });
    expect(next_run_at?.slice(11, 16)).toBe(anHourAgo);
    expect(Date.parse(next_run_at ?? "")).toBeGreaterThan(Date.now());
  });
});

describe("while a run is active", () => {
  test("an edit leaves it alone; an occurrence of the new time is skipped until it ends", async () => {
    const { id, actors } = world.tenant;
    const scheduleId = await scheduleFrom();
    const run = await startRun(actors.operator, id, { schedule_id: scheduleId });
    await updateSchedule(actors.manager, id, { schedule_id: scheduleId, changes: { time_of_day: "03:00" } });
    await world.admin.query(
      "UPDATE backup_schedules SET next_run_at = '2031-03-10T03:00:00Z' WHERE id = $1",
      [scheduleId],
    );
    await tick({ at: "2031-03-10T02:30:00.000Z" });
    await tick({ at: "2031-03-10T03:00:00.000Z" });
    const { items } = await listRuns(actors.readonly, id, { schedule_id: scheduleId });
    expect(items.map(({ id, status, error_code }) => ({ id, status, error_code }))).toEqual([
      { id: expect.any(Number), status: "skipped", error_code: "CONCURRENT_RUN" },
      { id: run.id, status: "running", error_code: null },
    ]);
    await endRuns();
    await tick({ at: "2031-03-11T03:00:00.000Z" });
    expect((await history(scheduleId)).slice(-2)).toEqual(["10 03:00 CONCURRENT_RUN", "11 03:00 run"]);
  });

  test("deleting the schedule leaves it alone, and no occurrence follows", async () => {
    const { id, actors } = world.tenant;
    const scheduleId = await scheduleFrom();
    const run = await startRun(actors.operator, id, { schedule_id: scheduleId });
    await deleteSchedule(actors.manager, id, { schedule_id: scheduleId });
    expect(await tick({ at: "2031-03-10T02:30:00.000Z" })).toMatchObject({ claimed: 0, lost: 0 });
    const { rows } = await world.admin.query(
      "SELECT id, status::text FROM backup_schedule_runs WHERE backup_schedule_id = $1",
      [scheduleId],
    );
    expect(rows).toEqual([{ id: run.id, status: "running" }]);
  });
});
