import { breachGraceHours } from "#lib/limits";
import { nextRunAt, runsDueBetween, type Timing } from "#lib/schedules/timing";

const hour = 3_600_000;

export const breachGraceMs = breachGraceHours * hour;

/** What decides about a breach. */
export interface PromisedBackups extends Timing {
  id: number;
  /** The newest complete set that is not in the bin; null when there is none. */
  last_complete_at: Date | null;
  created_at: Date;
}

/**
 * Whether a schedule breaks its promise (its recovery point objective): the first occurrence after its newest complete
 * backup is longer ago than the grace, and there is still none. What promises is the schedule as it stands: one that was
 * enabled again, or made daily, is in breach at once when its newest backup is too old for that.
 */
export function isInBreach(schedule: PromisedBackups, now: Date): boolean {
  const since = schedule.last_complete_at ?? schedule.created_at;
  try {
    return now.getTime() - nextRunAt(schedule.id, schedule, since).getTime() > breachGraceMs;
  } catch (error) {
    // A rule that this runtime does not understand makes no backup at all.
    if (error instanceof RangeError) return now.getTime() - since.getTime() > breachGraceMs;
    throw error;
  }
}

/** How many occurrences have passed since the newest complete backup. */
export function missedOccurrences(schedule: PromisedBackups, now: Date): number {
  try {
    const since = schedule.last_complete_at ?? schedule.created_at;
    return runsDueBetween(schedule.id, schedule, since, now).length;
  } catch (error) {
    if (error instanceof RangeError) return 0;
    throw error;
  }
}
