import { z } from "zod";
import { runErrorCodes } from "#lib/run-error-codes";
import { changeCounts, itemKind } from "#lib/view-fields";
import { runTriggers } from "./summary.ts";

/** One policy or foundation that a run could not capture, and why. */
export const missingItemView = z.strictObject({
  graph_id: z.string().nullable(),
  display_name: z.string().nullable(),
  error_code: z.enum(runErrorCodes),
  reason: z.string(),
});

export const typeSummaryView = z
  .strictObject({
    kind: itemKind,
    listed: z.boolean().meta({ description: "Whether the list was read to its end" }),
    expected: z.int(),
    captured: z.int(),
    gone: z.int().meta({ description: "Deleted in the tenant between listing and reading; no error" }),
    failed: z.int(),
    skipped: z.boolean(),
    error_code: z.enum(runErrorCodes).nullable(),
    error_message: z.string().nullable(),
    request_id: z.string().nullable().meta({ description: "Microsoft Graph's id of the deciding request" }),
    missing: z.array(missingItemView),
  })
  .meta({ id: "TypeSummary" });

export const runSummaryView = z
  .looseObject({
    trigger: z.enum(runTriggers).optional(),
    attempts: z
      .int()
      .optional()
      .meta({ description: "Those that count: not one whose worker was stopped, or lost the database" }),
    types: z.record(z.string(), typeSummaryView).optional(),
    foundations: z.record(z.string(), typeSummaryView).optional(),
    changes: changeCounts.optional().meta({ description: "Against the schedule's set before" }),
    bytes: z
      .strictObject({ logical: z.int(), stored: z.int(), added: z.int() })
      .optional()
      .meta({ description: "Of the set; added: what it took beyond the snapshots that were there" }),
    missed_occurrences: z.int().optional(),
    duration_ms: z.int().optional(),
    reason: z
      .string()
      .optional()
      .meta({ description: "Why nothing was attempted, in words, for a skipped run" }),
  })
  .meta({ id: "RunSummary" });
