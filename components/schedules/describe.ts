import type { HourClock } from "#lib/access/preferences-schema";
import { timeOfDayText } from "../time/format.ts";

const weekdayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** Weekdays as chips and sentences name them; index 0 is ISO day 1, Monday. */
export const weekdays = [
  { day: 1, short: "Mon", name: "Monday" },
  { day: 2, short: "Tue", name: "Tuesday" },
  { day: 3, short: "Wed", name: "Wednesday" },
  { day: 4, short: "Thu", name: "Thursday" },
  { day: 5, short: "Fri", name: "Friday" },
  { day: 6, short: "Sat", name: "Saturday" },
  { day: 7, short: "Sun", name: "Sunday" },
] as const;

/** `Daily at 02:30`, `Mon–Fri at 2:30 am`, `Mon, Thu at 02:30`: when a schedule is due, without its zone. */
export function recurrenceText(
  schedule: {
    frequency: "daily" | "weekly";
    time_of_day: string;
    days_of_week: readonly number[] | null;
  },
  clock: HourClock,
): string {
  return `${daysText(schedule)} at ${timeOfDayText(schedule.time_of_day, clock)}`;
}

function daysText({
  frequency,
  days_of_week,
}: {
  frequency: "daily" | "weekly";
  days_of_week: readonly number[] | null;
}): string {
  const days = [...(days_of_week ?? [])].sort((a, b) => a - b);
  if (frequency === "daily" || days.length === 7) return "Daily";
  const first = days[0];
  const last = days.at(-1);
  if (first !== undefined && last !== undefined && days.length >= 3 && last - first === days.length - 1) {
    return `${weekdayNames[first - 1]}–${weekdayNames[last - 1]}`;
  }
  return days.map((day) => weekdayNames[day - 1]).join(", ");
}
