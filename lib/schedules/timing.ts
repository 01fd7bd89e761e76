import {
  nextOccurrence,
  nextOccurrences,
  occurrencesBetween,
  type RecurrenceRule,
} from "#lib/recurrence/recurrence";

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

/** What a schedule is due for next: columns of its row. */
export interface Due {
  next_run_at: Date;
  /** The nominal time of the occurrence that `next_run_at` is for, when the rule of today does not give it. */
  carried_nominal_at: Date | null;
  /** The edit over which it was carried: the rule of today gives occurrences after it. */
  carried_since: Date | null;
  /** Older occurrences that passed before the edit. */
  carried_missed: number;
}

/**
 * When the schedule is next due, strictly after `after`; its start offset is included. An occurrence whose nominal time
 * has passed counts, as long as its start has not.
 */
export function nextRunAt(scheduleId: number, timing: Timing, after: Date): Date {
  const offset = startOffsetMinutes(scheduleId, timing.start_window_minutes) * minute;
  return new Date(nextOccurrence(ruleOf(timing), new Date(after.getTime() - offset)).getTime() + offset);
}

/**
 * When a schedule is due that is enabled now: at the first occurrence whose start is still to come. One that was
 * dispatched before it was disabled is over, also when a longer start window would now start it later.
 * @param dispatched nominal time of the last occurrence that was dispatched
 */
export function dueWhenEnabled(
  scheduleId: number,
  timing: Timing,
  now: Date,
  dispatched: Date | undefined,
): Date {
  const offset = startOffsetMinutes(scheduleId, timing.start_window_minutes) * minute;
  const over = dispatched ? dispatched.getTime() + offset : 0;
  return nextRunAt(scheduleId, timing, new Date(Math.max(now.getTime(), over)));
}

/** The nominal time of the occurrence that a schedule is due for next. */
export function nominalOf(scheduleId: number, timing: Timing, due: Due): Date {
  if (due.carried_nominal_at) return due.carried_nominal_at;
  const offset = startOffsetMinutes(scheduleId, timing.start_window_minutes) * minute;
  return new Date(due.next_run_at.getTime() - offset);
}

/**
 * What an enabled schedule is due for after an edit of its timing. An occurrence belongs to the rule that is in force
 * at its nominal time. So the new rule gives those after the edit, and one of the old rule that has come and was not
 * dispatched is carried over: it starts when it would have, if that is over, else within the new start window, at once
 * where its new start has passed. Of several that have come the newest is carried and counts the others.
 * @param before the schedule as it was
 * @param now the instant of the edit
 * @throws RangeError as lib/recurrence/recurrence.ts, for the new rule
 */
export function dueAfterEdit(scheduleId: number, before: Timing & Due, after: Timing, now: Date): Due {
  const offset = startOffsetMinutes(scheduleId, after.start_window_minutes) * minute;
  const first = nominalOf(scheduleId, before, before);
  if (first > now) {
    const next = nextOccurrence(ruleOf(after), now);
    return { ...nothingCarried, next_run_at: new Date(next.getTime() + offset) };
  }
  const passed = passedBefore(before, first, now);
  const newest = passed.at(-1);
  const oldOffset = startOffsetMinutes(scheduleId, before.start_window_minutes) * minute;
  const oldStart = newest ? new Date(newest.getTime() + oldOffset) : before.next_run_at;
  const carried = newest ?? first;
  const newStart = new Date(Math.max(now.getTime(), carried.getTime() + offset));
  return {
    next_run_at: oldStart <= now ? oldStart : newStart,
    carried_nominal_at: carried,
    carried_since: now,
    carried_missed: (before.carried_nominal_at ? before.carried_missed : 0) + passed.length,
  };
}

/** A schedule that is due by its rule of today, and for nothing older. */
export const nothingCarried = { carried_nominal_at: null, carried_since: null, carried_missed: 0 } as const;

/** Occurrences of the old rule after `first`, up to the edit; none of a rule that this runtime cannot compute. */
function passedBefore(before: Timing & Due, first: Date, now: Date): Date[] {
  try {
    return occurrencesBetween(ruleOf(before), ruleSince(first, before), now);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** The instant after which the rule of today gives a schedule's occurrences, when it is due for the one at `first`. */
export function ruleSince(first: Date, due: Due): Date {
  const since = due.carried_nominal_at ? due.carried_since : null;
  return since && since > first ? since : first;
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
