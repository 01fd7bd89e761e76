import { describe, expect, test } from "vitest";
import { readTimeRange } from "./time-range.ts";

const now = Date.parse("2026-11-24T00:30:00Z");
const read = (query: Parameters<typeof readTimeRange>[0], zone = "Europe/Berlin") =>
  readTimeRange(query, { zone, clock: "24" }, now);

describe("a preset", () => {
  test("counts back from now", () => {
    expect(read({ range: "24h" })).toMatchObject({ choice: "24h", from: "2026-11-23T00:30:00.000Z" });
    expect(read({ range: "7d" }).from).toBe("2026-11-17T00:30:00.000Z");
    expect(read({ range: "30d" })).not.toHaveProperty("to");
  });

  test.each([
    ["Europe/Berlin", "2026-11-23T23:00:00.000Z"],
    ["America/New_York", "2026-11-23T05:00:00.000Z"],
    ["Pacific/Kiritimati", "2026-11-23T10:00:00.000Z"],
    ["Asia/Kolkata", "2026-11-23T18:30:00.000Z"],
  ])("today begins at midnight in %s", (zone, from) => {
    expect(read({ range: "today" }, zone)).toMatchObject({ choice: "today", from });
  });
});

describe("days", () => {
  test("are both included, on the calendar of the viewer", () => {
    expect(read({ from: "2026-11-20", to: "2026-11-22" })).toEqual({
      choice: "dates",
      from: "2026-11-19T23:00:00.000Z",
      to: "2026-11-22T23:00:00.000Z",
      fromDay: "2026-11-20",
      toDay: "2026-11-22",
      zone: "Europe/Berlin",
      words: "from 20 Nov 2026, 00:00 UTC+1 (Europe/Berlin) to 23 Nov 2026, 00:00 UTC+1 (Europe/Berlin)",
      problem: null,
    });
  });

  test("mean the same to a viewer elsewhere when the address says their zone", () => {
    const query = { from: "2026-11-20", to: "2026-11-20", zone: "Asia/Tokyo" };
    expect(read(query)).toEqual(read(query, "America/New_York"));
    expect(read(query)).toMatchObject({ from: "2026-11-19T15:00:00.000Z", to: "2026-11-20T15:00:00.000Z" });
    expect(read({ ...query, zone: "Mars/Olympus" }).zone).toBe("Europe/Berlin");
  });

  test.each([
    ["of 23 hours", "2026-03-29", "Europe/Berlin", 23],
    ["of 25 hours", "2026-10-25", "Europe/Berlin", 25],
    ["of 23 hours that begins at 01:00", "2026-04-24", "Africa/Cairo", 23],
    ["that a zone left out altogether", "2011-12-30", "Pacific/Apia", 0],
  ])("a day %s is as long as it was", (_what, text, zone, hours) => {
    const { from, to } = read({ from: text, to: text, zone });
    expect(Date.parse(to ?? "") - Date.parse(from ?? "")).toBe(hours * 3_600_000);
  });

  test("may be one alone", () => {
    expect(read({ from: "2026-11-20" })).toMatchObject({ from: "2026-11-19T23:00:00.000Z", toDay: "" });
    expect(read({ to: "2026-11-20" }).words).toBe("before 21 Nov 2026, 00:00 UTC+1 (Europe/Berlin)");
  });

  test("the wrong way round are said to be", () => {
    expect(read({ from: "2026-11-22", to: "2026-11-20" }).problem).toBe(
      "The first day is after the last one.",
    );
  });
});

test("instants are taken as they are", () => {
  expect(read({ from: "2026-11-20T12:00:00Z", to: "2026-11-21T00:00:00+01:00" })).toMatchObject({
    choice: "dates",
    from: "2026-11-20T12:00:00.000Z",
    to: "2026-11-20T23:00:00.000Z",
    fromDay: "2026-11-20",
    toDay: "2026-11-20",
  });
});

test.each([
  { from: "yesterday" },
  { from: "2026-02-30" },
  { to: "0001-01-01" },
  { from: "2026-11-20T12:00" },
  { range: "1y" },
])("%j is left out", (query) => {
  expect(read(query)).toMatchObject({ choice: "", fromDay: "", toDay: "" });
  expect(read(query)).not.toHaveProperty("from");
  expect(read(query)).not.toHaveProperty("to");
});
