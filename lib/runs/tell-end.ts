import type { BackupScheduleRun } from "#lib/db/generated/client";
import { log } from "#lib/log";
import { observeRunEnd } from "#lib/metrics";
import type { RunErrorCode } from "#lib/run-error-codes";

interface Ended {
  status: "success" | "partial" | "failed" | "canceled" | "skipped";
  error_code: RunErrorCode | null;
  backup_set_id: number | null;
  /** In the set. */
  items: number;
  /** Since the first attempt; null when there was none. */
  seconds: number | null;
}

/** As what of the log a run's end is worth: who watches only trouble hears of what is not backed up. */
const levels = {
  success: "info",
  partial: "warn",
  failed: "error",
  canceled: "info",
  skipped: "info",
} as const satisfies Record<Ended["status"], string>;

/** Says that a run has ended: one line of the log, and the counts of this process. Comes after the commit. */
export function tellRunEnd(
  run: Pick<
    BackupScheduleRun,
    "id" | "tenant_id" | "backup_schedule_id" | "job_id" | "trigger" | "attempt" | "uncounted_attempts"
  >,
  { status, error_code, backup_set_id, items, seconds }: Ended,
): void {
  observeRunEnd({ status, error_code }, seconds);
  log[levels[status]](
    {
      run_id: run.id,
      tenant_id: run.tenant_id,
      schedule_id: run.backup_schedule_id,
      job_id: run.job_id,
      backup_set_id,
      trigger: run.trigger,
      status,
      error_code,
      duration_ms: seconds === null ? null : Math.round(seconds * 1_000),
      items,
      attempt: run.attempt,
      attempts: run.attempt - run.uncounted_attempts,
    },
    "run ended",
  );
}
