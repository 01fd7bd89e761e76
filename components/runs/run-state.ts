import type { RunTrigger } from "#lib/capture/summary";
import type { RunStateFilter, RunStatus } from "#lib/runs/schema";
import type { Tone } from "../ui/badge.tsx";

/**
 * What a page calls a run's state. A run that waits for a worker is `running` in the API and queued to people; one that
 * succeeded and found nothing, where something was expected, is told apart from a backup.
 */
export type RunState = RunStatus | "queued" | "empty";

/** The state of a run as people see it. */
export function runState(run: {
  status: RunStatus;
  started_at: string | null;
  summary?: { empty?: boolean | undefined };
}): RunState {
  if (run.status === "success" && run.summary?.empty) return "empty";
  return run.status === "running" && run.started_at === null ? "queued" : run.status;
}

/** The words of the states. Color is never the only sign. */
export const runStateLabels: Record<RunState, string> = {
  queued: "Queued",
  running: "Running",
  success: "Success",
  empty: "Nothing found",
  partial: "Partial",
  failed: "Failed",
  canceled: "Canceled",
  skipped: "Skipped",
};

/** What the states mean to who reads them, wherever they are shown. */
export const runTones: Record<RunState, Tone> = {
  queued: "info",
  running: "info",
  success: "success",
  empty: "warning",
  partial: "warning",
  failed: "danger",
  canceled: "neutral",
  skipped: "neutral",
};

/** The words of the states in a filter, where `running` is both of its kinds. */
export const runFilterLabels: Record<RunStateFilter, string> = {
  ...runStateLabels,
  running: "Running or queued",
  started: "Running",
};

export const runTriggerLabels: Record<RunTrigger, string> = {
  schedule: "Schedule",
  manual: "Run now",
  retry: "Retry",
  restore: "Restore",
};

/** Whether Retry makes sense for an ended run: anything but a whole success. */
export function canRetry(status: RunStatus): boolean {
  return status !== "running" && status !== "success";
}
