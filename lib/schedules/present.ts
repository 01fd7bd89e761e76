import type { BackupSchedule } from "#lib/db/generated/client";
import type { Schedule } from "./schema.ts";

/** The schedule as API and pages show it. */
export function presentSchedule(row: BackupSchedule): Schedule {
  return {
    id: row.id,
    tenant_id: row.tenant_id,
    name: row.name,
    is_enabled: row.is_enabled,
    timezone: row.timezone,
    frequency: row.frequency,
    time_of_day: row.time_of_day,
    days_of_week: row.frequency === "weekly" ? row.days_of_week : null,
    policy_types: row.policy_types,
    catalog_revision: row.catalog_revision,
    include_foundations: row.include_foundations,
    retention_keep_last: row.retention_keep_last,
    retention_keep_daily: row.retention_keep_daily,
    retention_keep_weekly: row.retention_keep_weekly,
    retention_keep_monthly: row.retention_keep_monthly,
    retention_keep_yearly: row.retention_keep_yearly,
    missed_run_policy: row.missed_run_policy,
    start_window_minutes: row.start_window_minutes,
    pause_after_failures: row.pause_after_failures,
    failure_streak: row.failure_streak,
    paused_reason: row.paused_reason,
    last_run_at: row.last_run_at?.toISOString() ?? null,
    last_run_status: row.last_run_status,
    next_run_at: row.next_run_at?.toISOString() ?? null,
    version: row.version,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
