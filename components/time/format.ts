import type { HourClock } from "#lib/access/preferences-schema";

const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const weekdayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

interface WallClock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

// Only numbers are taken from Intl: its words and commas differ between the versions of Node and browsers,
// and a page must read the same on both sides of hydration.
function exactWallClock(at: number, zone: string): WallClock {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: shownZone(zone),
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
  const { year = 0, month = 0, day: date = 0, hour: hours = 0, minute: minutes = 0, second = 0 } = parts;
  return { year, month, day: date, hour: hours, minute: minutes, second };
}

/** The zone, or UTC where it is not known here: that of a schedule may be known to other browsers alone, or to none any more. */
function shownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: zone }).resolvedOptions().timeZone ? zone : "UTC";
  } catch {
    return "UTC";
  }
}

const two = (value: number) => String(value).padStart(2, "0");

function exactOffset(at: number, zone: string): number {
  const shown = exactWallClock(at, zone);
  const asUtc = Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute, shown.second);
  return Math.round((asUtc - Math.floor(at / 1000) * 1000) / minute);
}

/** Offsets at the beginnings of UTC days, by zone and the day's number since the epoch. */
const offsets = new Map<string, Map<number, number>>();
const manyDays = 5_000;

function offsetAtBeginning(dayNumber: number, zone: string): number {
  let known = offsets.get(zone);
  if (!known || known.size > manyDays) {
    known = new Map();
    offsets.set(zone, known);
  }
  let offset = known.get(dayNumber);
  if (offset === undefined) {
    offset = exactOffset(dayNumber * day, zone);
    known.set(dayNumber, offset);
  }
  return offset;
}

/**
 * Minutes that the zone's clock is ahead of UTC at an instant. On a day that begins and ends with the same offset it has
 * no other in between: Intl, at some 30 µs a call, is asked once a day and not for each of a table's hundreds of times.
 */
export function offsetMinutes(at: number, zone: string): number {
  if (zone === "UTC") return 0;
  const dayNumber = Math.floor(at / day);
  const offset = offsetAtBeginning(dayNumber, zone);
  return offset === offsetAtBeginning(dayNumber + 1, zone) ? offset : exactOffset(at, zone);
}

function wallClock(at: number, zone: string): WallClock {
  const shown = new Date(at + offsetMinutes(at, zone) * minute);
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
  };
}

/** `UTC`, `UTC+1`, `UTC−3:30`. */
export function offsetLabel(at: number, zone: string): string {
  const offset = offsetMinutes(at, zone);
  if (offset === 0) return "UTC";
  const size = Math.abs(offset);
  return `UTC${offset < 0 ? "−" : "+"}${Math.floor(size / 60)}${size % 60 ? `:${two(size % 60)}` : ""}`;
}

/** `02:30` or `2:30 am`: a time of day on the clock that the viewer reads. @param hour 0 to 23 */
function hourText(hour: number, minutes: number, clock: HourClock): string {
  if (clock === "24") return `${two(hour)}:${two(minutes)}`;
  return `${hour % 12 || 12}:${two(minutes)} ${hour < 12 ? "am" : "pm"}`;
}

/** A time of day as schedules keep it, `HH:mm` or `HH:mm:ss`, on the clock that the viewer reads. */
export function timeOfDayText(time: string, clock: HourClock): string {
  return hourText(Number(time.slice(0, 2)), Number(time.slice(3, 5)), clock);
}

/** `24 Nov 2026, 02:30`: the wall clock of `zone` at an instant, without the zone's name. */
export function dateTimeText(iso: string | number, zone: string, clock: HourClock): string {
  const at = new Date(iso).getTime();
  const shown = wallClock(at, zone);
  const time = hourText(shown.hour, shown.minute, clock);
  return `${shown.day} ${monthNames[shown.month - 1]} ${shown.year}, ${time}`;
}

/** `Tue 24 Nov 2026`: the date on the calendar of `zone`. */
export function weekdayDateText(iso: string | number, zone: string): string {
  const shown = wallClock(new Date(iso).getTime(), zone);
  const weekday = (new Date(Date.UTC(shown.year, shown.month - 1, shown.day)).getUTCDay() + 6) % 7;
  return `${weekdayNames[weekday]} ${shown.day} ${monthNames[shown.month - 1]} ${shown.year}`;
}

/** `02:30` on the clock of `zone`. */
export function timeText(iso: string | number, zone: string, clock: HourClock): string {
  const shown = wallClock(new Date(iso).getTime(), zone);
  return hourText(shown.hour, shown.minute, clock);
}

/** `24 Nov 2026, 02:30 UTC+1 (Europe/Berlin)`: unambiguous wherever it is read. */
export function fullText(iso: string | number, zone: string, clock: HourClock): string {
  const at = new Date(iso).getTime();
  const offset = offsetLabel(at, zone);
  return `${dateTimeText(at, zone, clock)} ${offset}${zone === "UTC" ? "" : ` (${zone})`}`;
}

/** `3 h ago`, `in 21 h`, `just now`. Clocks of two machines differ a little: a few seconds ahead is now. */
export function relativeText(iso: string | number, now: number): string {
  const distance = new Date(iso).getTime() - now;
  const size = Math.abs(distance);
  if (distance > -45_000 && distance <= 15_000) return "just now";
  if (size < minute) return distance > 0 ? "in under a minute" : "1 min ago";
  const words =
    size < 59.5 * minute
      ? `${Math.round(size / minute)} min`
      : size < 36 * hour
        ? `${Math.round(size / hour)} h`
        : size < 60 * day
          ? `${Math.round(size / day)} days`
          : `${Math.round(size / (30 * day))} months`;
  return distance > 0 ? `in ${words}` : `${words} ago`;
}

/** `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 60)} h`;
}
