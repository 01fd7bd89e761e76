import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import {
  countOccurrencesBetween,
  describeOccurrence,
  nextOccurrence,
  nextOccurrences,
  occurrencesBetween,
  previousOccurrence,
  type RecurrenceRule,
} from "./recurrence.ts";

/** Raise it for a longer random search: `RECURRENCE_CASES=2000000 vitest run lib/recurrence`. */
const RANDOM_CASES = Number(process.env.RECURRENCE_CASES ?? 5_000);
const TIMEOUT = 60_000 + RANDOM_CASES * 5;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.UTC(2020, 0, 1);
const END = Date.UTC(2041, 0, 1);

/** A clock change as Temporal knows it. */
type Transition = { zone: string; at: number; wallBefore: number; wallAfter: number };

const zones = Intl.supportedValuesOf("timeZone");
const transitions = zones.flatMap(transitionsOf);

function transitionsOf(zone: string): Transition[] {
  const found: Transition[] = [];
  let before = Temporal.Instant.fromEpochMilliseconds(START).toZonedDateTimeISO(zone);
  for (;;) {
    const after = before.getTimeZoneTransition("next");
    if (!after || after.epochMilliseconds >= END) return found;
    const at = after.epochMilliseconds;
    found.push({
      zone,
      at,
      wallBefore: at + before.offsetNanoseconds / 1e6,
      wallAfter: at + after.offsetNanoseconds / 1e6,
    });
    before = after;
  }
}

/** Of the zones whose clocks change alike (most of Europe's), one: it stands for the others at every minute that matters. */
const representatives = new Set(
  new Map(
    zones.toReversed().map((zone) => {
      const own = transitions.filter((each) => each.zone === zone);
      return [JSON.stringify(own.map(({ zone: _zone, ...change }) => change)), zone] as const;
    }),
  ).values(),
);

/** Temporal's answer: the instant of every nominal date within `radius` days of `around`. */
function temporalInstants(zone: string, minuteOfDay: number, around: number, radius: number) {
  const time = new Temporal.PlainTime(Math.floor(minuteOfDay / 60), minuteOfDay % 60);
  const middle = Temporal.Instant.fromEpochMilliseconds(around).toZonedDateTimeISO(zone).toPlainDate();
  const first = middle.subtract({ days: radius });
  return Array.from({ length: 2 * radius + 1 }, (_, index) => {
    const date = first.add({ days: index });
    const instant = date.toPlainDateTime(time).toZonedDateTime(zone, { disambiguation: "compatible" });
    return { dayOfWeek: date.dayOfWeek, instant: instant.epochMilliseconds };
  });
}

function onDays(
  instants: { dayOfWeek: number; instant: number }[],
  days: readonly number[] | null,
): number[] {
  const wanted = instants
    .filter(({ dayOfWeek }) => !days || days.includes(dayOfWeek))
    .map(({ instant }) => instant);
  return [...new Set(wanted)].sort((a, b) => a - b);
}

function ruleFor(
  timezone: string,
  minuteOfDay: number,
  daysOfWeek: readonly number[] | null,
): RecurrenceRule {
  const timeOfDay = `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}:00`;
  return { timezone, frequency: daysOfWeek ? "weekly" : "daily", timeOfDay, daysOfWeek };
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function minuteOf(wallClock: number): number {
  return Math.floor(modulo(wallClock, DAY) / MINUTE);
}

function isoDayOf(wallClock: number): number {
  return modulo(Math.floor(wallClock / DAY) + 3, 7) + 1;
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

describe("recurrence agrees with Temporal", () => {
  it(
    "at every clock change from 2020 to 2040, daily and weekly: beside it for each different clock, at it in every zone",
    () => {
      // Minutes on and beside both edges of the change, inside it, and half an hour and an hour off.
      const everyMinute = [-61, -60, -31, -30, -1, 0, 1, 29, 30, 59, 60];
      const differences: string[] = [];
      let cases = 0;
      for (const { zone, at, wallBefore, wallAfter } of transitions) {
        const beside = representatives.has(zone) ? everyMinute : [0];
        const edges = [wallBefore, wallAfter].flatMap((wall) =>
          beside.map((minutes) => wall + minutes * MINUTE),
        );
        const dayOfChange = isoDayOf(wallBefore);
        const dayAfter = (dayOfChange % 7) + 1;
        for (const minuteOfDay of new Set(edges.map(minuteOf))) {
          const instants = temporalInstants(zone, minuteOfDay, at, 9);
          for (const days of [null, [dayOfChange], [dayOfChange, dayAfter]]) {
            const rule = ruleFor(zone, minuteOfDay, days);
            const expected = onDays(instants, days);
            const nearest = expected.filter((instant) => Math.abs(instant - at) < DAY);
            const probes = [at - 1, at, at + 1, ...nearest, ...nearest.map((instant) => instant - 1)];
            for (const probe of probes) {
              const next = nextOccurrence(rule, new Date(probe)).getTime();
              const previous = previousOccurrence(rule, new Date(probe)).getTime();
              cases += 2;
              if (
                next !== expected.find((instant) => instant > probe) ||
                previous !== expected.findLast((instant) => instant < probe)
              ) {
                differences.push(`${JSON.stringify(rule)} at ${new Date(probe).toISOString()}`);
              }
            }
          }
        }
      }
      console.log(
        `recurrence: ${cases} cases at ${transitions.length} clock changes of ${zones.length} zones ` +
          `(${representatives.size} different clocks), ` +
          `${differences.length} differences from Temporal`,
      );
      expect(transitions.length).toBeGreaterThan(4000);
      expect(differences).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    "for random zones, minutes, days and instants from 2020 to 2040",
    () => {
      const anyDays = fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }));
      const anywhere = fc.record({
        zone: fc.constantFrom(...zones),
        minuteOfDay: fc.integer({ min: 0, max: 24 * 60 - 1 }),
        instant: fc.integer({ min: START, max: END }),
      });
      const nearChange = fc
        .record({
          transition: fc.constantFrom(...transitions),
          instantOff: fc.integer({ min: -3 * DAY, max: 3 * DAY }),
          minutesOff: fc.integer({ min: -90, max: 90 }),
        })
        .map(({ transition: { zone, at, wallBefore }, instantOff, minutesOff }) => ({
          zone,
          minuteOfDay: minuteOf(wallBefore + minutesOff * MINUTE),
          instant: at + instantOff,
        }));

      let cases = 0;
      fc.assert(
        fc.property(fc.oneof(anywhere, nearChange), anyDays, ({ zone, minuteOfDay, instant }, days) => {
          const rule = ruleFor(zone, minuteOfDay, days);
          const expected = onDays(temporalInstants(zone, minuteOfDay, instant, 17), days);
          const at = new Date(instant);
          const later = expected.filter((each) => each > instant).slice(0, 2);
          const end = new Date(instant + 14 * DAY);
          const within = expected.filter((each) => each > instant && each <= end.getTime());
          cases += 1;

          expect(nextOccurrences(rule, at, 2).map(Number)).toEqual(later);
          expect(previousOccurrence(rule, at).getTime()).toBe(expected.findLast((each) => each < instant));
          expect(occurrencesBetween(rule, at, end).map(Number)).toEqual(within);
          expect(countOccurrencesBetween(rule, at, end)).toBe(within.length);
        }),
        { numRuns: RANDOM_CASES },
      );
      console.log(`recurrence: ${cases} random rules and instants, 0 differences from Temporal`);
    },
    TIMEOUT,
  );

  it(
    "in what it says about each occurrence near a clock change",
    () => {
      let cases = 0;
      const shifts = { none: 0, gap: 0, overlap: 0 };
      for (const { zone, at, wallBefore, wallAfter } of transitions) {
        const middle = (wallBefore + wallAfter) / 2;
        for (const minuteOfDay of new Set(
          [wallBefore, middle, wallAfter, middle + 12 * 60 * MINUTE].map(minuteOf),
        )) {
          const rule = ruleFor(zone, minuteOfDay, null);
          const occurrence = nextOccurrence(rule, new Date(at - DAY / 2));
          const said = describeOccurrence(rule, occurrence);
          const nominal = Temporal.PlainDateTime.from(`${said.localDate}T${said.nominalTime}`);
          const earlier = nominal.toZonedDateTime(zone, { disambiguation: "earlier" });
          const later = nominal.toZonedDateTime(zone, { disambiguation: "later" });
          const actual = Temporal.Instant.fromEpochMilliseconds(occurrence.getTime()).toZonedDateTimeISO(
            zone,
          );
          const ambiguous = !earlier.equals(later);
          const kept = actual.toPlainDateTime().equals(nominal);
          const shift = kept ? (ambiguous ? "overlap" : "none") : "gap";
          cases += 1;
          shifts[said.shift] += 1;

          expect(said.instant).toEqual(occurrence);
          expect(said.nominalTime).toBe(rule.timeOfDay.slice(0, 5));
          expect(said.actualTime).toBe(actual.toPlainTime().toString().slice(0, 5));
          expect(said.shift, `${zone} ${nominal}`).toBe(shift);
          expect(said.note === null).toBe(shift === "none");
        }
      }
      console.log(
        `recurrence: ${cases} occurrences described as Temporal has them: ${JSON.stringify(shifts)}`,
      );
      expect(Math.min(...Object.values(shifts))).toBeGreaterThan(1000);
    },
    TIMEOUT,
  );
});
