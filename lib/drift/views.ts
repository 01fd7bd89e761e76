import { z } from "zod";
import { itemComparisonView } from "#lib/compare/views";
import { graphId, id, instant, itemKind, policyType } from "#lib/view-fields";
import { coverages, driftKinds, driftStates, goneReasons, renewals } from "./schema.ts";

// What API and pages show of the baseline and of drift.

const person = z.strictObject({
  id: id.nullable().meta({ description: "Null: an API token" }),
  name: z.string(),
});

export const baselineView = z
  .strictObject({
    tenant_id: id,
    source: z
      .strictObject({ tenant_id: id, tenant_name: z.string(), set_id: id, set_created_at: instant })
      .meta({ description: "The set that it was chosen from, as it was then: it may be gone" }),
    coverage: z.enum(coverages).meta({
      description: "all policies of the set, all of some types, or some items",
    }),
    items: z.int(),
    set_at: instant,
    set_by: person,
    compared_at: instant.nullable().meta({ description: "When a set was last compared with it" }),
    types: z.array(
      z.strictObject({
        policy_type: policyType,
        items: z.int(),
        is_whole: z
          .boolean()
          .meta({ description: "It has all that there was of the type: what is added is a difference" }),
        compared_at: instant.nullable(),
        compared_set_id: id.nullable().meta({ description: "Null: no set since has had the type" }),
      }),
    ),
  })
  .meta({ id: "Baseline" });

const driftCounts = {
  new: z.int(),
  accepted: z.int(),
  denied: z.int(),
};

export const driftSummaryView = z
  .strictObject({
    baseline: baselineView.nullable().meta({ description: "Null: none was chosen" }),
    ...driftCounts,
    kinds: z
      .strictObject({ added: z.int(), removed: z.int(), changed: z.int() })
      .meta({ description: "Of those that nobody accepted" }),
    types: z.array(z.strictObject({ policy_type: policyType, ...driftCounts })),
  })
  .meta({ id: "DriftSummary" });

export const driftView = z
  .strictObject({
    id,
    kind: z.enum(driftKinds).meta({ description: "added: the baseline does not have it" }),
    state: z.enum(driftStates),
    item_kind: itemKind,
    policy_type: policyType,
    graph_id: graphId.meta({ description: "In the baseline; of an added policy, in the tenant" }),
    live_graph_id: graphId.nullable().meta({ description: "In the tenant; null: it is not there" }),
    display_name: z.string(),
    found_at: instant,
    changed_at: instant.meta({ description: "When it was last found otherwise than before" }),
    seen_set_id: id.meta({ description: "The newest set that shows it" }),
    live_item_id: id.nullable().meta({ description: "The policy in that set" }),
    decided_at: instant.nullable(),
    decided_by: person.nullable(),
    reason: z.string().nullable(),
    accepted_until: instant.nullable(),
    renewed: z
      .enum(renewals)
      .nullable()
      .meta({ description: "Why it is new again: it changed after it was accepted, or the time is over" }),
    gone_at: instant.nullable(),
    gone_why: z.enum(goneReasons).nullable(),
    changed_by: z
      .strictObject({ who: z.string(), kind: z.enum(["user", "app", "unknown"]), at: instant })
      .nullable()
      .meta({ description: "Who changed it last, as far as Microsoft's audit logs tell" }),
    version: z.int(),
  })
  .meta({ id: "Drift" });

export const driftDetailsView = z
  .strictObject({
    ...driftView.shape,
    changes: itemComparisonView.shape.changes.nullable().meta({
      description: "From the baseline to the tenant; null where one side is not stored any more",
    }),
    words: itemComparisonView.shape.words.nullable().meta({ description: "The same as people read it" }),
    names: itemComparisonView.shape.names,
  })
  .meta({ id: "DriftDetails" });
