import { format } from "date-fns-tz";

/** When a schedule is due: a wall-clock minute in a zone, every day or on some days of the week. */
export type RecurrenceRule = {
  /** IANA name, see {@link isKnownTimezone}. */
  timezone: string;
  frequency: "daily" | "weekly";
  /** `HH:mm` or `HH:mm:00`. */
  timeOfDay: string;
  /** ISO days (1 Monday … 7 Sunday), non-empty and unique for weekly; null for daily. */
  daysOfWeek: readonly number[] | null;
};

/** What {@link describeOccurrence} says about one occurrence. */
export type OccurrenceDescription = {
  instant: Date;
  /** The nominal date `YYYY-MM-DD` in the rule's zone: the date whose day of the week the rule asked for. */
  localDate: string;
  /** `HH:mm` as the rule asks for it. */
  nominalTime: string;
  /** `HH:mm` on the zone's clock when it runs. */
  actualTime: string;
  shift: "none" | "gap" | "overlap";
  /** In words what a clock change does to this occurrence; null when it does nothing. */
  note: string | null;
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The first occurrence strictly after `after`.
 *
 * The rule is java.time's and Temporal's "compatible" disambiguation: a wall-clock time that a clock change
 * skips runs shifted forward by the length of the gap, one that occurs twice runs at the first. The days of a
 * weekly rule are those of the nominal date. Where a zone skipped a whole day, the nominal occurrence of that
 * day falls on the same instant as the next day's: that is one occurrence.
 *
 * Supported are instants of the years 1970 to 9999; results are exact from 1972, when the last zone
 * (Africa/Monrovia) gave up an offset with seconds.
 *
 * @throws RangeError whose message begins with the field that is wrong: `timezone`, `frequency`, `timeOfDay`,
 *   `daysOfWeek` or `after`
 */
export function nextOccurrence(rule: RecurrenceRule, after: Date): Date {
  return new Date(firstAfter(plan(rule), instantOf(after, "after")));
}

/**
 * The first `count` occurrences strictly after `after`, ascending.
 *
 * @throws RangeError as {@link nextOccurrence}, and for a `count` that is no integer of 0 or more
 */
export function nextOccurrences(rule: RecurrenceRule, after: Date, count: number): Date[] {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(`count must be an integer of 0 or more, not ${count}`);
  }
  const instants = ascending(plan(rule), instantOf(after, "after"));
  return Array.from({ length: count }, () => new Date(instants.next().value));
}

/**
 * The last occurrence strictly before `before`.
 *
 * @throws RangeError as {@link nextOccurrence}, naming `before`
 */
export function previousOccurrence(rule: RecurrenceRule, before: Date): Date {
  const planned = plan(rule);
  const limit = instantOf(before, "before");
  // Tomorrow's occurrence may be past: a clock set back over midnight shows yesterday's date again.
  for (let day = localDay(planned.zone, limit) + 1; ; day -= 1) {
    if (!fallsOn(planned, day)) continue;
    const instant = instantOfDay(planned, day);
    if (instant < limit) return new Date(instant);
  }
}

/**
 * All occurrences later than `from` and not later than `to`, ascending; empty when `to` is not after `from`.
 * One array entry an occurrence: use {@link countOccurrencesBetween} where the span may be long.
 *
 * @throws RangeError as {@link nextOccurrence}, naming `from` or `to`
 */
export function occurrencesBetween(rule: RecurrenceRule, from: Date, to: Date): Date[] {
  const end = instantOf(to, "to");
  const found: Date[] = [];
  for (const instant of ascending(plan(rule), instantOf(from, "from"))) {
    if (instant > end) break;
    found.push(new Date(instant));
  }
  return found;
}

/**
 * How many occurrences are later than `from` and not later than `to`. Time grows with the days in between,
 * memory does not.
 *
 * @throws RangeError as {@link nextOccurrence}, naming `from` or `to`
 */
export function countOccurrencesBetween(rule: RecurrenceRule, from: Date, to: Date): number {
  const end = instantOf(to, "to");
  let count = 0;
  for (const instant of ascending(plan(rule), instantOf(from, "from"))) {
    if (instant > end) break;
    count += 1;
  }
  return count;
}

/**
 * Says which nominal date and time an occurrence stands for, and in words when a clock change moves it.
 *
 * @param occurrence an instant that the functions above returned for this rule
 * @throws RangeError as {@link nextOccurrence}, and naming `occurrence` when the rule has none at that time
 */
export function describeOccurrence(rule: RecurrenceRule, occurrence: Date): OccurrenceDescription {
  const planned = plan(rule);
  const { zone, timeOfDay } = planned;
  const instant = instantOf(occurrence, "occurrence");
  const offset = offsetAt(zone, instant);
  const actual = instant + offset;
  const today = dayOf(actual);
  // A gap moves an occurrence by a day at most. Of two nominal dates at one instant, take the unmoved one.
  const day = [today, today - 1].find((d) => fallsOn(planned, d) && instantOfDay(planned, d) === instant);
  if (day === undefined) {
    throw new RangeError(`occurrence ${occurrence.toISOString()} is none of this rule's`);
  }

  const nominal = day * DAY + timeOfDay;
  const nominalTime = timeText(nominal);
  const actualTime = timeText(actual);
  let shift: OccurrenceDescription["shift"] = "none";
  let note: string | null = null;
  if (actual !== nominal) {
    shift = "gap";
    const missing =
      actual - nominal < DAY
        ? `${nominalTime} does not exist on ${dateText(nominal)}`
        : `${dateText(nominal)} does not exist`;
    const date = day === today ? "" : ` on ${dateText(actual)}`;
    note = `${missing} in ${zone.name}; runs at ${actualTime}${date}`;
  } else if (occursAgain(zone, nominal, instant)) {
    shift = "overlap";
    const date = dateText(nominal);
    note = `${nominalTime} occurs twice on ${date} in ${zone.name}; runs at the first (${offsetText(offset)})`;
  }
  return {
    instant: new Date(instant),
    localDate: new Date(nominal).toISOString().slice(0, 10),
    nominalTime,
    actualTime,
    shift,
    note,
  };
}

/**
 * Whether `timezone` is an IANA name that this runtime knows, links such as `US/Pacific` and `UTC` included.
 * Refused are offsets (`+02:00`), the wrong case where the runtime shows it, and the names that ICU adds to
 * IANA's (`PST`, `SystemV/PST8`), which other runtimes do not know.
 */
export function isKnownTimezone(timezone: string): boolean {
  return knownZone(timezone) !== undefined;
}

/** `HH:mm` or `HH:mm:00` to `HH:mm:ss`; null for anything else, seconds other than 00 included. */
export function normalizeTimeOfDay(timeOfDay: string): string | null {
  const minute = /^((?:[01]\d|2[0-3]):[0-5]\d)(?::00)?$/.exec(timeOfDay)?.[1];
  return minute === undefined ? null : `${minute}:00`;
}

// ── Rules ──────────────────────────────────────────────────────────────────────────────────────────────────
// A wall-clock reading is a number here: the milliseconds since the epoch of a UTC clock that shows the same.
// A day is the number of days since 1970-01-01 on the calendar, without a zone.

type Plan = { zone: Zone; timeOfDay: number; days: number };

const EVERY_DAY = 0b1111111;

function plan(rule: RecurrenceRule): Plan {
  const zone = knownZone(rule.timezone);
  if (!zone)
    throw new RangeError(`timezone "${rule.timezone}" is not an IANA time zone that this runtime knows`);
  const time = normalizeTimeOfDay(rule.timeOfDay);
  if (time === null) throw new RangeError(`timeOfDay "${rule.timeOfDay}" is not HH:mm or HH:mm:00`);
  const timeOfDay = Number(time.slice(0, 2)) * HOUR + Number(time.slice(3, 5)) * MINUTE;
  return { zone, timeOfDay, days: daysMask(rule) };
}

function daysMask({ frequency, daysOfWeek }: RecurrenceRule): number {
  if (frequency === "daily") {
    if (daysOfWeek?.length) throw new RangeError("daysOfWeek must be null for a daily rule");
    return EVERY_DAY;
  }
  if (frequency !== "weekly") throw new RangeError(`frequency "${frequency}" is neither daily nor weekly`);
  let mask = 0;
  for (const day of daysOfWeek ?? []) {
    if (!Number.isInteger(day) || day < 1 || day > 7) {
      throw new RangeError(`daysOfWeek has ${day}, which is no ISO day (1 Monday to 7 Sunday)`);
    }
    const bit = 1 << (day - 1);
    if (mask & bit) throw new RangeError(`daysOfWeek has ${day} twice`);
    mask |= bit;
  }
  if (mask === 0) throw new RangeError("daysOfWeek must name at least one day for a weekly rule");
  return mask;
}

const EARLIEST = Date.UTC(1970, 0, 1);
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function instantOf(date: Date, field: string): number {
  const instant = date.getTime();
  if (!(instant >= EARLIEST && instant <= LATEST)) {
    throw new RangeError(`${field} must be a date of the years 1970 to 9999`);
  }
  return instant;
}

function fallsOn({ days }: Plan, day: number): boolean {
  if (days === EVERY_DAY) return true;
  // Day 0 was a Thursday; a search that starts there goes back by a week and two days at most.
  return ((days >> ((day + 3 + 14) % 7)) & 1) === 1;
}

function instantOfDay({ zone, timeOfDay }: Plan, day: number): number {
  return instantOfWallClock(zone, day * DAY + timeOfDay);
}

function localDay(zone: Zone, instant: number): number {
  return dayOf(instant + offsetAt(zone, instant));
}

function dayOf(wallClock: number): number {
  return Math.floor(wallClock / DAY);
}

function firstAfter(planned: Plan, limit: number): number {
  // Yesterday's occurrence may still be due: a gap can have moved it past midnight.
  for (let day = localDay(planned.zone, limit) - 1; ; day += 1) {
    if (!fallsOn(planned, day)) continue;
    const instant = instantOfDay(planned, day);
    if (instant > limit) return instant;
  }
}

function* ascending(planned: Plan, after: number): Generator<number, never> {
  let last = after;
  for (let day = localDay(planned.zone, after) - 1; ; day += 1) {
    if (!fallsOn(planned, day)) continue;
    const instant = instantOfDay(planned, day);
    // Not `>=`: where a zone skipped a day, two nominal days share an instant.
    if (instant <= last) continue;
    last = instant;
    yield instant;
  }
}

// ── Words ──────────────────────────────────────────────────────────────────────────────────────────────────

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

function timeText(wallClock: number): string {
  return new Date(wallClock).toISOString().slice(11, 16);
}

function dateText(wallClock: number): string {
  const date = new Date(wallClock);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

function offsetText(offset: number): string {
  const minutes = Math.abs(offset) / MINUTE;
  const rest = minutes % 60 ? `:${String(minutes % 60).padStart(2, "0")}` : "";
  return `UTC${offset < 0 ? "-" : "+"}${Math.floor(minutes / 60)}${rest}`;
}

// ── Zones ──────────────────────────────────────────────────────────────────────────────────────────────────
// Of date-fns-tz only the offset at an instant is used (format, "xxx"), which is right everywhere. The rest
// is not: fromZonedTime runs Berlin's missing 02:30 at 01:30, getTimezoneOffset takes its date for a wall clock,
// and toZonedTime goes wrong in the gaps of the process's own zone. So the clock changes near the instants asked
// for are found and kept here, and wall clocks are resolved against them.

/** From the instant `at` on, the zone's clock is `offset` ahead of UTC; both in milliseconds. */
type Change = { at: number; offset: number };

/** In spans of equal length: the offset at each start, and the change within where the next start differs. */
type Zone = { name: string; offsets: Map<number, number>; changes: Map<number, Change> };

/** Shorter than any two changes of a zone are apart: 6.9 days from 1970 to 2040 (Recife 2000, Gaza 2040). */
const SPAN = 4 * DAY;

// Both limits only keep odd use from growing without end: IANA has some 600 names, 1024 spans are 11 years.
const MAX_ZONES = 1000;
const MAX_SPANS = 1024;
const zones = new Map<string, Zone>();

function knownZone(name: string): Zone | undefined {
  const cached = zones.get(name);
  if (cached || !isIanaName(name)) return cached;
  const zone: Zone = { name, offsets: new Map(), changes: new Map() };
  if (zones.size >= MAX_ZONES) zones.clear();
  zones.set(name, zone);
  return zone;
}

const NAME = /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*){0,2}$/;
/** All three-letter names of the IANA database; ICU adds old ones of its own (`PST`, `IST`). */
const THREE_LETTER_NAMES = /^(?:CET|EET|EST|GMT|HST|MET|MST|PRC|ROC|ROK|UCT|UTC|WET)$/;

function isIanaName(name: string): boolean {
  if (!NAME.test(name) || name.startsWith("SystemV/")) return false;
  if (name.length === 3 && !THREE_LETTER_NAMES.test(name)) return false;
  try {
    const resolved = new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone;
    // Intl ignores case; it shows the right one unless it answers with the zone that a link stands for.
    return resolved === name || resolved.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** When the zone's clock shows `wallClock`: the first of two; in a gap, shifted forward by its length. */
function instantOfWallClock(zone: Zone, wallClock: number): number {
  // No offset reaches a day, so these spans hold every change that can matter.
  const first = spanOf(wallClock - DAY);
  const last = spanOf(wallClock + DAY);
  let offset = offsetAtStart(zone, first);
  for (let span = first; span <= last; span += 1) {
    const change = changeIn(zone, span);
    if (!change) continue;
    const instant = wallClock - offset;
    const shownBefore = instant < change.at;
    const skipped = wallClock - change.offset < change.at;
    if (shownBefore || skipped) return instant;
    offset = change.offset;
  }
  return wallClock - offset;
}

/** Whether the zone's clock, having shown `wallClock` at `first`, shows it again. */
function occursAgain(zone: Zone, wallClock: number, first: number): boolean {
  const second = wallClock - offsetAt(zone, first + DAY);
  return second > first && second + offsetAt(zone, second) === wallClock;
}

function offsetAt(zone: Zone, instant: number): number {
  const span = spanOf(instant);
  const change = changeIn(zone, span);
  return change && change.at <= instant ? change.offset : offsetAtStart(zone, span);
}

function spanOf(instant: number): number {
  return Math.floor(instant / SPAN);
}

function offsetAtStart(zone: Zone, span: number): number {
  const cached = zone.offsets.get(span);
  if (cached !== undefined) return cached;
  const offset = readOffset(zone.name, span * SPAN);
  if (zone.offsets.size >= MAX_SPANS) {
    zone.offsets.clear();
    zone.changes.clear();
  }
  zone.offsets.set(span, offset);
  return offset;
}

/** The change after the span's start, up to and including the start of the next. */
function changeIn(zone: Zone, span: number): Change | undefined {
  const before = offsetAtStart(zone, span);
  const offset = offsetAtStart(zone, span + 1);
  if (before === offset) return undefined;
  const cached = zone.changes.get(span);
  if (cached) return cached;

  // Clocks change at whole seconds.
  let low = span * SPAN;
  let high = low + SPAN;
  while (high - low > SECOND) {
    const middle = low + Math.floor((high - low) / (2 * SECOND)) * SECOND;
    if (readOffset(zone.name, middle) === before) low = middle;
    else high = middle;
  }
  const change = { at: high, offset };
  zone.changes.set(span, change);
  return change;
}

function readOffset(timezone: string, instant: number): number {
  const text = format(instant, "xxx", { timeZone: timezone });
  const size = Number(text.slice(1, 3)) * HOUR + Number(text.slice(4, 6)) * MINUTE;
  return text.startsWith("-") ? -size : size;
}
