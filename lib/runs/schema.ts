import { z } from "zod";
import { runTriggers } from "#lib/capture/summary";
import { instantSchema } from "#lib/instants";
import type { attemptView, progressView, runDetailsView, runInListView, runView } from "./views.ts";

export const runStatuses = ["running", "success", "partial", "failed", "canceled", "skipped"] as const;
export type RunStatus = (typeof runStatuses)[number];

/** One attempt of a run, as its history shows it. `ended_at` is null for the last one, and for one whose worker was lost. */
export type RunAttempt = z.infer<typeof attemptView>;

/** Live progress of an active run: per type, done of what is known so far. */
export type RunProgress = z.infer<typeof progressView>;

/** A run as API and pages show it. Instants are ISO 8601 in UTC; pages call one that was not started "Queued". */
export type Run = z.infer<typeof runView>;

/** A run with what a list or details page shows beside it. */
export type RunWithContext = z.infer<typeof runInListView>;

/** A run with all that its details page shows; one from before attempts were noted has none. */
export type RunDetails = z.infer<typeof runDetailsView>;

/**
 * States that the run history can be filtered by: the statuses, and apart from each other the two kinds of `running`.
 * `queued` waits for a worker, `started` was taken up by one.
 */
export const runStateFilters = [...runStatuses, "queued", "started"] as const;
export type RunStateFilter = (typeof runStateFilters)[number];

/** Filters of the run history. `from` is the first instant, `to` the first one after; both of when a run was due. */
export const runFilterSchema = {
  status: z
    .enum(runStateFilters, `must be one of ${runStateFilters.join(", ")}`)
    .optional()
    .meta({ description: "running is both queued (waits for a worker) and started" }),
  trigger: z
    .enum(runTriggers, `must be one of ${runTriggers.join(", ")}`)
    .optional()
    .meta({ description: "What began the run: its schedule, Run now, Retry, or a restore" }),
  from: instantSchema.optional().meta({ description: "Due then or later; with it, latest due first" }),
  to: instantSchema.optional().meta({ description: "Due before then; with it, latest due first" }),
};
