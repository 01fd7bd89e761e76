import { z } from "zod";
import { caughtUpHours, pauseAfterFailures, startWindowMinutes } from "#lib/limits";
import { nameSchema } from "#lib/name-schema";
import { findType, policyTypeKeys } from "#lib/policies/catalog";
import { normalizeTimeOfDay } from "#lib/recurrence/recurrence";
import { timezoneField } from "#lib/recurrence/timezone-field";
import { perRule, retentionFields } from "#lib/retention/rules";
import type { scheduleView } from "./views.ts";

/**
 * The one schema of a schedule's editable fields: form, server action, API route and OpenAPI document share
 * it. Rules: docs/schedules.md.
 */
const fields = {
  name: nameSchema,
  is_enabled: z
    .boolean("must be true or false")
    .meta({ description: "Whether it is ever due; by hand it runs either way" }),
  timezone: timezoneField,
  frequency: z
    .enum(["daily", "weekly"], "must be daily or weekly")
    .meta({ description: "weekly is on the `days_of_week`" }),
  time_of_day: z
    .string("must be a text")
    .refine(
      (text) => normalizeTimeOfDay(text) !== null,
      "must be a wall-clock minute from 00:00 to 23:59, as HH:mm or HH:mm:00",
    )
    .overwrite((text) => normalizeTimeOfDay(text) ?? text)
    .meta({ description: "Wall clock in `timezone`, HH:mm or HH:mm:00", examples: ["02:00"] }),
  days_of_week: z
    .array(
      z
        .int("must be a whole number from 1 (Monday) to 7 (Sunday)")
        .min(1, "must be from 1 (Monday) to 7 (Sunday)")
        .max(7, "must be from 1 (Monday) to 7 (Sunday)"),
      "must be a list of ISO weekdays, 1 (Monday) to 7 (Sunday), or null",
    )
    .max(7, "names a day twice; name each day once")
    .refine((days) => new Set(days).size === days.length, "names a day twice; name each day once")
    .nullable()
    .meta({
      description: "ISO weekdays, 1 Monday to 7 Sunday, each once; null for daily",
      examples: [[1, 5]],
    }),
  policy_types: z
    .array(z.string("must be a text"), "must be a list of policy types")
    .min(1, "must name at least one policy type")
    .max(100, "must name at most 100 policy types")
    .superRefine((types, context) => {
      types.forEach((type, index) => {
        if (findType(type)?.kind !== "policy") {
          context.addIssue({
            code: "custom",
            path: [index],
            message: `is not a supported policy type (${type.slice(0, 60)}); supported are: ${policyTypeKeys.join(", ")}`,
          });
        } else if (types.indexOf(type) !== index) {
          context.addIssue({
            code: "custom",
            path: [index],
            message: "is named twice; name each policy type once",
          });
        }
      });
    })
    .meta({
      description: "Keys of the policy catalog (docs/policy-types.md), each once",
      examples: [["settingsCatalogPolicy"]],
    }),
  include_foundations: z.boolean("must be true or false").meta({
    description: "Whether the objects that policies refer to are captured too: filters, scope tags, …",
  }),
  ...retentionFields,
  missed_run_policy: z.enum(["run_latest", "skip"], "must be run_latest or skip").meta({
    description: `After the service was down: run_latest makes up for the newest missed occurrence of the last ${caughtUpHours} hours, skip for none`,
  }),
  start_window_minutes: z
    .int("must be a whole number of minutes")
    .min(0, "must be at least 0")
    .max(
      startWindowMinutes,
      `must be at most ${startWindowMinutes} minutes (${startWindowMinutes / 60} hours)`,
    )
    .meta({
      description:
        "Minutes after `time_of_day` within which its runs start, always the same for one schedule; 0 is at once",
    }),
  may_be_empty: z
    .boolean()
    .meta({ description: "Whether a run that finds no policy is as it should be, and not marked as empty" }),
  pause_after_failures: z
    .int("must be a whole number")
    .min(0, "must be 0 (never pause) or more")
    .max(pauseAfterFailures.most, `must be at most ${pauseAfterFailures.most}`)
    .meta({ description: "Failed runs in a row that pause it; 0 never pauses" }),
};

/** Input of a preview: what of a schedule decides when it is due. */
export const scheduleTimingSchema = z
  .strictObject({
    timezone: fields.timezone,
    frequency: fields.frequency,
    time_of_day: fields.time_of_day,
    days_of_week: fields.days_of_week.optional().default(null),
    start_window_minutes: fields.start_window_minutes.default(0),
  })
  .superRefine((timing, context) => {
    for (const fault of daysFaults(timing)) context.addIssue({ code: "custom", ...fault });
  });

/** Body of `POST …/backup-schedules`. Omitted fields take the defaults. */
export const scheduleCreateSchema = z
  .strictObject({
    ...fields,
    is_enabled: fields.is_enabled.default(true),
    days_of_week: fields.days_of_week.optional().default(null),
    include_foundations: fields.include_foundations.default(true),
    ...perRule((rule, field) => retentionFields[field].default(rule.default)),
    missed_run_policy: fields.missed_run_policy.default("run_latest"),
    start_window_minutes: fields.start_window_minutes.default(0),
    may_be_empty: fields.may_be_empty.default(false),
    pause_after_failures: fields.pause_after_failures.default(pauseAfterFailures.usual),
  })
  .superRefine((schedule, context) => {
    for (const fault of daysFaults(schedule)) context.addIssue({ code: "custom", ...fault });
  })
  .meta({ id: "BackupScheduleCreate" });

/**
 * Body of `PATCH …/backup-schedules/{id}`: any of the fields. With `version`, the update is refused when the
 * schedule has changed since that version was read.
 */
export const scheduleUpdateSchema = z
  .strictObject({
    ...z.strictObject(fields).partial().shape,
    version: z
      .int()
      .min(1)
      .optional()
      .meta({ description: "As it was read: 409 EDIT_CONFLICT when somebody has edited since" }),
  })
  .refine((patch) => Object.keys(patch).some((key) => key !== "version"), "names no field to change")
  .meta({ id: "BackupScheduleUpdate" });

export type ScheduleCreate = z.output<typeof scheduleCreateSchema>;
export type ScheduleCreateInput = z.input<typeof scheduleCreateSchema>;
export type ScheduleUpdate = z.output<typeof scheduleUpdateSchema>;

/**
 * The faults between frequency and weekdays: weekly needs days, daily has none (null).
 * Checked on the whole schedule, so an update is judged by what would result.
 */
export function daysFaults(schedule: {
  frequency: "daily" | "weekly";
  days_of_week: readonly number[] | null;
}): { path: string[]; message: string }[] {
  if (schedule.frequency === "weekly" && !schedule.days_of_week?.length) {
    return [
      {
        path: ["days_of_week"],
        message: "must name at least one day for a weekly schedule (1 Monday … 7 Sunday)",
      },
    ];
  }
  if (schedule.frequency === "daily" && schedule.days_of_week !== null) {
    return [{ path: ["days_of_week"], message: "must be null for a daily schedule" }];
  }
  return [];
}

/** A backup schedule as API and pages show it. Instants are ISO 8601 in UTC. */
export type Schedule = z.infer<typeof scheduleView>;
