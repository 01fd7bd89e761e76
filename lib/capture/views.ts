import { z } from "zod";
import { runErrorCodes } from "#lib/run-error-codes";
import { bytesLogical, bytesStored, changeCounts, graphId, itemKind } from "#lib/view-fields";
import { runTriggers } from "./summary.ts";

/** One policy or foundation that a run could not capture, and why. */
export const missingItemView = z.strictObject({
  graph_id: graphId.nullable(),
  display_name: z.string().nullable(),
  error_code: z.enum(runErrorCodes).meta({ description: "Why (docs/error-codes.md)" }),
  reason: z.string().meta({ description: "The same in words" }),
});

export const typeSummaryView = z
  .strictObject({
    kind: itemKind,
    listed: z.boolean().meta({ description: "Whether the list was read to its end" }),
    expected: z.int().meta({ description: "Policies that the list named" }),
    captured: z.int(),
    gone: z.int().meta({ description: "Deleted in the tenant between listing and reading; no error" }),
    failed: z.int(),
    skipped: z.boolean().meta({ description: "It was not asked for at all" }),
    error_code: z
      .enum(runErrorCodes)
      .nullable()
      .meta({ description: "The gravest reason why something is missing (docs/error-codes.md)" }),
    error_message: z.string().nullable().meta({ description: "The same in words" }),
    request_id: z.string().nullable().meta({ description: "Microsoft Graph's id of the deciding request" }),
    missing: z.array(missingItemView).meta({ description: "What could not be captured, and why" }),
  })
  .meta({ id: "TypeSummary" });

export const runSummaryView = z
  .looseObject({
    trigger: z.enum(runTriggers).optional(),
    attempts: z
      .int()
      .optional()
      .meta({ description: "Those that count: not one whose worker was stopped, or lost the database" }),
    types: z.record(z.string(), typeSummaryView).optional().meta({ description: "By policy type" }),
    foundations: z.record(z.string(), typeSummaryView).optional().meta({ description: "By kind" }),
    changes: changeCounts.optional().meta({
      description: "Against the schedule's set before; what that one lacks, against what was last seen of it",
    }),
    bytes: z
      .strictObject({ logical: bytesLogical, stored: bytesStored, added: bytesStored })
      .optional()
      .meta({
        description: "Of the set, in bytes; added: what it took beyond the snapshots that were there",
      }),
    empty: z.boolean().optional().meta({
      description: "It succeeded and found no policy, although its schedule does not say `may_be_empty`",
    }),
    missed_occurrences: z
      .int()
      .optional()
      .meta({ description: "Older occurrences that were missed and are not made up for" }),
    duration_ms: z.int().optional().meta({ description: "From its start to its end, in milliseconds" }),
    reason: z
      .string()
      .optional()
      .meta({ description: "Why nothing was attempted, in words, for a skipped run" }),
  })
  .meta({ id: "RunSummary" });
