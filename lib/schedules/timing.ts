import { nextOccurrence, nextOccurrences, occurrencesBetween, type RecurrenceRule } from "./recurrence.ts";

const minute = 60_000;

/** What of a schedule decides when it is due. */
export interface Timing {
  timezone: string;
  frequency: "daily" | "weekly";
  time_of_day: string;
  days_of_week: readonly number[] | null;
  start_window_minutes: number;
}

/** The recurrence rule of a schedule. */
export function ruleOf(timing: Timing): RecurrenceRule {
  return {
    timezone: timing.timezone,
    frequency: timing.frequency,
    timeOfDay: timing.time_of_day,
    daysOfWeek: timing.frequency === "weekly" ? (timing.days_of_week ?? []) : null,
  };
}

/**
 * How many minutes after its nominal time a schedule starts: spread evenly over its start window, and always
 * the same for one schedule, so that the shown next run is the real one.
 *
 * Knuth's multiplicative hash: ids that follow each other land far apart.
 */
export function startOffsetMinutes(scheduleId: number, windowMinutes: number): number {
  if (windowMinutes <= 0) return 0;
  const hash = Math.imul(scheduleId, 0x9e3779b1) >>> 0;
  return Math.floor((hash / 2 ** 32) * windowMinutes);
}

/** When the schedule is next due, strictly after `after`; its start offset is included. */
export function nextRunAt(scheduleId: number, timing: Timing, after: Date): Date {
  const offset = startOffsetMinutes(scheduleId, timing.start_window_minutes) * minute;
  return new Date(nextOccurrence(ruleOf(timing), new Date(after.getTime() - offset)).getTime() + offset);
}

/** The next `count` instants at which the schedule is due. */
export function nextRunsAt(scheduleId: number, timing: Timing, after: Date, count: number): Date[] {
  const offset = startOffsetMinutes(scheduleId, timing.start_window_minutes) * minute;
  return nextOccurrences(ruleOf(timing), new Date(after.getTime() - offset), count).map(
    (at) => new Date(at.getTime() + offset),
  );
}

/** All instants at which the schedule was due after `from` and up to `to`. */
export function runsDueBetween(scheduleId: number, timing: Timing, from: Date, to: Date): Date[] {
  const offset = startOffsetMinutes(scheduleId, timing.start_window_minutes) * minute;
  return occurrencesBetween(
    ruleOf(timing),
    new Date(from.getTime() - offset),
    new Date(to.getTime() - offset),
  ).map((at) => new Date(at.getTime() + offset));
}
