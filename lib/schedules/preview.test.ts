import { describe, expect, test } from "vitest";
import { makeSchedule, plainSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { previewSavedSchedule, previewSchedule } from "./preview.ts";
import { previewEdit, previewOccurrences } from "./preview-occurrences.ts";
import { startOffsetMinutes, type Timing } from "./timing.ts";

const berlin: Timing = {
  timezone: "Europe/Berlin",
  frequency: "daily",
  time_of_day: "02:30:00",
  days_of_week: null,
  start_window_minutes: 0,
};

describe("the next occurrences", () => {
  test("say when a clock change moves one, and when a time occurs twice", () => {
    expect(previewOccurrences(null, berlin, new Date("2026-03-27T12:00:00Z"), 3)).toEqual([
      { at: "2026-03-28T01:30:00.000Z", local: "2026-03-28 02:30", note: null },
      {
        at: "2026-03-29T01:30:00.000Z",
        local: "2026-03-29 03:30",
        note: "02:30 does not exist on 29 March 2026 in Europe/Berlin; runs at 03:30",
      },
      { at: "2026-03-30T00:30:00.000Z", local: "2026-03-30 02:30", note: null },
    ]);
    const [autumn] = previewOccurrences(null, berlin, new Date("2026-10-24T12:00:00Z"), 1);
    expect(autumn).toMatchObject({ at: "2026-10-25T00:30:00.000Z", note: expect.stringContaining("twice") });
  });

  test("of a saved schedule include its start offset, also where a clock change moves them", () => {
    const id = 3;
    const windowed = { ...berlin, start_window_minutes: 90 };
    const offset = startOffsetMinutes(id, 90);
    expect(offset).toBeGreaterThan(0);
    const [first] = previewOccurrences(id, windowed, new Date("2026-03-28T12:00:00Z"), 1);
    expect(Date.parse(first?.at ?? "") - Date.parse("2026-03-29T01:30:00Z")).toBe(offset * 60_000);
    expect(first?.note).toContain(`runs at 03:30; starts ${offset} min later`);
    const [unsaved] = previewOccurrences(null, windowed, new Date("2026-03-28T12:00:00Z"), 1);
    expect(unsaved?.at).toBe("2026-03-29T01:30:00.000Z");
  });

  test("of a weekly schedule fall on its days, midnight included", () => {
    const weekly: Timing = { ...berlin, timezone: "Asia/Kolkata", frequency: "weekly", days_of_week: [1, 7] };
    const midnight = { ...weekly, time_of_day: "00:00:00" };
    const shown = previewOccurrences(null, midnight, new Date("2026-01-01T00:00:00Z"), 3);
    expect(shown.map((occurrence) => occurrence.local)).toEqual([
      "2026-01-04 00:00",
      "2026-01-05 00:00",
      "2026-01-11 00:00",
    ]);
  });
});

describe("the next runs, were an edit saved now", () => {
  const id = 3;
  const offset = startOffsetMinutes(id, 90);
  const daily = { ...berlin, timezone: "UTC", time_of_day: "02:00:00" };
  const at = (text: string, minutes = 0) => new Date(Date.parse(text) + minutes * 60_000).toISOString();
  const preview = (saved: Timing, next_run_at: string, timing: Timing, now: string) =>
    previewEdit({ ...saved, id, next_run_at: new Date(next_run_at) }, timing, new Date(now), 2).map(
      (occurrence) => occurrence.at,
    );

  test("leave out what ran, although a longer start window would start it later", () => {
    const windowed = { ...daily, start_window_minutes: 90 };
    expect(preview(daily, "2026-03-02T02:00:00Z", windowed, "2026-03-01T02:05:00Z")).toEqual([
      at("2026-03-02T02:00:00Z", offset),
      at("2026-03-03T02:00:00Z", offset),
    ]);
  });

  test("begin with what waits in its start window", () => {
    const windowed = { ...daily, start_window_minutes: 90 };
    const waiting = at("2026-03-01T02:00:00Z", offset);
    const now = "2026-03-01T02:05:00Z";
    expect(preview(windowed, waiting, windowed, now)[0]).toBe(waiting);
    expect(preview(windowed, waiting, daily, now)).toEqual([at(now), at("2026-03-02T02:00:00Z")]);
    expect(preview(windowed, waiting, { ...windowed, time_of_day: "01:00" }, now)).toEqual([
      waiting,
      at("2026-03-02T01:00:00Z", offset),
    ]);
  });
});

describe("the next runs of a schedule as it is", () => {
  const id = 3;
  const offset = startOffsetMinutes(id, 90) * 60_000;
  const timing = { ...berlin, timezone: "UTC", time_of_day: "02:05:00", start_window_minutes: 90 };
  const start = (nominal: string) => new Date(Date.parse(nominal) + offset).toISOString();

  test("have none of today's rule from before the edit over which the first was carried", () => {
    const carried = {
      ...timing,
      id,
      next_run_at: new Date(start("2026-03-01T02:00:00Z")),
      carried_nominal_at: new Date("2026-03-01T02:00:00Z"),
      carried_since: new Date("2026-03-01T02:10:00Z"),
      carried_missed: 0,
    };
    const shown = previewEdit(carried, timing, new Date("2026-03-01T02:11:00Z"), 3);
    expect(shown.map(({ at }) => at)).toEqual([
      start("2026-03-01T02:00:00Z"),
      start("2026-03-02T02:05:00Z"),
      start("2026-03-03T02:05:00Z"),
    ]);
  });

  test("go on from now when the first has been due for days", () => {
    const late = { ...timing, id, next_run_at: new Date(start("2026-03-01T02:05:00Z")) };
    const shown = (now: string) => previewEdit(late, timing, new Date(now), 3).map(({ at }) => at);
    expect(shown("2026-03-09T12:00:00Z")).toEqual([
      start("2026-03-01T02:05:00Z"),
      start("2026-03-10T02:05:00Z"),
      start("2026-03-11T02:05:00Z"),
    ]);
    // One that waits in its start window is still to come.
    expect(shown("2026-03-09T02:06:00Z")[1]).toBe(start("2026-03-09T02:05:00Z"));
  });
});

describe("a preview", () => {
  const world = withWorld();
  const valid = { timezone: "UTC", frequency: "daily", time_of_day: "02:00" } as const;

  test("of fields shows five runs to anyone who may view schedules", async () => {
    const { id, actors } = world.tenant;
    const shown = await previewSchedule(actors.readonly, id, valid);
    expect(shown).toHaveLength(5);
    const instants = shown.map((occurrence) => Date.parse(occurrence.at));
    expect(instants[0]).toBeGreaterThan(Date.now() - 60_000);
    for (const [index, instant] of instants.entries())
      expect(instant - (instants[0] ?? 0)).toBe(index * 86_400_000);
  });

  test("names the faulty fields as saving does", async () => {
    const { id, actors } = world.tenant;
    const refused = previewSchedule(actors.readonly, id, {
      timezone: "Europe/Atlantis",
      frequency: "daily",
      time_of_day: "25:00",
    });
    await expect(refused).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
      errors: [{ path: "timezone" }, { path: "time_of_day" }],
    });
    const daysMissing = previewSchedule(actors.readonly, id, { ...valid, frequency: "weekly" });
    await expect(daysMissing).rejects.toMatchObject({ errors: [{ path: "days_of_week" }] });
  });

  test("of a saved schedule begins with its next_run_at, and refuses another tenant's", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id, { start_window_minutes: 120 });
    const saved = await previewSavedSchedule(actors.readonly, id, { schedule_id: schedule.id });
    expect(saved[0]?.at).toBe(schedule.next_run_at);
    const { timezone, frequency, time_of_day, days_of_week, start_window_minutes } = schedule;
    const timing = { timezone, frequency, time_of_day, days_of_week, start_window_minutes };
    expect(await previewSchedule(actors.readonly, id, { ...timing, schedule_id: schedule.id })).toEqual(
      saved,
    );
    const { foreign } = world;
    const strangers = [
      () => previewSavedSchedule(foreign.actors.owner, foreign.id, { schedule_id: schedule.id }),
      () => previewSchedule(foreign.actors.owner, foreign.id, { ...timing, schedule_id: schedule.id }),
    ];
    for (const call of strangers) {
      await expect(call()).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
  });

  test("of a schedule in an archived tenant has no run from the past", async () => {
    const { id, actors } = world.foreign;
    const { id: schedule_id } = await makeSchedule(actors.manager, id);
    await world.admin.query(
      "UPDATE backup_schedules SET next_run_at = next_run_at - interval '30 days' WHERE id = $1",
      [schedule_id],
    );
    await world.admin.query("UPDATE tenants SET archived_at = now() WHERE id = $1", [id]);
    const shown = await previewSavedSchedule(actors.readonly, id, { schedule_id });
    expect(shown).toHaveLength(5);
    expect(Date.parse(shown[0]?.at ?? "")).toBeGreaterThan(Date.now() - 60_000);
    const { timezone, frequency, time_of_day } = plainSchedule;
    const typed = { timezone, frequency, time_of_day, schedule_id };
    expect(await previewSchedule(actors.readonly, id, typed)).toEqual(shown);
  });
});
