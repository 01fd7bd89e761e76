import { Temporal } from "temporal-polyfill";

/** When a schedule is due, as Temporal needs it. */
export interface Rule {
  timezone: string;
  /** `HH:MM` or `HH:MM:SS` */
  time_of_day: string;
  /** ISO weekdays of a weekly schedule; null for a daily one. */
  days: readonly number[] | null;
}

/** A rule, and the instant (milliseconds) from which it is in force. */
export interface RuleSince extends Rule {
  since: number;
}

/**
 * The nominal times of a rule, said by Temporal: nothing of the product's own reckoning with wall clocks is in it.
 * @param from milliseconds; times after it …
 * @param to … and up to this one
 */
export function nominalTimes(rule: Rule, from: number, to: number): number[] {
  const time = Temporal.PlainTime.from(rule.time_of_day);
  const dateAt = (at: number) =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(rule.timezone).toPlainDate();
  const found: number[] = [];
  const end = dateAt(to).add({ days: 1 });
  for (
    let date = dateAt(from).subtract({ days: 1 });
    Temporal.PlainDate.compare(date, end) <= 0;
    date = date.add({ days: 1 })
  ) {
    if (rule.days && !rule.days.includes(date.dayOfWeek)) continue;
    const at = date.toPlainDateTime(time).toZonedDateTime(rule.timezone, { disambiguation: "compatible" });
    if (at.epochMilliseconds > from && at.epochMilliseconds <= to) found.push(at.epochMilliseconds);
  }
  return found;
}

/**
 * The occurrences of a schedule that was edited: each belongs to the rule that is in force at its nominal time.
 * @param rules oldest first
 * @param until milliseconds: the last instant that counts
 */
export function occurrencesOf(rules: readonly RuleSince[], until: number): number[] {
  const found = rules.flatMap((rule, index) =>
    nominalTimes(rule, rule.since, Math.min(rules[index + 1]?.since ?? until, until)),
  );
  return [...new Set(found)].sort((a, b) => a - b);
}

/** An edit whose transaction waits for its schedule's row counts from when it began, and dispatch may have been quicker. */
const overtakenMs = 10_000;

/** The nominal times of rules that had just been replaced, which may have been dispatched all the same. */
export function overtakenEdits(rules: readonly RuleSince[]): Set<number> {
  return new Set(
    rules.flatMap((rule, index) => {
      const next = rules[index + 1];
      return next ? nominalTimes(rule, next.since, next.since + overtakenMs) : [];
    }),
  );
}

/** What became of an occurrence: a row of `backup_schedule_runs`. */
export interface Dispatched {
  /** Milliseconds. */
  nominal: number;
  /** Older occurrences that it stands for. */
  missed: number;
}

/** Occurrences held against what was dispatched. */
export interface Accounts {
  expected: number;
  /** Stood for by a later one, as after an outage. */
  merged: number;
  lost: number;
  double: number;
  /** Dispatched at an instant that is none of the schedule's. */
  invented: number;
}

/**
 * Accounts for each occurrence of one schedule: between two that were dispatched lie exactly those that the later one counts
 * as missed.
 * @param occurrences nominal times, oldest first
 * @param dispatched oldest first
 * @param isSettled whether an occurrence that nothing stands for had its time
 */
export function accountFor(
  occurrences: readonly number[],
  dispatched: readonly Dispatched[],
  isSettled: (nominal: number) => boolean,
): Accounts {
  const accounts: Accounts = { expected: 0, merged: 0, lost: 0, double: 0, invented: 0 };
  const seen = new Set<number>();
  let before = -1;
  for (const { nominal, missed } of dispatched) {
    if (seen.has(nominal)) accounts.double += 1;
    seen.add(nominal);
    const place = occurrences.indexOf(nominal);
    if (place < 0) {
      accounts.invented += 1;
      continue;
    }
    const between = Math.max(0, place - before - 1);
    accounts.merged += Math.min(between, missed);
    accounts.lost += Math.max(0, between - missed);
    accounts.double += Math.max(0, missed - between);
    before = Math.max(before, place);
  }
  accounts.lost += occurrences.slice(before + 1).filter(isSettled).length;
  accounts.expected = occurrences.filter((nominal) => seen.has(nominal) || isSettled(nominal)).length;
  return accounts;
}
