import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { planDispatch } from "./plan-dispatch.ts";
import {
  type Due,
  dueAfterEdit,
  dueWhenEnabled,
  nothingCarried,
  startOffsetMinutes,
  type Timing,
} from "./timing.ts";

/**
 * A schedule is edited again and again while a service ticks, or is away for hours or days. What it should have run is
 * said by Temporal and by the definition in docs/schedules.md, without any of our own reckoning with wall clocks: an
 * occurrence belongs to the rule that is in force at its nominal time.
 */

const minute = 60_000;
const hour = 60 * minute;
const scheduleId = 12;
const name = "Nightly";
/** Their clock changes lie in the year that is tried; Lord Howe's are of half an hour. */
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];

const timing = fc.record({
  timezone: fc.constantFrom(...zones),
  time_of_day: fc
    .tuple(fc.constantFrom(0, 1, 2, 3, 5, 12, 23), fc.constantFrom(0, 15, 30, 59))
    .map(([h, m]) => `${String(h).padStart(2, "0")}:${String(m).padStart(2, "0")}:00`),
  days: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), { freq: 2 }),
  start_window_minutes: fc.constantFrom(0, 0, 45, 120, 720),
});

const fields: (keyof Value)[] = ["timezone", "time_of_day", "days", "start_window_minutes"];
const change = fc.oneof(
  fc.record({
    kind: fc.constant("edit" as const),
    fields: fc.subarray(fields, { minLength: 1 }),
    to: timing,
  }),
  fc.record({ kind: fc.constant("none" as const) }),
);
const step = fc.record({
  /** Minutes that pass before the change. */
  wait: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 3 * 24 * 60 })),
  /** Whether the service ticks meanwhile. */
  up: fc.boolean(),
  change,
});

type Value = { timezone: string; time_of_day: string; days: number[] | null; start_window_minutes: number };

const timingOf = ({ days, ...rest }: Value): Timing => ({
  ...rest,
  frequency: days ? "weekly" : "daily",
  days_of_week: days,
});

/** Temporal's occurrences of a rule with `from` < nominal time <= `to`. */
function nominals(value: Value, from: number, to: number): number[] {
  const time = Temporal.PlainTime.from(value.time_of_day);
  const dateAt = (at: number) =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(value.timezone).toPlainDate();
  const found: number[] = [];
  const end = dateAt(to).add({ days: 1 });
  for (
    let date = dateAt(from).subtract({ days: 1 });
    Temporal.PlainDate.compare(date, end) <= 0;
    date = date.add({ days: 1 })
  ) {
    if (value.days && !value.days.includes(date.dayOfWeek)) continue;
    const at = date.toPlainDateTime(time).toZonedDateTime(value.timezone, { disambiguation: "compatible" });
    if (at.epochMilliseconds > from && at.epochMilliseconds <= to) found.push(at.epochMilliseconds);
  }
  return found;
}

interface Dispatched {
  nominal: number;
  at: number;
  scheduledFor: number;
  missed: number;
}

function simulate(begin: number, first: Value, steps: readonly Step[]) {
  let now = begin;
  let value = first;
  let due: Due = {
    ...nothingCarried,
    // A schedule that was dispatched at its begin: nothing of its past is still to come.
    next_run_at: dueWhenEnabled(scheduleId, timingOf(first), new Date(now), new Date(now)),
  };
  const runs: Dispatched[] = [];
  const expected: number[] = [];
  const tick = () => {
    if (due.next_run_at.getTime() > now) return;
    const [run] = planDispatch([
      {
        id: scheduleId,
        tenant_id: 1,
        name,
        missed_run_policy: "run_latest",
        now: new Date(now),
        ...timingOf(value),
        ...due,
      },
    ]).runs;
    if (!run) throw new Error("nothing was planned");
    runs.push({
      nominal: run.nominal_at.getTime(),
      scheduledFor: run.scheduled_for.getTime(),
      at: now,
      missed: run.missed_occurrences,
    });
    due = { ...nothingCarried, next_run_at: run.next_run_at };
  };
  for (const { wait, up, change } of steps) {
    const until = now + wait * minute;
    expected.push(...nominals(value, now, until));
    if (up) {
      // Ticks of a minute, without those that find nothing.
      while (due.next_run_at.getTime() <= until) {
        now = Math.max(now, due.next_run_at.getTime());
        tick();
      }
    }
    now = until;
    if (change.kind === "none") continue;
    const after = {
      ...value,
      ...Object.fromEntries(change.fields.map((field) => [field, change.to[field]])),
    };
    due = dueAfterEdit(scheduleId, { ...timingOf(value), ...due }, timingOf(after), new Date(now));
    value = after;
  }
  // Long enough for every start window; what comes due in it is an occurrence as well.
  const end = now + 13 * hour;
  expected.push(...nominals(value, now, end));
  while (due.next_run_at.getTime() <= end) {
    now = Math.max(now, due.next_run_at.getTime());
    tick();
  }
  return {
    runs,
    expected,
    end,
    waiting: end - startOffsetMinutes(scheduleId, value.start_window_minutes) * minute,
  };
}

type Step = { wait: number; up: boolean; change: Change };
type Change = { kind: "none" } | { kind: "edit"; fields: readonly (keyof Value)[]; to: Value };

const begin = fc
  .integer({ min: 0, max: 52 * 7 * 24 * 60 })
  .map((minutes) => Date.UTC(2026, 0, 1) + minutes * minute);

test("whatever is edited and whenever the service is away, each occurrence runs once or is counted as missed", () => {
  fc.assert(
    fc.property(begin, timing, fc.array(step, { minLength: 1, maxLength: 8 }), (from, first, steps) => {
      const { runs, expected, waiting } = simulate(from, first, steps);
      // One nominal time may be an occurrence of two rules, before an edit and not after it: it is one occurrence.
      const all = [...new Set(expected)].sort((a, b) => a - b);
      const nominal = runs.map((run) => run.nominal);
      expect(new Set(nominal).size).toBe(nominal.length);
      for (const at of nominal) expect(all).toContain(at);
      // Between two runs lie exactly the occurrences that the later one counts as missed.
      let before = -1;
      for (const run of runs) {
        const place = all.indexOf(run.nominal);
        expect(place - before - 1).toBe(run.missed);
        before = place;
      }
      // What is left waits in its start window at the end.
      for (const at of all.slice(before + 1)) expect(at).toBeGreaterThan(waiting);
      // None starts before its nominal time.
      for (const run of runs) expect(run.at).toBeGreaterThanOrEqual(run.nominal);
    }),
    { numRuns: Number(process.env.RECURRENCE_CASES ?? 3_000), seed: 20_261_129 },
  );
}, 120_000);

test("while the service is up, each occurrence runs by itself, within the start window of then or after the edit", () => {
  fc.assert(
    fc.property(
      begin,
      timing,
      fc.array(
        step.map((one) => ({ ...one, up: true })),
        { minLength: 1, maxLength: 8 },
      ),
      (from, first, steps) => {
        const { runs } = simulate(from, first, steps);
        for (const run of runs) {
          expect(run.at).toBe(run.scheduledFor);
          expect(run.at - run.nominal).toBeLessThan(720 * minute);
        }
      },
    ),
    { numRuns: 1_000, seed: 20_261_129 },
  );
}, 120_000);
