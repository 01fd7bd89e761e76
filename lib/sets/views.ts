import { z } from "zod";
import { typeSummaryView } from "#lib/capture/views";
import { nameKinds } from "#lib/names/names";
import { runErrorCodes } from "#lib/run-error-codes";
import {
  bytesLogical,
  bytesStored,
  changeCounts,
  graphId,
  id,
  instant,
  itemKind,
  openObject,
  policyType,
  sha256,
} from "#lib/view-fields";
import { faultProblems, maxNamedFaults, verifyStatuses } from "./schema.ts";

// What API and pages show of backup sets and their items.

export const setView = z
  .strictObject({
    id,
    tenant_id: id,
    backup_schedule_id: id,
    schedule_name: z.string(),
    run_id: id,
    status: z
      .enum(["success", "partial"])
      .meta({ description: "partial: something that was asked for is missing" }),
    item_count: z.int().meta({ description: "Policies and foundations" }),
    bytes_logical: bytesLogical,
    bytes_stored: bytesStored,
    manifest_sha256: sha256.meta({ description: "SHA-256 over all that the set holds" }),
    created_at: instant,
    pinned_at: instant.nullable().meta({ description: "Since when retention never removes it" }),
    deleted_at: instant.nullable().meta({
      description: "When it went to the bin, or came back from the archive with its tenant since",
    }),
    purge_after: instant.nullable().meta({
      description: "Until then it can be restored from the bin; null also while the tenant is archived",
    }),
    verified_at: instant.nullable().meta({ description: "When everything was last recomputed" }),
    verify_status: z
      .enum(verifyStatuses)
      .nullable()
      .meta({ description: "What the newest verification found; null before the first" }),
  })
  .meta({ id: "BackupSet" });

export const listedSetView = z.strictObject({
  ...setView.shape,
  schedule_is_deleted: z.boolean().meta({ description: "The schedule was deleted; its sets stay" }),
  previous_set_id: id.nullable().meta({ description: "The kept set before it in its schedule" }),
  changes: changeCounts
    .nullable()
    .meta({ description: "What its run found changed since the sets before; null when it did not count" }),
  is_last_complete: z
    .boolean()
    .meta({ description: "The newest complete set of its schedule: it is never removed" }),
  removed_by: z
    .strictObject({ kind: z.enum(["user", "token", "system"]), name: z.string() })
    .nullable()
    .meta({ description: "Who moved it to the bin; `system` is retention" }),
});

export const verifyResultView = z
  .strictObject({
    status: z.enum(verifyStatuses),
    fault_count: z.int().meta({ description: "All of them, also those that are not named" }),
    faults: z
      .array(
        z.strictObject({
          problem: z.enum(faultProblems),
          message: z.string(),
          item_id: id.nullable(),
          policy_type: policyType.nullable(),
          graph_id: graphId.nullable(),
          display_name: z.string().nullable(),
          sha256: sha256.nullable(),
        }),
      )
      .meta({ description: `Each damaged item, at most ${maxNamedFaults} of them; fault_count counts all` }),
    healed_at: instant
      .nullable()
      .meta({ description: "When a verification last found the set whole again after damage" }),
  })
  .meta({ id: "VerifyResult" });

export const setDetailsView = z
  .strictObject({
    ...listedSetView.shape,
    types: z.record(z.string(), typeSummaryView),
    verify_result: verifyResultView.nullable().meta({ description: "What the newest verification found" }),
  })
  .meta({ id: "BackupSetDetails" });

export const itemView = z
  .strictObject({
    id,
    kind: itemKind,
    policy_type: policyType,
    graph_id: graphId,
    display_name: z.string(),
    sha256,
    children: z
      .record(z.string(), z.strictObject({ announced: z.int().nullable(), captured: z.int() }))
      .meta({ description: "Per child collection: what Graph announced, and what was captured" }),
    notes: z
      .array(z.string())
      .meta({ description: "What could not be captured inside an otherwise whole policy" }),
  })
  .meta({ id: "BackupItem" });

export const itemDetailsView = z.strictObject({
  ...itemView.shape,
  set_id: id,
  set_created_at: instant,
  schedule_name: z.string(),
  bytes_logical: bytesLogical.nullable().meta({ description: "Of the JSON; null when its copy is missing" }),
  volatile: openObject.meta({
    description: "Fields that change without the policy changing: beside the JSON, left out of its hash",
  }),
  previous: z
    .strictObject({ set_id: id, item: z.strictObject({ id, is_same: z.boolean() }).nullable() })
    .nullable()
    .meta({ description: "The kept set before in the same schedule, and the same policy there" }),
});

/** A stored policy: what tells it apart, and its canonical JSON (RFC 8785) as text, the bytes whose SHA-256 it names. */
export const itemContentView = z.strictObject({
  id,
  policy_type: policyType,
  graph_id: graphId,
  display_name: z.string(),
  sha256,
  json: z.string(),
  volatile: openObject,
});

/** A stored document that is damaged or missing, in place of its content. */
export const damagedView = z.strictObject({ damaged: sha256, message: z.string() });

export const namesView = z
  .partialRecord(
    z.enum(nameKinds),
    z.record(
      z.string(),
      z.strictObject({
        name: z.string().nullable().meta({ description: "Null: deleted, or unknown in the tenant" }),
        rule: z.string().optional().meta({ description: "Of a dynamic group" }),
        user_principal_name: z.string().optional(),
      }),
    ),
  )
  .meta({ description: "By kind and id in lower case; an id that could not be asked for is left out" });

/**
 * The names of a set's ids, as they were when the set was made; none when its policies refer to nothing, or it is from
 * before names.
 */
export const setNamesView = z.strictObject({
  sha256: sha256.nullable().meta({ description: "Null when the set has no names" }),
  names: namesView,
  unresolved: z
    .partialRecord(z.enum(nameKinds), z.enum([...runErrorCodes, "TIME_LIMIT", "NOT_CAPTURED"]))
    .meta({ description: "Kinds of which ids have no names, and why" }),
});

/** A policy that some live set of the tenant holds, known by type and Graph id whatever its names were. */
export const knownPolicyView = z.strictObject({
  kind: itemKind,
  policy_type: policyType,
  graph_id: graphId,
  display_name: z.string(),
  versions: z.int(),
  first_seen_at: instant,
  last_seen_at: instant,
  last_set_id: id,
  last_item_id: id,
  is_present: z.boolean().meta({ description: "No newer set that captured its whole type is without it" }),
});

/** A stretch of time, from set to set, in which a policy had one content or was not there. */
const spanView = z.strictObject({
  sha256: sha256.nullable(),
  display_name: z.string().nullable(),
  first_seen_at: instant,
  first_set_id: id,
  last_seen_at: instant,
  last_set_id: id,
  set_count: z.int(),
  item_id: id.nullable(),
  bytes_logical: bytesLogical.nullable(),
});

/** One content that a policy had. */
const versionView = z.strictObject({
  sha256,
  display_name: z.string(),
  first_seen_at: instant,
  first_set_id: id,
  last_seen_at: instant,
  last_set_id: id,
  item_id: id.meta({ description: "Its item in the newest set that holds it" }),
  set_count: z.int(),
  bytes_logical: bytesLogical,
});

export const policyHistoryView = z.strictObject({
  kind: itemKind,
  policy_type: policyType,
  graph_id: graphId,
  display_name: z.string(),
  is_present: z.boolean(),
  timeline: z
    .array(spanView)
    .meta({ description: "Newest first; a stretch whose sha256 is null: the policy was not there" }),
  versions: z.array(versionView),
});
