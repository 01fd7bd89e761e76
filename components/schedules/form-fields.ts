import type { ScheduleCreateInput } from "#lib/schedules/schema";

/** What the form starts with: every field has a value. */
export type ScheduleFormValues = Required<ScheduleCreateInput>;

/** What people call the form's fields. */
export const fieldLabels: Record<keyof ScheduleFormValues, string> = {
  name: "Name",
  is_enabled: "Enabled",
  timezone: "Time zone",
  frequency: "Frequency",
  time_of_day: "Time",
  days_of_week: "Days",
  policy_types: "Policy types",
  include_foundations: "Foundations",
  retention_keep_last: "Keep last",
  retention_keep_daily: "Days to keep",
  retention_keep_weekly: "Weeks to keep",
  retention_keep_monthly: "Months to keep",
  retention_keep_yearly: "Years to keep",
  missed_run_policy: "When a run was missed",
  start_window_minutes: "Start window",
  pause_after_failures: "Pause after failures",
};

/** The labels of the fields in which two versions differ, in the order of the form. */
export function changedFields(
  before: Partial<ScheduleFormValues>,
  after: Partial<ScheduleFormValues>,
): string[] {
  const names = Object.keys(fieldLabels) as (keyof ScheduleFormValues)[];
  return names
    .filter((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null))
    .map((name) => fieldLabels[name]);
}
