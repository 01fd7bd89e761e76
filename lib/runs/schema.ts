import { z } from "zod";
import { type RunSummary, type RunTrigger, runTriggers } from "#lib/capture/summary";
import { instantSchema } from "#lib/instants";
import type { RunErrorCode } from "../run-error-codes.ts";

export const runStatuses = ["running", "success", "partial", "failed", "canceled", "skipped"] as const;
export type RunStatus = (typeof runStatuses)[number];

/** One attempt of a run, as its history shows it. */
export interface RunAttempt {
  number: number;
  began_at: string;
  /** When it ended although the run did not; null for the last one, and for one whose worker was lost. */
  ended_at: string | null;
  /** Why another attempt was needed. */
  reason: string | null;
  /** False when it ended through no fault of the run, and so does not count against RUN_MAX_ATTEMPTS. */
  counted: boolean;
}

/** Live progress of an active run: per type, done of what is known so far. */
export interface RunProgress {
  types: Record<
    string,
    { kind: "policy" | "foundation"; expected: number; captured: number; failed: number; done: boolean }
  >;
}

/** A run as API and pages show it. Instants are ISO 8601 in UTC. */
export interface Run {
  id: number;
  tenant_id: number;
  backup_schedule_id: number;
  scheduled_for: string;
  /** null while the run waits for a worker; pages call that "Queued". */
  started_at: string | null;
  finished_at: string | null;
  status: RunStatus;
  trigger: RunTrigger;
  /** Attempts begun, also those that do not count. */
  attempt: number;
  summary: RunSummary;
  error_code: RunErrorCode | null;
  error_message: string | null;
  backup_set_id: number | null;
  retry_of_run_id: number | null;
  cancel_requested_at: string | null;
  progress: RunProgress | null;
  created_at: string;
}

/** A run with what a list or details page shows beside it. */
export interface RunWithContext extends Run {
  schedule_name: string;
  requested_by_name: string | null;
}

/** A run with all that its details page shows. */
export interface RunDetails extends RunWithContext {
  /** Such a run cannot be retried. */
  schedule_is_deleted: boolean;
  retried_by_run_ids: number[];
  /** What the run was asked for when it was created; null for runs from before this was kept. */
  requested: { policy_types: string[]; include_foundations: boolean } | null;
  /** In their order; runs from before attempts were noted have none. */
  attempts: RunAttempt[];
}

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
  trigger: z.enum(runTriggers, `must be one of ${runTriggers.join(", ")}`).optional(),
  from: instantSchema.optional().meta({ description: "Due then or later; with it, latest due first" }),
  to: instantSchema.optional().meta({ description: "Due before then; with it, latest due first" }),
};
