import { beforeEach, describe, expect, test } from "vitest";
import { previewedRuns } from "#lib/limits";
import { getUpcomingRuns } from "#lib/overview/upcoming";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { previewSavedSchedule, previewSchedule } from "./preview.ts";
import { previewTyped } from "./preview-occurrences.ts";
import type { ScheduleUpdate } from "./schema.ts";
import { setScheduleEnabled } from "./set-enabled.ts";
import { tick } from "./tick.ts";
import { startOffsetMinutes } from "./timing.ts";
import { updateSchedule } from "./update.ts";

/** Edits of a schedule's timing against the database and its clock: each occurrence runs once, whatever the edit. */

const world = withWorld({ policies: 10 });
const minute = 60_000;
const hour = 60 * minute;

beforeEach(async () => {
  await world.admin.query(
    "UPDATE backup_schedules SET next_run_at = NULL, carried_nominal_at = NULL, is_enabled = false",
  );
  await endRuns();
});

async function endRuns(): Promise<void> {
  await world.admin.query(
    "UPDATE backup_schedule_runs SET status = 'canceled', finished_at = now() WHERE status = 'running'",
  );
}

/** A daily schedule in UTC whose nominal time passed 10 minutes ago. A window of an hour starts it in 10 to 50 minutes. */
async function tenMinutesAgo(start_window_minutes: number) {
  const { id, actors } = world.tenant;
  const nominal = new Date(Math.floor(Date.now() / minute - 10) * minute);
  for (;;) {
    const { id: schedule_id } = await makeSchedule(actors.manager, id, {
      timezone: "UTC",
      time_of_day: nominal.toISOString().slice(11, 16),
      start_window_minutes,
    });
    const offset = startOffsetMinutes(schedule_id, 60);
    if (offset >= 20 && offset < 60) return { schedule_id, nominal };
    await setScheduleEnabled(actors.manager, id, { schedule_id, is_enabled: false });
  }
}

const edit = (schedule_id: number, changes: ScheduleUpdate) =>
  updateSchedule(world.tenant.actors.manager, world.tenant.id, { schedule_id, changes });

async function makeDue(scheduleId: number, at: Date): Promise<void> {
  await world.admin.query("UPDATE backup_schedules SET next_run_at = $2 WHERE id = $1", [scheduleId, at]);
}

async function nominalTimes(scheduleId: number): Promise<Date[]> {
  const { rows } = await world.admin.query<{ nominal_at: Date }>(
    "SELECT nominal_at FROM backup_schedule_runs WHERE backup_schedule_id = $1 ORDER BY id",
    [scheduleId],
  );
  return rows.map((row) => row.nominal_at);
}

describe("an occurrence that ran", () => {
  test("does not run again when the start window grows past now", async () => {
    const { schedule_id, nominal } = await tenMinutesAgo(0);
    await makeDue(schedule_id, nominal);
    expect(await tick()).toMatchObject({ started: 1 });
    await endRuns();
    const { next_run_at } = await edit(schedule_id, { start_window_minutes: 60 });
    expect(Date.parse(next_run_at ?? "")).toBeGreaterThan(Date.now() + 20 * hour);
  });

  test("does not run again when the window grows while the schedule is disabled", async () => {
    const { id, actors } = world.tenant;
    const { schedule_id, nominal } = await tenMinutesAgo(0);
    await makeDue(schedule_id, nominal);
    expect(await tick()).toMatchObject({ started: 1 });
    await endRuns();
    await setScheduleEnabled(actors.manager, id, { schedule_id, is_enabled: false });
    await edit(schedule_id, { start_window_minutes: 60 });
    const { next_run_at } = await edit(schedule_id, { is_enabled: true });
    expect(Date.parse(next_run_at ?? "")).toBeGreaterThan(Date.now() + 20 * hour);
    await setScheduleEnabled(actors.manager, id, { schedule_id, is_enabled: false });
    await setScheduleEnabled(actors.manager, id, { schedule_id, is_enabled: true });
    const { rows } = await world.admin.query("SELECT next_run_at FROM backup_schedules WHERE id = $1", [
      schedule_id,
    ]);
    expect(rows[0].next_run_at.getTime()).toBeGreaterThan(Date.now() + 20 * hour);
  });
});

describe("an occurrence that waits in its start window", () => {
  test("starts at once when the window shrinks to before now", async () => {
    const { schedule_id, nominal } = await tenMinutesAgo(60);
    expect(await tick()).toMatchObject({ claimed: 0 });
    await edit(schedule_id, { start_window_minutes: 0 });
    expect(await tick()).toMatchObject({ claimed: 1, started: 1 });
    expect(await nominalTimes(schedule_id)).toEqual([nominal]);
    await endRuns();
    expect(await tick()).toMatchObject({ claimed: 0 });
  });

  test("keeps its start when time, zone or days change, and is forgotten when the schedule is disabled", async () => {
    const { id, actors } = world.tenant;
    const { schedule_id, nominal } = await tenMinutesAgo(60);
    const start = new Date(nominal.getTime() + startOffsetMinutes(schedule_id, 60) * minute).toISOString();
    for (const changes of [
      { time_of_day: new Date(Date.now() - hour).toISOString().slice(11, 16) },
      { timezone: "Asia/Tokyo" },
      { frequency: "weekly", days_of_week: [1, 2, 3, 4, 5, 6, 7] },
    ] satisfies ScheduleUpdate[]) {
      expect((await edit(schedule_id, changes)).next_run_at).toBe(start);
    }
    await setScheduleEnabled(actors.manager, id, { schedule_id, is_enabled: false });
    const { rows } = await world.admin.query(
      "SELECT carried_nominal_at FROM backup_schedules WHERE id = $1",
      [schedule_id],
    );
    expect(rows).toEqual([{ carried_nominal_at: null }]);
  });

  test("is followed in previews by what the new rule gives after the edit", async () => {
    const { id, actors } = world.tenant;
    const { schedule_id, nominal } = await tenMinutesAgo(60);
    const moved = new Date(nominal.getTime() + 5 * minute);
    const saved = await edit(schedule_id, { time_of_day: moved.toISOString().slice(11, 16) });
    const { next_run_at } = saved;
    const shown = await previewSavedSchedule(actors.readonly, id, { schedule_id });
    const tomorrow = moved.getTime() + 24 * hour + startOffsetMinutes(schedule_id, 60) * minute;
    expect(shown.slice(0, 2).map(({ at }) => at)).toEqual([next_run_at, new Date(tomorrow).toISOString()]);
    // As the form shows them, of which the page knows no more than the API tells, before anything is typed and after.
    expect(previewTyped(saved, saved, new Date(), previewedRuns)).toEqual(shown);
    const { timezone, frequency, days_of_week, start_window_minutes } = saved;
    const time_of_day = new Date(moved.getTime() + 2 * hour).toISOString().slice(11, 16);
    const timing = { timezone, frequency, time_of_day, days_of_week, start_window_minutes };
    expect(previewTyped(saved, timing, new Date(), previewedRuns)).toEqual(
      await previewSchedule(actors.readonly, id, { ...timing, schedule_id }),
    );
    // Two today would be counted by the look ahead, too.
    expect((await getUpcomingRuns(actors.readonly, id, {})).total).toBe(1);
  });

  test("is not taken for a Run now of the same instant", async () => {
    const { id } = world.tenant;
    const { schedule_id, nominal } = await tenMinutesAgo(0);
    await world.admin.query(
      `INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at)
       VALUES ($1, $2, $3, 'manual', 'success', now())`,
      [id, schedule_id, nominal],
    );
    await makeDue(schedule_id, nominal);
    expect(await tick()).toMatchObject({ started: 1 });
  });
});
