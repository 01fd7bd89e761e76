import { describeOccurrence } from "./recurrence.ts";
import { nextRunsAt, ruleOf, startOffsetMinutes, type Timing } from "./timing.ts";

const minute = 60_000;

/** One of the next runs, as a person reads it. */
export interface PreviewedOccurrence {
  /** ISO 8601, UTC. */
  at: string;
  /** `YYYY-MM-DD HH:mm` on the clock of the schedule's zone. */
  local: string;
  /** In words what a clock change does to it; null when it does nothing. */
  note: string | null;
}

/**
 * The next `count` runs of a schedule, its start offset included. Pure, so that a form can show it as one types.
 * @param scheduleId decides the start offset within the start window; null for a schedule that is not saved yet,
 *   which is shown at its nominal times
 * @throws RangeError as lib/schedules/recurrence.ts
 */
export function previewOccurrences(
  scheduleId: number | null,
  timing: Timing,
  after: Date,
  count: number,
): PreviewedOccurrence[] {
  const id = scheduleId ?? 0;
  const start_window_minutes = scheduleId === null ? 0 : timing.start_window_minutes;
  const offset = startOffsetMinutes(id, start_window_minutes);
  const rule = ruleOf(timing);
  const clock = clockOf(timing.timezone);
  return nextRunsAt(id, { ...timing, start_window_minutes }, after, count).map((at) => {
    // A clock change moves the occurrence; the start offset comes on top, and the rule does not know it.
    const { note } = describeOccurrence(rule, new Date(at.getTime() - offset * minute));
    const later = note !== null && offset > 0 ? `; starts ${offset} min later` : "";
    return { at: at.toISOString(), local: clock(at), note: note === null ? null : note + later };
  });
}

function clockOf(timeZone: string): (at: Date) => string {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  return (at) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}`;
  };
}
