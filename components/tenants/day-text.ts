import { weekdayDateText } from "../time/format.ts";

/** `Mon 23 Nov 2026`: a day on the calendar, whatever the zone. */
export function dayText(date: string): string {
  return weekdayDateText(`${date}T12:00:00Z`, "UTC");
}

/** `23 Nov` */
export function shortDayText(date: string): string {
  return dayText(date).split(" ").slice(1, 3).join(" ");
}

/** Whether a day is a Monday. */
export function isMonday(date: string): boolean {
  return new Date(`${date}T12:00:00Z`).getUTCDay() === 1;
}
