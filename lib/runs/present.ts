import type { RunSummary } from "#lib/capture/summary";
import type { BackupScheduleRun } from "#lib/db/generated/client";
import type { RunErrorCode } from "../run-error-codes.ts";
import type { Run, RunProgress, RunWithContext } from "./schema.ts";

/** The run as API and pages show it. */
export function presentRun(row: BackupScheduleRun): Run {
  return {
    id: row.id,
    tenant_id: row.tenant_id,
    backup_schedule_id: row.backup_schedule_id,
    scheduled_for: row.scheduled_for.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
    status: row.status,
    trigger: row.trigger,
    attempt: row.attempt,
    summary: row.summary as RunSummary,
    error_code: row.error_code as RunErrorCode | null,
    error_message: row.error_message,
    backup_set_id: row.backup_set_id,
    retry_of_run_id: row.retry_of_run_id,
    cancel_requested_at: row.cancel_requested_at?.toISOString() ?? null,
    progress: row.progress as RunProgress | null,
    created_at: row.created_at.toISOString(),
  };
}

/** The run with its schedule's name and the person who asked for it. */
export function presentRunWithContext(
  row: BackupScheduleRun & { schedule: { name: string } },
  requestedByName: string | null,
): RunWithContext {
  return { ...presentRun(row), schedule_name: row.schedule.name, requested_by_name: requestedByName };
}
