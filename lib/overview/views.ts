import { z } from "zod";
import { roles } from "#lib/access/permissions";
import { breachGraceHours, overviewDays } from "#lib/limits";
import { runErrorCodes } from "#lib/run-error-codes";
import { runStatuses } from "#lib/runs/schema";
import { id, instant } from "#lib/view-fields";

// What API and pages show of a tenant as a whole.

const count = z.int().min(0);

export const tenantSummaryView = z
  .strictObject({
    id,
    name: z.string(),
    role: z.enum(roles),
    schedules: z.strictObject({ total: z.int(), enabled: z.int() }),
    last_run_at: instant.nullable(),
    last_run_status: z.enum(runStatuses).nullable(),
    last_success_at: instant
      .nullable()
      .meta({ description: "When the newest fully successful backup set was made" }),
    next_run_at: instant.nullable(),
  })
  .meta({ id: "Tenant" });

export const successRateView = z.strictObject({
  succeeded: count,
  attempted: count.meta({ description: "Succeeded, partial and failed; neither canceled nor skipped" }),
  rate: z.number().min(0).max(1).nullable(),
});

export const protectionView = z.strictObject({
  schedules: z.strictObject({
    total: count,
    enabled: count,
    paused: count.meta({ description: "Stopped after failed runs in a row" }),
    failing: count.meta({ description: "Enabled, and the latest run failed" }),
    incomplete: count.meta({ description: "Enabled, and the latest run is partial" }),
    in_breach: count.meta({
      description: `Without a complete backup since an occurrence that is more than ${breachGraceHours} hours past, enabled or paused`,
    }),
  }),
  damaged_sets: count,
  last_run_at: instant.nullable(),
  last_run_status: z.enum(runStatuses).nullable(),
  last_success_at: instant.nullable(),
  next_run_at: instant.nullable(),
  breaches: z
    .array(z.strictObject({ id, name: z.string(), last_complete_at: instant.nullable(), missed: count }))
    .meta({ description: "The schedules in breach with the oldest backups, at most five" }),
});

export const runDayView = z.strictObject({
  date: z.iso.date(),
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
  error_code: z.enum(runErrorCodes),
  runs: count,
  schedules: count,
  unresolved_schedules: count,
  newest: z.strictObject({
    run_id: id,
    status: z.enum(["partial", "failed"]),
    schedule_id: id,
    schedule_name: z.string(),
    error_message: z.string().nullable(),
    finished_at: instant,
  }),
});

export const tenantOverviewView = z.strictObject({
  timezone: z.string(),
  protection: protectionView,
  days: z
    .array(runDayView)
    .meta({ description: `${overviewDays} days, oldest first; a run belongs to the day on which it ended` }),
  success: successRateView,
  success_before: successRateView,
  failures: z.array(failureCauseView),
});

export const storageView = z.strictObject({
  sets: z.int(),
  binned_sets: z.int(),
  items: z.int(),
  bytes_logical: z.int().meta({ description: "All sets as plain JSON, each whole" }),
  bytes_unique: z.int().meta({ description: "The different contents as plain JSON" }),
  bytes_stored: z.int(),
  ratio: z.number().nullable(),
  weeks: z.array(
    z.strictObject({
      week_begins: z.iso.date(),
      bytes_added: z.int(),
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
      policy_type: z.string(),
      graph_id: z.string(),
      display_name: z.string(),
      type_label: z.string(),
    }),
  ),
  runs: z.array(z.strictObject({ id, schedule_name: z.string(), status: z.enum(runStatuses), at: instant })),
  sets: z.array(z.strictObject({ id, schedule_name: z.string(), created_at: instant })),
});
