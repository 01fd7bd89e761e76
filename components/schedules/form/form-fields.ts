import { normalizeTimeOfDay } from "#lib/recurrence/recurrence";
import { perRule } from "#lib/retention/rules";
import type { ScheduleCreate, ScheduleCreateInput } from "#lib/schedules/schema";

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
  ...perRule(({ label }) => label),
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
  return names.filter((name) => differs(name, before, after)).map((name) => fieldLabels[name]);
}

/**
 * The fields that a person changed. An edit sends no others: what the form merely shows may have changed meanwhile, and
 * must not be written back.
 * @param before what the form started with
 */
export function changedValues(
  before: Partial<ScheduleFormValues>,
  after: ScheduleCreate,
): Partial<ScheduleCreate> {
  const names = Object.keys(fieldLabels) as (keyof ScheduleFormValues)[];
  const changed = names.filter((name) => differs(name, before, after));
  return Object.fromEntries(changed.map((name) => [name, after[name]]));
}

function differs(
  name: keyof ScheduleFormValues,
  before: Partial<ScheduleFormValues>,
  after: Partial<ScheduleFormValues>,
): boolean {
  return comparable(before[name]) !== comparable(after[name]);
}

/** Values as text. A time is one, whether with or without its seconds; the order of a list means nothing. */
function comparable(value: ScheduleFormValues[keyof ScheduleFormValues] | undefined): string {
  if (typeof value === "string") return normalizeTimeOfDay(value) ?? value;
  return JSON.stringify(Array.isArray(value) ? value.map(String).sort() : (value ?? null));
}
