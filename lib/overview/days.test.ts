import { describe, expect, test } from "vitest";
import { lastDays, lastWeeks } from "./days.ts";

const hours = (period: { from: Date; to: Date } | undefined) =>
  period ? (period.to.getTime() - period.from.getTime()) / 3_600_000 : 0;

describe("days on a zone's calendar", () => {
  test("the last one is the day of the instant there, not in UTC", () => {
    const late = new Date("2026-11-23T23:30:00Z");
    expect(lastDays("Europe/Berlin", late, 2).map((day) => day.date)).toEqual(["2026-11-23", "2026-11-24"]);
    expect(lastDays("America/New_York", late, 2).map((day) => day.date)).toEqual([
      "2026-11-22",
      "2026-11-23",
    ]);
    expect(lastDays("Asia/Kolkata", late, 1)).toMatchObject([
      { date: "2026-11-24", from: new Date("2026-11-23T18:30:00Z"), to: new Date("2026-11-24T18:30:00Z") },
    ]);
  });

  test("begin at their first instant and leave no gap", () => {
    const midnight = new Date("2026-11-23T23:00:00Z");
    const days = lastDays("Europe/Berlin", midnight, 60);
    expect(days.at(-1)?.from).toEqual(midnight);
    expect(days.slice(1).map((day) => day.from)).toEqual(days.slice(0, -1).map((day) => day.to));
    expect(new Set(days.map((day) => day.date)).size).toBe(60);
  });

  test("last 23 and 25 hours when the clock changes, and begin at 01:00 where midnight is skipped", () => {
    expect(hours(lastDays("Europe/Berlin", new Date("2026-03-29T12:00:00Z"), 1)[0])).toBe(23);
    expect(hours(lastDays("Europe/Berlin", new Date("2026-10-25T12:00:00Z"), 1)[0])).toBe(25);
    const [cairo] = lastDays("Africa/Cairo", new Date("2026-04-24T12:00:00Z"), 1);
    expect(cairo).toMatchObject({ date: "2026-04-24", from: new Date("2026-04-23T22:00:00Z") });
    expect(hours(cairo)).toBe(23);
  });

  test("weeks begin on Monday", () => {
    const weeks = lastWeeks("Europe/Berlin", new Date("2026-11-22T22:59:00Z"), 2);
    expect(weeks.map((week) => week.date)).toEqual(["2026-11-09", "2026-11-16"]);
    expect(lastWeeks("Europe/Berlin", new Date("2026-11-22T23:00:00Z"), 1)[0]?.date).toBe("2026-11-23");
  });

  test("begin at a quarter of an hour in every zone: runs are counted by it", () => {
    const now = new Date("2026-11-24T12:00:00Z");
    const torn = Intl.supportedValuesOf("timeZone").filter((zone) =>
      [...lastDays(zone, now, 400), ...lastWeeks(zone, now, 2)].some(
        (day) => day.from.getTime() % 900_000 !== 0,
      ),
    );
    expect(torn).toEqual([]);
  });
});
