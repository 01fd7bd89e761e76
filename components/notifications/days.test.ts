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

test("older days have their date", () => {
  expect(labels("UTC", "2026-11-22T11:00:00Z", "2025-11-24T11:00:00Z")).toEqual([
    ["Sun 22 Nov 2026", 1],
    ["Mon 24 Nov 2025", 1],
  ]);
});

test("nothing has no days", () => {
  expect(labels("UTC")).toEqual([]);
});
