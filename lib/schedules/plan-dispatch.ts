import { caughtUpHours, missedAfterMinutes } from "#lib/limits";
import { nextOccurrence, occurrencesBetween } from "#lib/recurrence/recurrence";
import type { RunErrorCode } from "#lib/run-error-codes";
import { type Due, nominalOf, ruleOf, ruleSince, startOffsetMinutes, type Timing } from "./timing.ts";

const minute = 60_000;

export const missedAfterMs = missedAfterMinutes * minute;
const neverAfterMs = caughtUpHours * 60 * minute;

/** A schedule as the dispatcher claims it. */
export interface DueSchedule extends Timing, Due {
  id: number;
  tenant_id: number;
  name: string;
  missed_run_policy: "run_latest" | "skip";
  now: Date;
}

/** A run that the dispatcher creates, and when its schedule is due again. */
export interface PlannedRun {
  tenant_id: number;
  backup_schedule_id: number;
  /** Which occurrence it is. */
  nominal_at: Date;
  /** When that is due: its nominal time and the start offset. */
  scheduled_for: Date;
  status: "running" | "skipped";
  missed_occurrences: number;
  error_code: RunErrorCode | null;
  error_message: string | null;
  next_run_at: Date;
}

export interface DispatchPlan {
  runs: PlannedRun[];
  /** Schedules whose rule this runtime cannot compute (a time zone that it no longer knows): to be paused. */
  unusable: { id: number; tenant_id: number; name: string; reason: string }[];
}

/**
 * Decides what becomes of due schedules: pure, so that every rule of docs/schedules.md is tested without a
 * clock or a database.
 *
 * Of several occurrences that passed, only the newest counts: it runs, or a `skipped` run says why not; the
 * older ones are counted in `missed_occurrences`. Occurrences are computed once for all schedules of the same
 * timing and due time.
 */
export function planDispatch(due: readonly DueSchedule[]): DispatchPlan {
  const memo = new Map<string, Times>();
  const runs: PlannedRun[] = [];
  const unusable: DispatchPlan["unusable"] = [];
  for (const schedule of due) {
    try {
      runs.push(planRun(schedule, memoized(memo, schedule)));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const { id, tenant_id, name } = schedule;
      unusable.push({ id, tenant_id, name, reason: error.message });
    }
  }
  return { runs, unusable };
}

/**
 * A planned run as it becomes when another run of its schedule turns out to be active. That is not planned: only the
 * database knows it at the moment that counts.
 */
export function skippedForActiveRun(run: PlannedRun): PlannedRun {
  return skipped(run, "CONCURRENT_RUN", "Another run of this schedule was still active.");
}

interface Times {
  /** Of the newest occurrence that came due: its nominal time, and its start. */
  nominal: Date;
  newest: Date;
  /** Occurrences before the newest that passed as well. */
  missed: number;
  next: Date;
}

function memoized(memo: Map<string, Times>, schedule: DueSchedule): Times {
  const offset = startOffsetMinutes(schedule.id, schedule.start_window_minutes);
  const key = [
    schedule.timezone,
    schedule.frequency,
    schedule.time_of_day,
    schedule.days_of_week?.join("") ?? "",
    offset,
    schedule.next_run_at.getTime(),
    schedule.carried_nominal_at
      ? [schedule.carried_nominal_at, schedule.carried_since, schedule.carried_missed].map(Number).join()
      : "",
    schedule.now.getTime(),
  ].join("|");
  let times = memo.get(key);
  if (!times) {
    times = timesOf(schedule, offset * minute);
    memo.set(key, times);
  }
  return times;
}

function timesOf(schedule: DueSchedule, offset: number): Times {
  // The stored due time is the first; what came due after it follows from the rule.
  const rule = ruleOf(schedule);
  const first = nominalOf(schedule.id, schedule, schedule);
  const since = ruleSince(first, schedule);
  const nominalNow = new Date(schedule.now.getTime() - offset);
  const later = occurrencesBetween(rule, since, nominalNow);
  const last = later.at(-1);
  const start = (nominal: Date) => new Date(nominal.getTime() + offset);
  return {
    nominal: last ?? first,
    newest: last ? start(last) : schedule.next_run_at,
    missed: (schedule.carried_nominal_at ? schedule.carried_missed : 0) + later.length,
    next: start(nextOccurrence(rule, since > nominalNow ? since : nominalNow)),
  };
}

function planRun(schedule: DueSchedule, { nominal, newest, missed, next }: Times): PlannedRun {
  const run: PlannedRun = {
    tenant_id: schedule.tenant_id,
    backup_schedule_id: schedule.id,
    nominal_at: nominal,
    scheduled_for: newest,
    status: "running",
    missed_occurrences: missed,
    error_code: null,
    error_message: null,
    next_run_at: next,
  };
  const late = schedule.now.getTime() - newest.getTime();
  if (late > neverAfterMs) {
    return skipped(
      run,
      "MISSED_WINDOW",
      `The service was not running when this was due, and more than ${caughtUpHours} hours have passed.`,
    );
  }
  if (late > missedAfterMs && schedule.missed_run_policy === "skip") {
    return skipped(
      run,
      "MISSED_WINDOW",
      "The service was not running when this was due, and this schedule skips missed runs.",
    );
  }
  return run;
}

function skipped(run: PlannedRun, error_code: RunErrorCode, error_message: string): PlannedRun {
  return { ...run, status: "skipped", error_code, error_message };
}
