import { expect, test } from "vitest";
import { byDay } from "./days.ts";

const at = (created_at: string) => ({ created_at });
const now = Date.parse("2026-11-24T12:00:00Z");
const labels = (zone: string, ...instants: string[]) =>
  byDay(instants.map(at), zone, now).map(({ label, entries }) => [label, entries.length]);

test("a day is one of the viewer's calendar", () => {
  const instants = ["2026-11-24T11:00:00Z", "2026-11-23T23:30:00Z", "2026-11-23T10:00:00Z"];
  expect(labels("UTC", ...instants)).toEqual([
    ["Today", 1],
    ["Yesterday", 2],
  ]);
  expect(labels("Europe/Berlin", ...instants)).toEqual([
    ["Today", 2],
    ["Yesterday", 1],
  ]);
});

test("yesterday is the day before of the calendar, however long it was", () => {
  // In Berlin the 29th had 23 hours, and half an hour of the 30th is over; the 25th of October had 25.
  const labelOf = (created_at: string, now: string) =>
    byDay([at(created_at)], "Europe/Berlin", Date.parse(now)).map(({ label }) => label);
  expect(labelOf("2026-03-29T10:00:00Z", "2026-03-29T22:30:00Z")).toEqual(["Yesterday"]);
  expect(labelOf("2026-03-28T10:00:00Z", "2026-03-29T22:30:00Z")).toEqual(["Sat 28 Mar 2026"]);
  expect(labelOf("2026-10-24T10:00:00Z", "2026-10-25T22:30:00Z")).toEqual(["Yesterday"]);
});

test("older days have their date", () => {
  expect(labels("UTC", "2026-11-22T11:00:00Z", "2025-11-24T11:00:00Z")).toEqual([
    ["Sun 22 Nov 2026", 1],
    ["Mon 24 Nov 2025", 1],
  ]);
});

test("nothing has no days", () => {
  expect(labels("UTC")).toEqual([]);
});
