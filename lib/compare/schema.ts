import { z } from "zod";
import { idSchema } from "#lib/ids";
import { pageFields } from "#lib/pagination";
import { nameSearch, policyType } from "#lib/view-fields";
import type { comparedSetView, comparisonRowView, comparisonView, countsView } from "./views.ts";

/**
 * What became of a policy between an older set (left) and a newer one (right). `not_captured`: one of
 * them has it, and the other did not capture its type as a whole, so nobody can say that it was added or removed.
 */
export const itemChanges = ["added", "removed", "changed", "unchanged", "not_captured"] as const;
export type ItemChange = (typeof itemChanges)[number];

/** Which rows of a comparison to show. */
export const comparisonFilter = {
  /** Default: everything but `unchanged`. */
  changes: z.array(z.enum(itemChanges)).min(1, "must name at least one").max(itemChanges.length).optional(),
  policy_type: policyType.optional(),
  search: nameSearch.optional(),
};

/** Input of a comparison of two sets of one tenant. */
export const compareSetsSchema = z.strictObject({
  ...pageFields,
  ...comparisonFilter,
  /** The newer set. */
  set_id: idSchema,
  /** The older set; without it, the one before in the same schedule. */
  with_set_id: idSchema.optional(),
});

/** The same in a query: the changes in one text. */
export const comparisonQueryFields = {
  ...pageFields,
  changes: z
    .string()
    .transform((text) => text.split(","))
    .pipe(comparisonFilter.changes.unwrap())
    .optional()
    .meta({ description: `Comma-separated: ${itemChanges.join(", ")}; all but unchanged unless told` }),
  policy_type: comparisonFilter.policy_type,
  search: comparisonFilter.search,
};

/** How many policies became what. */
export type ChangeCounts = z.infer<typeof countsView>;

/** One policy in two sets, by the name that the newer one has for it; the side that does not have it is null. */
export type ComparisonRow = z.infer<typeof comparisonRowView>;

/** A set as one side of a comparison. */
export type ComparedSet = z.infer<typeof comparedSetView>;

/** A page of a comparison. */
export type Comparison = z.infer<typeof comparisonView>;
