import type { RunStatus, RunTrigger } from "#lib/runs/schema";

/** What a page calls a run's state: a run that waits for a worker is `running` in the API and queued to people. */
export type RunState = RunStatus | "queued";

/** The state of a run as people see it. */
export function runState(run: { status: RunStatus; started_at: string | null }): RunState {
  return run.status === "running" && run.started_at === null ? "queued" : run.status;
}

/** The words of the states. Colour is never the only sign. */
export const runStateLabels: Record<RunState, string> = {
  queued: "Queued",
  running: "Running",
  success: "Success",
  partial: "Partial",
  failed: "Failed",
  canceled: "Canceled",
  skipped: "Skipped",
};

export const runTriggerLabels: Record<RunTrigger, string> = {
  schedule: "Schedule",
  manual: "Run now",
  retry: "Retry",
};

/** Whether Retry makes sense for an ended run: anything but a whole success. */
export function canRetry(status: RunStatus): boolean {
  return status !== "running" && status !== "success";
}

/** `+2 −1 ~3`: added, removed, changed; null when the run made no set. */
export function changesText(
  changes: { added: number; changed: number; removed: number } | undefined,
): string | null {
  if (!changes) return null;
  const parts = [
    changes.added ? `+${changes.added}` : null,
    changes.removed ? `−${changes.removed}` : null,
    changes.changed ? `~${changes.changed}` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "no changes" : parts.join(" ");
}

/** The same in words, for screen readers and tooltips. */
export function changesWords(changes: {
  added: number;
  changed: number;
  removed: number;
  unchanged: number;
}): string {
  return `${changes.added} added, ${changes.removed} removed, ${changes.changed} changed, ${changes.unchanged} unchanged`;
}
