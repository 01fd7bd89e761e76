import { z } from "zod";
import { breachGraceHours, overviewDays } from "#lib/limits";
import { runErrorCodes } from "#lib/run-error-codes";
import { runStatuses } from "#lib/runs/schema";
import { bytesLogical, bytesStored, graphId, id, instant, policyType, role } from "#lib/view-fields";

// What API and pages show of a tenant as a whole.

const count = z.int().min(0);
const is_archived = z.boolean().meta({ description: "Read-only, and not backed up: no run starts in it" });

export const tenantSummaryView = z
  .strictObject({
    id,
    name: z.string(),
    role,
    is_archived,
    schedules: z.strictObject({ total: z.int(), enabled: z.int() }),
    last_run_at: instant
      .nullable()
      .meta({ description: "When its newest run ended; while it goes on, when it began" }),
    last_run_status: z.enum(runStatuses).nullable().meta({ description: "Of that run" }),
    last_success_at: instant
      .nullable()
      .meta({ description: "When the newest fully successful backup set was made" }),
    next_run_at: instant
      .nullable()
      .meta({ description: "Of all its schedules the first; null in an archived tenant" }),
  })
  .meta({ id: "Tenant" });

export const successRateView = z.strictObject({
  succeeded: count,
  attempted: count.meta({ description: "Succeeded, partial and failed; neither canceled nor skipped" }),
  rate: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .meta({ description: "Succeeded of attempted, 0 to 1; null when none was" }),
});

export const protectionView = z.strictObject({
  is_archived,
  schedules: z.strictObject({
    total: count,
    enabled: count,
    paused: count.meta({ description: "Stopped after failed runs in a row" }),
    failing: count.meta({ description: "Enabled, and the latest run failed" }),
    incomplete: count.meta({ description: "Enabled, and the latest run is partial" }),
    in_breach: count.meta({
      description: `Without a complete backup since an occurrence that is more than ${breachGraceHours} hours past, enabled or paused; none in an archived tenant`,
    }),
  }),
  damaged_sets: count,
  last_run_at: instant.nullable(),
  last_run_status: z.enum(runStatuses).nullable(),
  last_success_at: instant.nullable(),
  next_run_at: instant.nullable().meta({ description: "Null in an archived tenant" }),
  breaches: z
    .array(z.strictObject({ id, name: z.string(), last_complete_at: instant.nullable(), missed: count }))
    .meta({ description: "The schedules in breach with the oldest backups, at most five" }),
});

export const runDayView = z.strictObject({
  date: z.iso.date().meta({ description: "On the calendar of `timezone`" }),
  success: count,
  partial: count,
  failed: count,
  canceled: count,
  skipped: count,
  added: count.meta({ description: "Policies found added; a schedule's first backup counts none" }),
  changed: count,
  removed: count,
});

export const failureCauseView = z.strictObject({
  error_code: z.enum(runErrorCodes).meta({ description: "docs/error-codes.md" }),
  runs: count,
  schedules: count,
  unresolved_schedules: count.meta({
    description:
      "Whose newest run still ended so; skipped and canceled ones, and schedules that were deleted, aside",
  }),
  fixed_schedules: count.meta({
    description: "Whose newest run is a complete backup; skipped and canceled ones aside",
  }),
  deleted_schedules: count.meta({
    description: "That were deleted since. What is left of the schedules has failed since for another cause",
  }),
  newest: z.strictObject({
    run_id: id,
    status: z.enum(["partial", "failed"]),
    schedule_id: id,
    schedule_name: z.string(),
    schedule_is_deleted: z.boolean().meta({ description: "Then there is nothing to edit or to retry" }),
    error_message: z.string().nullable().meta({ description: "The same in words" }),
    finished_at: instant,
  }),
});

export const tenantOverviewView = z.strictObject({
  timezone: z.string().meta({ description: "IANA time zone whose days are counted" }),
  protection: protectionView,
  days: z
    .array(runDayView)
    .meta({ description: `${overviewDays} days, oldest first; a run belongs to the day on which it ended` }),
  compared: z.boolean().meta({
    description:
      "Whether a backup of these days had one before it to compare with. Only then does no change mean that nothing has changed",
  }),
  success: successRateView.meta({ description: "Of these days" }),
  success_before: successRateView.meta({ description: `Of the ${overviewDays} days before` }),
  failures: z.array(failureCauseView).meta({ description: "By error code" }),
});

export const storageView = z.strictObject({
  sets: z.int(),
  binned_sets: z.int(),
  items: z.int(),
  bytes_logical: bytesLogical.meta({ description: "All sets as plain JSON, each whole" }),
  bytes_unique: z.int().meta({ description: "The different contents as plain JSON" }),
  bytes_stored: bytesStored,
  ratio: z
    .number()
    .nullable()
    .meta({ description: "How many times smaller they are stored than as plain JSON; null without sets" }),
  weeks: z.array(
    z.strictObject({
      week_begins: z.iso.date().meta({ description: "Its Monday" }),
      bytes_added: bytesStored,
      snapshots_added: z.int(),
      sets_made: z.int(),
    }),
  ),
});

/** What the command palette finds in a tenant. */
export const tenantFindsView = z.strictObject({
  schedules: z.array(
    z.strictObject({ id, name: z.string(), is_enabled: z.boolean(), active_run_id: id.nullable() }),
  ),
  policies: z.array(
    z.strictObject({
      policy_type: policyType,
      graph_id: graphId,
      display_name: z.string(),
      type_label: z.string(),
    }),
  ),
  runs: z.array(z.strictObject({ id, schedule_name: z.string(), status: z.enum(runStatuses), at: instant })),
  sets: z.array(z.strictObject({ id, schedule_name: z.string(), created_at: instant })),
});
