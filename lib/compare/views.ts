import { z } from "zod";
import { namesView } from "#lib/sets/views";
import { graphId, id, instant, itemKind, policyType, sha256 } from "#lib/view-fields";
import { wordChangeView } from "#lib/words/views";
import { itemChanges } from "./schema.ts";

// What API and pages show of comparisons.

export const countsView = z.strictObject({
  added: z.int(),
  removed: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  not_captured: z
    .int()
    .meta({ description: "In one of the sets, of types that the other did not capture whole" }),
});

export const comparedSetView = z.strictObject({
  id,
  tenant_id: id,
  backup_schedule_id: id,
  schedule_name: z.string(),
  status: z.enum(["success", "partial"]),
  item_count: z.int(),
  created_at: instant,
  deleted_at: instant.nullable(),
});

const comparedItemView = z.strictObject({
  item_id: id,
  graph_id: graphId,
  display_name: z.string(),
  sha256,
});

export const comparisonRowView = z.strictObject({
  change: z.enum(itemChanges).meta({
    description: "not_captured: in one of the sets, of a type that the other did not capture whole",
  }),
  kind: itemKind,
  policy_type: policyType,
  display_name: z.string(),
  left: comparedItemView.nullable().meta({ description: "In the older set" }),
  right: comparedItemView.nullable().meta({ description: "In the newer set" }),
});

const comparisonPage = {
  items: z.array(comparisonRowView),
  next_cursor: z.string().nullable().meta({ description: "Send it as cursor for the next page" }),
};

export const comparisonView = z.strictObject({
  left: comparedSetView.nullable().meta({ description: "The older set; null when there is none before" }),
  right: comparedSetView,
  counts: countsView.meta({ description: "Of the whole comparison, whatever the filter" }),
  matching: countsView.meta({ description: "Of the policies that meet policy_type and search" }),
  types: z.array(z.strictObject({ policy_type: policyType, counts: countsView })),
  whole_before: z.array(z.strictObject({ set_id: id, policy_types: z.array(policyType) })).meta({
    description:
      "Where to look for what is not_captured: the newest sets of the schedule before the older one that captured these types whole, and were kept when the newer one was made",
  }),
  ...comparisonPage,
});

export const tenantComparisonView = z.strictObject({
  left: comparedSetView,
  right: comparedSetView,
  counts: countsView.nullable().meta({ description: "With the first page only" }),
  matching: countsView.nullable().meta({
    description: "Of the policies that meet policy_type and search; with the first page only",
  }),
  ...comparisonPage,
});

const itemHead = z.strictObject({
  id,
  policy_type: policyType,
  graph_id: graphId,
  display_name: z.string(),
  sha256,
});

export const itemComparisonView = z.strictObject({
  left: itemHead,
  right: itemHead,
  identical: z.boolean().meta({ description: "The same bytes" }),
  changes: z
    .array(
      z.strictObject({
        kind: z.enum(["added", "removed", "changed"]),
        path: z
          .array(z.string())
          .meta({ description: "From the document's root: properties and places in lists" }),
        before: z.unknown().optional().meta({ description: "Any JSON; not there when it was added" }),
        after: z.unknown().optional().meta({ description: "Any JSON; not there when it was removed" }),
      }),
    )
    .meta({ description: "Empty though not identical: nothing but the order within lists differs" }),
  words: z.array(wordChangeView).meta({
    description:
      "The differences setting by setting, in words; across tenants without scope tags, and whom it is assigned to by names",
  }),
  names: z
    .strictObject({ left: namesView, right: namesView })
    .meta({ description: "What the ids in either document stood for when its set was made" }),
});
