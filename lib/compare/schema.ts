import { z } from "zod";
import { idSchema } from "#lib/ids";
import { pageFields } from "#lib/pagination";

/**
 * What became of a policy between an older set (left) and a newer one (right). `not_captured`: the left one has it, and
 * the right one did not capture its type as a whole, so nobody can say that it was removed.
 */
export const itemChanges = ["added", "removed", "changed", "unchanged", "not_captured"] as const;
export type ItemChange = (typeof itemChanges)[number];

/** Which rows of a comparison to show. */
export const comparisonFilter = {
  /** Default: everything but `unchanged`. */
  changes: z.array(z.enum(itemChanges)).min(1, "must name at least one").max(itemChanges.length).optional(),
  policy_type: z.string().max(100, "must be at most 100 characters").optional(),
  search: z.string().trim().max(200, "must be at most 200 characters").optional(),
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

/** How many policies became what. */
export type ChangeCounts = Record<ItemChange, number>;

/** One side of a compared policy. */
export interface ComparedItem {
  item_id: number;
  graph_id: string;
  display_name: string;
  sha256: string;
}

/** One policy in two sets; the side that does not have it is null. */
export interface ComparisonRow {
  change: ItemChange;
  kind: "policy" | "foundation";
  policy_type: string;
  /** As the newer set calls it, if it has it. */
  display_name: string;
  left: ComparedItem | null;
  right: ComparedItem | null;
}

/** A set as one side of a comparison. */
export interface ComparedSet {
  id: number;
  tenant_id: number;
  backup_schedule_id: number;
  schedule_name: string;
  status: "success" | "partial";
  item_count: number;
  created_at: string;
  deleted_at: string | null;
}

/** A page of a comparison. */
export interface Comparison {
  /** The older set; null when there is none before. */
  left: ComparedSet | null;
  right: ComparedSet;
  /** Of the whole comparison, whatever the filter. */
  counts: ChangeCounts;
  /** Of the policies that meet type and search, whatever became of them. */
  matching: ChangeCounts;
  types: { policy_type: string; counts: ChangeCounts }[];
  items: ComparisonRow[];
  next_cursor: string | null;
}
