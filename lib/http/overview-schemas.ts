import { z } from "zod";
import { breachGraceHours, overviewDays } from "#lib/limits";
import { zoneField } from "#lib/overview/days";
import type { TenantOverview } from "#lib/overview/overview";
import { runErrorCodes } from "#lib/run-error-codes";
import { runStatuses } from "#lib/runs/schema";

const id = z.int().min(1);
const count = z.int().min(0);
const instant = z.iso.datetime().meta({ description: "ISO 8601, UTC" });

/** The query of the overview. */
export const overviewQuery = z.strictObject({
  timezone: zoneField.meta({
    description: "IANA time zone whose days are counted",
    example: "Europe/Berlin",
  }),
});

const successRate = z.strictObject({
  succeeded: count,
  attempted: count.meta({ description: "Succeeded, partial and failed; neither canceled nor skipped" }),
  rate: z.number().min(0).max(1).nullable(),
});

export const tenantOverview = z.strictObject({
  timezone: z.string(),
  protection: z.strictObject({
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
  }),
  days: z
    .array(
      z.strictObject({
        date: z.iso.date(),
        success: count,
        partial: count,
        failed: count,
        canceled: count,
        skipped: count,
        added: count.meta({ description: "Policies found added; a schedule's first backup counts none" }),
        changed: count,
        removed: count,
      }),
    )
    .meta({ description: `${overviewDays} days, oldest first; a run belongs to the day on which it ended` }),
  success: successRate,
  success_before: successRate,
  failures: z.array(
    z.strictObject({
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
    }),
  ),
}) satisfies z.ZodType<TenantOverview>;
