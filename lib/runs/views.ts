import { z } from "zod";
import { runTriggers } from "#lib/capture/summary";
import { runSummaryView } from "#lib/capture/views";
import { runErrorCodes } from "#lib/run-error-codes";
import { id, instant, itemKind, policyType } from "#lib/view-fields";
import { runStatuses } from "./schema.ts";

// What API and pages show of runs.

export const progressView = z.strictObject({
  types: z.record(
    z.string(),
    z.strictObject({
      kind: itemKind,
      expected: z.int().meta({ description: "As far as is known until now" }),
      captured: z.int(),
      failed: z.int(),
      done: z
        .boolean()
        .meta({ description: "Read, and all that there is accounted for; also when there is none" }),
      listed: z.boolean().optional().meta({ description: "Whether its list was read to its end" }),
    }),
  ),
});

export const runView = z
  .strictObject({
    id,
    tenant_id: id,
    backup_schedule_id: id,
    scheduled_for: instant.meta({ description: "When it was due; for one by hand, when it was asked for" }),
    started_at: instant.nullable().meta({ description: "Null while it waits for a worker" }),
    finished_at: instant.nullable(),
    status: z.enum(runStatuses).meta({
      description:
        "running also while it waits; success: all captured; partial: a set with something missing; failed: no set; skipped: nothing was attempted",
    }),
    trigger: z
      .enum(runTriggers)
      .meta({ description: "What began it: its schedule, Run now, Retry, or a restore" }),
    attempt: z.int().meta({ description: "Attempts begun, also those that do not count" }),
    summary: runSummaryView,
    error_code: z
      .enum(runErrorCodes)
      .nullable()
      .meta({ description: "Why it did not succeed (docs/error-codes.md)" }),
    error_message: z.string().nullable().meta({ description: "The same in words" }),
    backup_set_id: id
      .nullable()
      .meta({ description: "What it made; null for none, and once that is purged" }),
    retry_of_run_id: id.nullable().meta({ description: "The run that it repeats" }),
    cancel_requested_at: instant.nullable(),
    progress: progressView.nullable().meta({ description: "While it is active: per type, done of total" }),
    created_at: instant,
  })
  .meta({ id: "BackupScheduleRun" });

export const runInListView = z
  .strictObject({
    ...runView.shape,
    schedule_name: z.string(),
    requested_by_name: z
      .string()
      .nullable()
      .meta({ description: "Who pressed Run now or Retry; null for the schedule's own" }),
  })
  .meta({ id: "BackupScheduleRunInList" });

export const attemptView = z.strictObject({
  number: z.int(),
  began_at: instant,
  ended_at: instant.nullable().meta({ description: "When it ended although the run did not" }),
  reason: z.string().nullable().meta({ description: "Why another attempt was needed" }),
  counted: z.boolean().meta({
    description: "False: the worker was stopped or the database was away, so it uses up none of the attempts",
  }),
});

export const runDetailsView = z
  .strictObject({
    ...runInListView.shape,
    schedule_is_deleted: z.boolean().meta({ description: "Then the run cannot be retried" }),
    retried_by_run_ids: z.array(id).meta({ description: "Runs that repeat this one" }),
    requested: z
      .strictObject({ policy_types: z.array(policyType), include_foundations: z.boolean() })
      .nullable()
      .meta({
        description: "What it was asked for when it was created; null for runs from before this was kept",
      }),
    attempts: z.array(attemptView).meta({ description: "In their order" }),
  })
  .meta({ id: "BackupScheduleRunDetails" });

/** What became of each schedule in a bulk Run now or Retry. */
export const bulkResultView = z
  .strictObject({
    started: z.int(),
    already_running: z.int(),
    refused: z.int(),
    results: z.array(
      z.strictObject({
        schedule_id: id,
        name: z.string().nullable(),
        outcome: z.enum(["started", "already_running", "refused"]),
        run_id: id.nullable().meta({ description: "The run that was started, or is active already" }),
        reason: z.string().nullable().meta({ description: "Why it was refused, in words" }),
      }),
    ),
  })
  .meta({ id: "BulkRunResult" });
