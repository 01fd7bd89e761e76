import type { HourClock } from "#lib/access/preferences-schema";
import { fullText, offsetMinutes } from "../time/format.ts";
import { usableZone } from "../time/zone-cookie.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

/** Spans that are counted back from now, and move on with it. */
export const timeRangePresets = [
  { value: "today", label: "Today" },
  { value: "24h", label: "Last 24 hours", length: day },
  { value: "7d", label: "Last 7 days", length: 7 * day },
  { value: "30d", label: "Last 30 days", length: 30 * day },
] as const;

/** A time range as a list's address says it, and what it means. */
export interface TimeRange {
  /** A preset, `dates` for days of the calendar, or empty: any time. */
  choice: (typeof timeRangePresets)[number]["value"] | "dates" | "";
  /** First instant; ISO 8601 in UTC. */
  from?: string;
  /** First instant after; ISO 8601 in UTC. */
  to?: string;
  /** The days that `dates` was given, `YYYY-MM-DD` on the calendar of `zone`; both are in the range. */
  fromDay: string;
  toDay: string;
  zone: string;
  /** `from 20 Nov 2026, 00:00 UTC+1 (Europe/Berlin)`: the range with its zone; null where the choice says it all. */
  words: string | null;
  /** Why nothing can be in it. */
  problem: string | null;
}

/**
 * Reads `range`, or `from` and `to`: days (`2026-11-24`, both included, in `zone` or else the viewer's), or instants of
 * ISO 8601. A day in an address says its zone, so that the address means the same to everybody. What cannot be read is
 * left out.
 * @param viewer the viewer's zone, by its IANA name, and clock
 * @param now milliseconds since the epoch
 */
export function readTimeRange(
  query: {
    range?: string | undefined;
    from?: string | undefined;
    to?: string | undefined;
    zone?: string | undefined;
  },
  { zone: viewer, clock }: { zone: string; clock: HourClock },
  now: number,
): TimeRange {
  const iso = (at: number) => new Date(at).toISOString();
  const none = { fromDay: "", toDay: "", zone: viewer, words: null, problem: null };
  const preset = timeRangePresets.find(({ value }) => value === query.range);
  if (preset?.value === "today") {
    const from = startOfDay(dayOf(now, viewer), viewer);
    return { ...none, choice: "today", from: iso(from), words: `since ${fullText(from, viewer, clock)}` };
  }
  if (preset) return { ...none, choice: preset.value, from: iso(now - preset.length) };
  const zone = query.zone && usableZone(query.zone) === query.zone ? query.zone : viewer;
  const from = beginOf(query.from, zone);
  const to = endOf(query.to, zone);
  if (from === null && to === null) return { ...none, choice: query.range === "dates" ? "dates" : "" };
  return {
    choice: "dates",
    ...(from === null ? {} : { from: iso(from) }),
    ...(to === null ? {} : { to: iso(to) }),
    fromDay: from === null ? "" : dayOf(from, zone),
    toDay: to === null ? "" : dayOf(to - 1, zone),
    zone,
    words: wordsOf(from, to, zone, clock),
    problem: from !== null && to !== null && from >= to ? "The first day is after the last one." : null,
  };
}

function wordsOf(from: number | null, to: number | null, zone: string, clock: HourClock): string {
  const begin = from === null ? null : `from ${fullText(from, zone, clock)}`;
  const end = to === null ? null : `${begin ? "to" : "before"} ${fullText(to, zone, clock)}`;
  return [begin, end].filter((part) => part !== null).join(" ");
}

/** Whether `from` or `to` can be read. */
export function isReadableTime(text: string): boolean {
  return beginOf(text, "UTC") !== null;
}

function beginOf(text: string | undefined, zone: string): number | null {
  if (text === undefined) return null;
  return isDay(text) ? startOfDay(text, zone) : instantOf(text);
}

function endOf(text: string | undefined, zone: string): number | null {
  if (text === undefined) return null;
  return isDay(text) ? startOfDay(dayAfter(text), zone) : instantOf(text);
}

/** The first and the last day that {@link isDay} takes, for a browser's field of a date. */
export const dayBounds = { min: "1970-01-01", max: "2199-12-31" } as const;

/** What is wrong with a day that {@link isDay} does not take, or that is half typed. */
export const dayFault = "Must be a whole date, its year with four digits";

/** Whether a text is a day of the calendar, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!/^(19[7-9]|20|21)\d{1,2}-\d\d-\d\d$/.test(text) || text.length !== 10) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

function instantOf(text: string): number | null {
  if (!/^(19[7-9]|20|21)\d{1,2}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** The day after another, both `YYYY-MM-DD`. */
export function dayAfter(text: string): string {
  return new Date(Date.parse(`${text}T00:00:00Z`) + day).toISOString().slice(0, 10);
}

/** The date on the calendar of `zone` at an instant, `YYYY-MM-DD`. */
export function dayOf(at: number, zone: string): string {
  return new Date(at + offsetMinutes(at, zone) * minute).toISOString().slice(0, 10);
}

/**
 * The first instant of a day in a zone: midnight, or where a clock change skips midnight, the first moment after. Found
 * by halving, since calendars only go forward: no rule about offsets could be wrong.
 * @returns milliseconds since the epoch
 */
export function startOfDay(text: string, zone: string): number {
  const noonUtc = Date.parse(`${text}T12:00:00Z`);
  let before = (noonUtc - 2 * day) / minute;
  let after = (noonUtc + 2 * day) / minute;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dayOf(middle * minute, zone) < text) before = middle;
    else after = middle;
  }
  return after * minute;
}
