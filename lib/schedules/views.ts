import { z } from "zod";
import { perRule } from "#lib/retention/rules";
import { runStatuses } from "#lib/runs/schema";
import { id, instant, policyType } from "#lib/view-fields";

// What API and pages show of schedules.

export const scheduleView = z
  .strictObject({
    id,
    tenant_id: id,
    name: z.string(),
    is_enabled: z.boolean().meta({ description: "Whether it is ever due; by hand it runs either way" }),
    timezone: z.string().meta({ description: "IANA time zone", examples: ["Europe/Berlin"] }),
    frequency: z.enum(["daily", "weekly"]),
    time_of_day: z
      .string()
      .meta({ description: "Wall clock in `timezone`, HH:mm:ss", examples: ["02:00:00"] }),
    days_of_week: z
      .array(z.int().min(1).max(7))
      .nullable()
      .meta({ description: "ISO weekdays, 1 Monday to 7 Sunday; null for daily" }),
    policy_types: z.array(policyType),
    catalog_revision: z.int().meta({
      description: "Of the catalog, when the policy types were chosen; types that came later are new",
    }),
    include_foundations: z
      .boolean()
      .meta({ description: "Whether the objects that policies refer to are captured too" }),
    ...perRule(({ min, description }) => z.int().min(min).meta({ description })),
    missed_run_policy: z.enum(["run_latest", "skip"]).meta({
      description: "After the service was down: whether the newest missed occurrence is made up for",
    }),
    start_window_minutes: z
      .int()
      .meta({ description: "Runs start at a fixed offset within this many minutes" }),
    may_be_empty: z.boolean().meta({ description: "Whether a run that finds no policy is as it should be" }),
    pause_after_failures: z.int().meta({ description: "Failed runs in a row that pause it; 0 never pauses" }),
    failure_streak: z.int().meta({ description: "Failed runs in a row until now" }),
    paused_reason: z.string().nullable().meta({ description: "Why it was paused; null when it was not" }),
    last_run_at: instant.nullable().meta({
      description:
        "When the run that ended last began, or was created if it never began; null before the first",
    }),
    last_run_status: z.enum(runStatuses).nullable().meta({ description: "How that run ended" }),
    next_run_at: instant.nullable().meta({ description: "Null while disabled, and in an archived tenant" }),
    carried_nominal_at: instant.nullable().meta({
      description:
        "Of what time the next run is, where that had come when the timing was edited; null: of one that the timing gives",
    }),
    carried_since: instant.nullable().meta({
      description:
        "When the timing was edited while that run was waiting: the runs behind it are those that the timing gives after this; else null",
    }),
    version: z
      .int()
      .meta({ description: "Grows with each edit; send it along to be refused after someone else's edit" }),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: "BackupSchedule" });

/** One of the next runs, as a person reads it. */
export const occurrenceView = z
  .strictObject({
    at: instant,
    local: z
      .string()
      .meta({ description: "On the clock of the schedule's zone", examples: ["2026-03-29 03:30"] }),
    note: z.string().nullable().meta({ description: "In words what a clock change does to it" }),
  })
  .meta({ id: "PreviewedOccurrence" });

export const enableResultView = z
  .strictObject({ changed: z.array(id), unchanged: z.array(id) })
  .meta({ description: "Ids of the schedules that changed, and of those that were so already" });
