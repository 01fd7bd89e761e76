import { z } from "zod";
import { itemComparisonView } from "#lib/compare/views";
import { groupsFound } from "#lib/limits";
import { graphId, id, instant, policyType, sha256 } from "#lib/view-fields";
import { wordChangeView } from "#lib/words/views";
import { itemModes, itemOutcomes, itemStates, restoreErrorCodes, restoreStatuses } from "./schema.ts";

// What API and pages show of restores.

const person = z.strictObject({
  id: id.nullable().meta({ description: "Null: an API token" }),
  name: z.string(),
});

const errorCode = z.string().meta({
  description: `${restoreErrorCodes.join(", ")}; or the code of the run that read the live tenant`,
});

export const restoreView = z
  .strictObject({
    id,
    tenant_id: id,
    status: z.enum(restoreStatuses),
    source: z
      .strictObject({ tenant_id: id, tenant_name: z.string(), set_id: id, set_created_at: instant })
      .meta({ description: "The set that it was planned from, as it was then: it may be gone" }),
    undo_of: id.nullable().meta({ description: "The restore that this one takes back" }),
    undone_by: id.nullable().meta({ description: "The newest restore that takes this one back" }),
    reason: z.string().nullable(),
    created_at: instant,
    created_by: person,
    requested_at: instant.nullable(),
    requested_by: person.nullable().meta({
      description:
        "Of an API token its name, and the id of who made it: they cannot approve what it asks for",
    }),
    approved_at: instant.nullable(),
    approved_by: person.nullable(),
    planned_at: instant.nullable().meta({ description: "When the plan was last worked out" }),
    started_at: instant.nullable(),
    ended_at: instant.nullable(),
    stop_requested_at: instant.nullable(),
    run_id: id.nullable().meta({ description: "The run that reads the live tenant, or did last" }),
    live_set_id: id.nullable().meta({ description: "What was live when it was planned" }),
    before_set_id: id
      .nullable()
      .meta({ description: "What was live just before it wrote: pinned, and the source of its undo" }),
    error_code: errorCode.nullable(),
    error_message: z.string().nullable().meta({ description: "The same in words" }),
    version: z.int(),
    items: z.int(),
    outcomes: z
      .partialRecord(z.enum(itemOutcomes), z.int())
      .meta({ description: "Items by what would be done, without those that are skipped" }),
    states: z
      .partialRecord(z.enum(itemStates), z.int())
      .meta({ description: "Items by what has become of them" }),
    changes: z.int().meta({ description: "Items that would be written" }),
  })
  .meta({ id: "Restore" });

export const restoreDetailsView = z
  .strictObject({
    ...restoreView.shape,
    types: z.array(policyType).meta({ description: "Of its items" }),
    to_confirm: z
      .array(
        z.strictObject({
          item_id: id,
          policy_type: policyType,
          display_name: z.string(),
          why: z.array(z.string()),
          changes_sha256: sha256.nullable().meta({
            description:
              "Another one when the plan would change the live policy in another way; null: not known",
          }),
        }),
      )
      .meta({ description: "Items that ask for a confirmation of their own, and why" }),
    mass_change_limit: z.int(),
    must_confirm_count: z.boolean().meta({ description: "More would be written than the limit" }),
    needs_approval: z.boolean().meta({ description: "The tenant wants two people" }),
    may_undo: z.boolean(),
    made: z
      .array(z.strictObject({ policy_type: policyType, graph_id: graphId, display_name: z.string() }))
      .meta({ description: "What it created: an undo leaves these, nothing is ever deleted" }),
    open_references: z.int().meta({ description: "References that somebody must decide" }),
  })
  .meta({ id: "RestoreDetails" });

const reasonView = z.strictObject({
  code: z.string(),
  path: z.string(),
  kind: z.string().optional(),
  id: z.string().optional(),
  message: z.string(),
});

export const restoreItemView = z
  .strictObject({
    id,
    restore_id: id,
    policy_type: policyType,
    graph_id: graphId.meta({ description: "In the backup" }),
    display_name: z.string(),
    source_sha256: sha256,
    mode: z.enum(itemModes),
    prefix: z.string().nullable(),
    is_skipped: z.boolean(),
    live_graph_id: graphId.nullable().meta({ description: "The live policy that it is matched with" }),
    outcome: z.enum(itemOutcomes).nullable().meta({ description: "Null until it is planned" }),
    why: z.string().nullable().meta({ description: "Of impossible" }),
    reasons: z.array(reasonView).meta({ description: "Of blocked: what must be decided" }),
    stays: z
      .array(z.strictObject({ path: z.string(), what: z.string() }))
      .meta({ description: "What the live policy keeps although the backup lacks it" }),
    confirm: z.array(z.string()).meta({ description: "Why it asks for a confirmation of its own" }),
    later: z.array(z.string()).meta({ description: "A second step that a person takes by name" }),
    change_count: z.int(),
    request_count: z.int(),
    given_secrets: z.array(z.string()).meta({ description: "Paths of secrets that a person gave" }),
    state: z.enum(itemStates),
    target_id: graphId.nullable().meta({ description: "The object that it was written to" }),
    is_created: z.boolean(),
    request_ids: z
      .array(z.string())
      .meta({ description: "Graph's ids of the writes, for Microsoft's support" }),
    approval_since: instant.nullable(),
    error_code: errorCode.nullable(),
    error_message: z.string().nullable().meta({ description: "The same in words" }),
    differences: z
      .array(z.string())
      .nullable()
      .meta({ description: "Paths at which the written policy differs from the backup" }),
    later_taken_at: instant.nullable(),
    later_taken_by: z.string().nullable(),
    changed_at: instant,
  })
  .meta({ id: "RestoreItem" });

const documentChangeView = z.strictObject({
  kind: z.enum(["added", "removed", "changed"]),
  path: z.array(z.string()),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});

export const restoreItemDetailsView = z
  .strictObject({
    ...restoreItemView.shape,
    changes: z.array(documentChangeView).meta({ description: "From the live policy to the backup" }),
    words: z.array(wordChangeView).meta({ description: "The same as people read it" }),
    names: itemComparisonView.shape.names.meta({
      description: "What ids stand for: left in the live policy, right in the backup",
    }),
    requests: z
      .array(z.strictObject({ method: z.string(), path: z.string(), stage: z.string() }))
      .meta({ description: "What would be sent to Graph, in order" }),
  })
  .meta({ id: "RestoreItemDetails" });

const objectView = z.strictObject({ id: z.string(), name: z.string() });

const decisionView = z.strictObject({
  target_id: z.string().nullable().meta({ description: "Null: the policy is written without it" }),
  target_name: z.string().nullable(),
  decided_by: z.string(),
  decided_at: instant,
  checked_at: instant
    .nullable()
    .meta({ description: "When the target was found in the tenant; null: it was not looked up" }),
  not_checked: z.string().nullable().meta({ description: "Why the target could not be looked up" }),
});

export const referenceView = z
  .strictObject({
    kind: z.string(),
    id: z.string(),
    name: z.string().nullable().meta({ description: "In the backup; null: not known" }),
    item_count: z.int(),
    resolution: z
      .enum(["found", "made", "decided", "left_out", "unknown", "ambiguous"])
      .meta({ description: "unknown and ambiguous: somebody must decide" }),
    target: objectView.nullable(),
    suggestions: z
      .array(objectView)
      .meta({ description: "Live objects of its kind, those of its name first" }),
    decision: decisionView.nullable(),
  })
  .meta({ id: "RestoreReference" });

export const foundGroupsView = z
  .strictObject({
    groups: z.array(objectView).max(groupsFound),
    has_more: z.boolean().meta({ description: "More groups have such names" }),
    problem: z.string().nullable().meta({ description: "Why Microsoft Graph could not be asked" }),
  })
  .meta({ id: "FoundGroups" });

const writableView = z.strictObject({
  policy_type: policyType,
  label: z.string(),
  writable: z.enum(["yes", "permission_missing", "not_by_applications", "never"]),
  missing: z.array(z.string()).meta({ description: "Microsoft Graph permissions to grant" }),
  why: z.string().nullable(),
});

export const writeConnectionTestView = z
  .strictObject({
    ok: z.boolean(),
    message: z.string(),
    granted: z.array(z.string()),
    types: z.array(writableView).meta({ description: "Per policy type: whether it may be written" }),
  })
  .meta({ id: "WriteConnectionTest" });

export const writeConnectionView = z
  .strictObject({
    client_id: z.string(),
    credential_kind: z.enum(["secret", "certificate"]),
    kept_until: instant.nullable().meta({ description: "Null: until the next restore has ended" }),
    saved_at: instant,
    saved_by: z.string(),
    tested_at: instant.nullable(),
    test_result: writeConnectionTestView.nullable(),
  })
  .meta({ id: "WriteConnection" });

export const restoreSettingsView = z
  .strictObject({
    two_people: z.boolean(),
    break_glass_users: z.array(z.string()),
    break_glass_groups: z.array(z.string()),
    mass_change_limit: z.int(),
  })
  .meta({ id: "RestoreSettings" });
