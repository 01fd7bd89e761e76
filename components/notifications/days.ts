import { dayOf, startOfDay } from "../data-table/time-range.ts";
import { weekdayDateText } from "../time/format.ts";

/** Entries of one day. */
export interface Day<T> {
  /** `Today`, `Yesterday`, `Tue 24 Nov 2026`. */
  label: string;
  entries: T[];
}

/**
 * Groups entries, newest first, by the days of a zone's calendar.
 * @param now milliseconds since the epoch
 */
export function byDay<T extends { created_at: string }>(
  entries: readonly T[],
  zone: string,
  now: number,
): Day<T>[] {
  const today = weekdayDateText(now, zone);
  const yesterday = weekdayDateText(startOfDay(dayOf(now, zone), zone) - 1, zone);
  const days: Day<T>[] = [];
  for (const entry of entries) {
    const date = weekdayDateText(entry.created_at, zone);
    const label = date === today ? "Today" : date === yesterday ? "Yesterday" : date;
    const last = days.at(-1);
    if (last?.label === label) last.entries.push(entry);
    else days.push({ label, entries: [entry] });
  }
  return days;
}
