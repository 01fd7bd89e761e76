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
  may_be_empty: "May be empty",
  ...perRule(({ label }) => label),
  missed_run_policy: "When a run was missed",
  start_window_minutes: "Start window",
  pause_after_failures: "Pause after failures",
};

/** What a form says where the schema speaks to those who send JSON. */
const wordsForPeople: Partial<Record<keyof ScheduleFormValues, readonly [schema: RegExp, form: string]>> = {
  time_of_day: [/wall-clock minute/, "Enter a time from 00:00 to 23:59, such as 02:30"],
  days_of_week: [/at least one day/, "Choose at least one day"],
  policy_types: [/at least one policy type/, "Choose at least one policy type"],
};

/** A schema's sentence about a field as a form says it. */
export function formWords(field: keyof ScheduleFormValues, sentence: string | undefined): string | undefined {
  const [schema, form] = wordsForPeople[field] ?? [];
  return sentence && schema?.test(sentence) ? form : sentence;
}

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
