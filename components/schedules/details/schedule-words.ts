import { counted } from "#lib/counted";
import { periodFields, type RetentionRules, retentionRules } from "#lib/retention/rules";
import type { Schedule } from "#lib/schedules/schema";

/** `The last 30 backup sets, and the newest of each of 7 days and 12 months`. */
export function keptText(rules: Omit<RetentionRules, "timezone">): string {
  const periods = periodFields
    .filter((field) => rules[field] > 0)
    .map((field) => counted(rules[field], retentionRules[field].one, retentionRules[field].unit));
  const sets = rules.retention_keep_last;
  const last = `The last ${sets === 1 ? "backup set" : counted(sets, "backup set")}`;
  if (periods.length === 0) return last;
  const total = periodFields.reduce((sum, field) => sum + rules[field], 0);
  const rest = periods.length === 1 ? periods[0] : `${periods.slice(0, -1).join(", ")} and ${periods.at(-1)}`;
  return `${last}, and the newest of ${total === 1 ? "" : "each of "}${rest}`;
}

/** What stands where the time of a schedule's next run would. */
export function noNextRunText(isArchived: boolean): string {
  return isArchived ? "None while the tenant is archived" : "None while disabled";
}

/** What is said of a schedule that has no run yet. */
export function noRunsText({ next_run_at }: Pick<Schedule, "next_run_at">, isArchived: boolean): string {
  if (isArchived) return "No run starts while the tenant is archived.";
  return next_run_at
    ? "The first run starts by itself when it is due; Run now starts one at once."
    : "The schedule is disabled, so none is due; Run now works all the same.";
}

/** `After 5 failed runs in a row; 2 so far`: when a schedule pauses by itself. */
export function pausesText({
  pause_after_failures,
  failure_streak,
}: Pick<Schedule, "pause_after_failures" | "failure_streak">): string {
  if (pause_after_failures === 0) return "Never";
  const soFar = failure_streak > 0 ? `; ${failure_streak} so far` : "";
  if (pause_after_failures === 1) return `After 1 failed run${soFar}`;
  return `After ${counted(pause_after_failures, "failed run")} in a row${soFar}`;
}
