import type { RunErrorCode } from "#lib/runs/error-codes";
import { nextRunAt, runsDueBetween, startOffsetMinutes } from "./timing.ts";

const minute = 60_000;

/** An occurrence later than this was missed: the service was down. Ticks come every minute. */
export const missedAfterMs = 10 * minute;
/** An occurrence older than this is never caught up. */
const neverAfterMs = 24 * 60 * minute;

/** A schedule as the dispatcher claims it. */
export interface DueSchedule {
  id: number;
  tenant_id: number;
  timezone: string;
  frequency: "daily" | "weekly";
  time_of_day: string;
  days_of_week: number[] | null;
  start_window_minutes: number;
  missed_run_policy: "run_latest" | "skip";
  next_run_at: Date;
  now: Date;
  has_active_run: boolean;
}

/** A run that the dispatcher creates, and when its schedule is due again. */
export interface PlannedRun {
  tenant_id: number;
  backup_schedule_id: number;
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
  unusable: { id: number; tenant_id: number; reason: string }[];
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
      unusable.push({ id: schedule.id, tenant_id: schedule.tenant_id, reason: error.message });
    }
  }
  return { runs, unusable };
}

interface Times {
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
    schedule.now.getTime(),
  ].join("|");
  let times = memo.get(key);
  if (!times) {
    // The stored due time is the first; what came due after it follows from the rule.
    const later = runsDueBetween(schedule.id, schedule, schedule.next_run_at, schedule.now);
    times = {
      newest: later.at(-1) ?? schedule.next_run_at,
      missed: later.length,
      next: nextRunAt(schedule.id, schedule, schedule.now),
    };
    memo.set(key, times);
  }
  return times;
}

function planRun(schedule: DueSchedule, { newest, missed, next }: Times): PlannedRun {
  const run = {
    tenant_id: schedule.tenant_id,
    backup_schedule_id: schedule.id,
    scheduled_for: newest,
    missed_occurrences: missed,
    next_run_at: next,
  };
  const skip = (error_code: RunErrorCode, error_message: string): PlannedRun => ({
    ...run,
    status: "skipped",
    error_code,
    error_message,
  });
  const late = schedule.now.getTime() - newest.getTime();
  if (late > neverAfterMs) {
    return skip(
      "MISSED_WINDOW",
      "The service was not running when this was due, and more than 24 hours have passed.",
    );
  }
  if (late > missedAfterMs && schedule.missed_run_policy === "skip") {
    return skip(
      "MISSED_WINDOW",
      "The service was not running when this was due, and this schedule skips missed runs.",
    );
  }
  if (schedule.has_active_run) {
    return skip("CONCURRENT_RUN", "Another run of this schedule was still active.");
  }
  return {
    ...run,
    status: "running",
    error_code: null,
    error_message: null,
  };
}
