import type { z } from "zod";
import { describeOccurrence, nextOccurrences } from "#lib/recurrence/recurrence";
import {
  type Due,
  dueAfterEdit,
  nextRunsAt,
  nominalOf,
  nothingCarried,
  ruleOf,
  ruleSince,
  startOffsetMinutes,
  type Timing,
} from "./timing.ts";
import type { occurrenceView, scheduleView } from "./views.ts";

const minute = 60_000;

/** One of the next runs, as a person reads it. */
export type PreviewedOccurrence = z.infer<typeof occurrenceView>;

/**
 * The next `count` runs of a schedule, its start offset included. Pure, so that a form can show it as one types.
 * @param scheduleId decides the start offset within the start window; null for a schedule that is not saved yet,
 *   which is shown at its nominal times
 * @throws RangeError as lib/recurrence/recurrence.ts
 */
export function previewOccurrences(
  scheduleId: number | null,
  timing: Timing,
  after: Date,
  count: number,
): PreviewedOccurrence[] {
  const id = scheduleId ?? 0;
  const start_window_minutes = scheduleId === null ? 0 : timing.start_window_minutes;
  const shown = { ...timing, start_window_minutes };
  return described(id, shown, nextRunsAt(id, shown, after, count));
}

type DueFields = "next_run_at" | "carried_nominal_at" | "carried_since";

/** A schedule as API and pages have it. */
type ShownSchedule = Timing & { id: number } & Pick<z.infer<typeof scheduleView>, DueFields>;

/**
 * The next `count` runs of a timing that is being typed. Pure as {@link previewOccurrences}.
 * @param saved the schedule that is edited; null for a new one, which is shown at its nominal times
 * @throws RangeError as lib/recurrence/recurrence.ts
 */
export function previewTyped(
  saved: ShownSchedule | null,
  timing: Timing,
  now: Date,
  count: number,
): PreviewedOccurrence[] {
  if (!saved?.next_run_at) return previewOccurrences(saved?.id ?? null, timing, now, count);
  const { next_run_at, carried_nominal_at, carried_since } = saved;
  const due = {
    next_run_at: new Date(next_run_at),
    carried_nominal_at: carried_nominal_at === null ? null : new Date(carried_nominal_at),
    carried_since: carried_since === null ? null : new Date(carried_since),
  };
  return previewEdit({ ...saved, ...due }, timing, now, count);
}

/**
 * The next `count` runs of an enabled schedule, were its timing saved now: what is due by the saved timing stays, and
 * nothing of the new one lies in the past. Pure as {@link previewOccurrences}.
 * @param saved the schedule as it is, with what was carried over an edit of its timing
 * @throws RangeError as lib/recurrence/recurrence.ts, for the new timing
 */
export function previewEdit(
  saved: { id: number; next_run_at: Date } & Partial<Due> & Timing,
  timing: Timing,
  now: Date,
  count: number,
): PreviewedOccurrence[] {
  const before: Due & Timing = { ...nothingCarried, ...saved };
  const due = sameTiming(saved, timing) ? before : dueAfterEdit(saved.id, before, timing, now);
  const offset = startOffsetMinutes(saved.id, timing.start_window_minutes) * minute;
  const since = ruleSince(nominalOf(saved.id, timing, due), due);
  // What has passed since then comes no more, however long it has been due: dispatch goes on from now.
  const nominalNow = new Date(now.getTime() - offset);
  const later = nextOccurrences(ruleOf(timing), since > nominalNow ? since : nominalNow, count - 1);
  return described(saved.id, timing, [
    due.next_run_at,
    ...later.map((nominal) => new Date(nominal.getTime() + offset)),
  ]);
}

function sameTiming(a: Timing, b: Timing): boolean {
  const text = (timing: Timing) => {
    const { timezone, frequency, timeOfDay, daysOfWeek } = ruleOf(timing);
    const days = daysOfWeek?.toSorted((one, other) => one - other);
    return JSON.stringify([timezone, frequency, timeOfDay.slice(0, 5), days, timing.start_window_minutes]);
  };
  return text(a) === text(b);
}

function described(scheduleId: number, timing: Timing, starts: readonly Date[]): PreviewedOccurrence[] {
  const offset = startOffsetMinutes(scheduleId, timing.start_window_minutes);
  const clock = clockOf(timing.timezone);
  return starts.map((at) => {
    // A clock change moves the occurrence; the start offset comes on top, and the rule does not know it.
    const note = noteOf(timing, new Date(at.getTime() - offset * minute));
    const later = note !== null && offset > 0 ? `; starts ${offset} min later` : "";
    return { at: at.toISOString(), local: clock(at), note: note === null ? null : note + later };
  });
}

/** What a clock change does to an occurrence; nothing is known of one that the rule does not give. */
function noteOf(timing: Timing, nominal: Date): string | null {
  try {
    return describeOccurrence(ruleOf(timing), nominal).note;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
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
