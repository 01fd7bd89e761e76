import { z } from "zod";
import {
  describeOccurrence,
  isKnownTimezone,
  nextOccurrence,
  previousOccurrence,
  type RecurrenceRule,
} from "#lib/recurrence/recurrence";

/** The zone whose days and hours are meant. */
export const zoneField = z
  .string()
  .refine(isKnownTimezone, "must be an IANA time zone, such as Europe/Berlin")
  .default("UTC");

/** The zone if its days can be counted, else UTC: for a zone that a browser told. */
export function countableZone(zone: string): string {
  return isKnownTimezone(zone) ? zone : "UTC";
}

/** A day or a week on a zone's calendar: from its first instant up to the first of the next. */
export interface Period {
  /** The day, or the week's Monday: `YYYY-MM-DD` */
  date: string;
  from: Date;
  to: Date;
}

/** The last `count` weeks of a zone, from Monday on, oldest first; the last one is the week of `now`. */
export function lastWeeks(zone: string, now: Date, count: number): Period[] {
  return lastPeriods(
    { timezone: zone, frequency: "weekly", timeOfDay: "00:00", daysOfWeek: [1] },
    now,
    count,
  );
}

/**
 * The last `count` days on the calendar of a zone, oldest first; the last one is the day of `now`. Days with a clock
 * change last 23 or 25 hours, and begin at 01:00 where midnight is skipped.
 */
export function lastDays(zone: string, now: Date, count: number): Period[] {
  return lastPeriods(
    { timezone: zone, frequency: "daily", timeOfDay: "00:00", daysOfWeek: null },
    now,
    count,
  );
}

function lastPeriods(begins: RecurrenceRule, now: Date, count: number): Period[] {
  const periods: Period[] = [];
  let to = nextOccurrence(begins, now);
  while (periods.length < count) {
    const from = previousOccurrence(begins, to);
    periods.unshift({ date: describeOccurrence(begins, from).localDate, from, to });
    to = from;
  }
  return periods;
}
