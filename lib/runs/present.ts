import type { RunSummary } from "#lib/capture/summary";
import type { BackupScheduleRun } from "#lib/db/generated/client";
import { present } from "#lib/present";
import type { RunErrorCode } from "../run-error-codes.ts";
import type { Run, RunProgress, RunWithContext } from "./schema.ts";
import { runView } from "./views.ts";

/** What of a run's row is shown: the rest is the worker's. */
type ShownRow = Pick<BackupScheduleRun, keyof BackupScheduleRun & keyof Run>;

/** The run as API and pages show it. */
export function presentRun(row: ShownRow): Run {
  return present(runView, {
    ...row,
    summary: row.summary as RunSummary,
    error_code: row.error_code as RunErrorCode | null,
    progress: row.progress as RunProgress | null,
  });
}

/** The run with its schedule's name and the person who asked for it. */
export function presentRunWithContext(
  row: ShownRow & { schedule: { name: string } },
  requestedByName: string | null,
): RunWithContext {
  return { ...presentRun(row), schedule_name: row.schedule.name, requested_by_name: requestedByName };
}
