import { z } from "zod";
import { auditLogStates, type ChangeAuthorsReport, changeAuthorsSchema } from "#lib/authors/schema";
import type { TenantComparison } from "#lib/compare/by-name";
import type { ItemComparison } from "#lib/compare/items";
import { type Comparison, comparisonFilter, itemChanges } from "#lib/compare/schema";
import type { VerifiedSet } from "#lib/integrity/verify";
import { nameKinds } from "#lib/names/names";
import type { StorageOverview } from "#lib/overview/storage";
import { pageFields } from "#lib/pagination";
import { keepReasons } from "#lib/retention/plan";
import type { RetentionPreview } from "#lib/retention/retention";
import { perRule, retentionFields } from "#lib/retention/rules";
import { runErrorCodes } from "#lib/run-error-codes";
import type { KnownPolicy, PolicyHistory } from "#lib/sets/policy-history";
import type { SetNames } from "#lib/sets/read-names";
import { queryId } from "./query.ts";
import { backupSet, verifyResult } from "./schemas.ts";

// What the API answers and asks about verified, compared, kept and exported backup sets.

const id = z.int().min(1);
const instant = z.iso.datetime().meta({ description: "ISO 8601, UTC" });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const verifiedSet = z.strictObject({
  set_id: id,
  verified_at: instant,
  ...verifyResult.shape,
}) satisfies z.ZodType<VerifiedSet>;

export const retentionPreview = z.strictObject({
  removed: z.array(backupSet).meta({ description: "Would go to the bin, newest first" }),
  kept: z
    .array(
      z.strictObject({
        ...backupSet.shape,
        reasons: z.array(z.enum(keepReasons)),
      }),
    )
    .meta({ description: "Would stay, newest first, and why" }),
}) satisfies z.ZodType<RetentionPreview>;

const counts = z.strictObject({
  added: z.int(),
  removed: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  not_captured: z
    .int()
    .meta({ description: "In the older set, of types that the newer did not capture whole" }),
});

const comparedSet = z.strictObject({
  id,
  tenant_id: id,
  backup_schedule_id: id,
  schedule_name: z.string(),
  status: z.enum(["success", "partial"]),
  item_count: z.int(),
  created_at: instant,
  deleted_at: instant.nullable(),
});

const comparedItem = z.strictObject({
  item_id: id,
  graph_id: z.string(),
  display_name: z.string(),
  sha256,
});

const comparisonRow = z.strictObject({
  change: z.enum(itemChanges),
  kind: z.enum(["policy", "foundation"]),
  policy_type: z.string(),
  display_name: z.string(),
  left: comparedItem.nullable().meta({ description: "In the older set" }),
  right: comparedItem.nullable().meta({ description: "In the newer set" }),
});

const comparisonPage = {
  items: z.array(comparisonRow),
  next_cursor: z.string().nullable().meta({ description: "Send it as cursor for the next page" }),
};

export const comparison = z.strictObject({
  left: comparedSet.nullable().meta({ description: "The older set; null when there is none before" }),
  right: comparedSet,
  counts: counts.meta({ description: "Of the whole comparison, whatever the filter" }),
  matching: counts.meta({ description: "Of the policies that meet policy_type and search" }),
  types: z.array(z.strictObject({ policy_type: z.string(), counts })),
  ...comparisonPage,
}) satisfies z.ZodType<Comparison>;

export const tenantComparison = z.strictObject({
  left: comparedSet,
  right: comparedSet,
  counts: counts.nullable().meta({ description: "With the first page only" }),
  matching: counts.nullable().meta({
    description: "Of the policies that meet policy_type and search; with the first page only",
  }),
  ...comparisonPage,
}) satisfies z.ZodType<TenantComparison>;

const names = z
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

export const setNames = z.strictObject({
  sha256: sha256.nullable().meta({ description: "Null when the set has no names" }),
  names,
  unresolved: z
    .partialRecord(z.enum(nameKinds), z.enum([...runErrorCodes, "TIME_LIMIT", "NOT_CAPTURED"]))
    .meta({ description: "Kinds of which ids have no names, and why" }),
}) satisfies z.ZodType<SetNames>;

const itemHead = z.strictObject({
  id,
  policy_type: z.string(),
  graph_id: z.string(),
  display_name: z.string(),
  sha256,
});

export const itemComparison = z.strictObject({
  left: itemHead,
  right: itemHead,
  identical: z.boolean(),
  changes: z
    .array(
      z.strictObject({
        kind: z.enum(["added", "removed", "changed"]),
        path: z.array(z.string()),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
      }),
    )
    .meta({ description: "Empty though not identical: nothing but the order within lists differs" }),
  names: z
    .strictObject({ left: names, right: names })
    .meta({ description: "What the ids in either document stood for when its set was made" }),
}) satisfies z.ZodType<ItemComparison>;

export const changeAuthorsReport = z.strictObject({
  authors: z
    .record(
      z.string(),
      z.array(
        z.strictObject({
          who: z.string().meta({ description: "A user principal name, or an app's name" }),
          kind: z.enum(["user", "app", "unknown"]),
          at: instant,
          activity: z.string().meta({ description: "As Microsoft words it" }),
          operation: z.enum(["create", "update", "delete"]),
        }),
      ),
    )
    .meta({ description: "Per Graph id, newest first, five at most" }),
  looked_at: instant.nullable().meta({ description: "Null when Microsoft was not asked, or not yet" }),
  logs: z
    .strictObject({ intune: z.enum(auditLogStates), entra: z.enum(auditLogStates) })
    .partial()
    .meta({ description: "The audit logs that concern the newer set's changes" }),
}) satisfies z.ZodType<ChangeAuthorsReport>;

export const knownPolicy = z.strictObject({
  kind: z.enum(["policy", "foundation"]),
  policy_type: z.string(),
  graph_id: z.string(),
  display_name: z.string(),
  versions: z.int(),
  first_seen_at: instant,
  last_seen_at: instant,
  last_set_id: id,
  last_item_id: id,
  is_present: z.boolean().meta({ description: "No newer set that captured its whole type is without it" }),
}) satisfies z.ZodType<KnownPolicy>;

export const policyHistory = z.strictObject({
  kind: z.enum(["policy", "foundation"]),
  policy_type: z.string(),
  graph_id: z.string(),
  display_name: z.string(),
  is_present: z.boolean(),
  timeline: z
    .array(
      z.strictObject({
        sha256: sha256.nullable(),
        display_name: z.string().nullable(),
        first_seen_at: instant,
        first_set_id: id,
        last_seen_at: instant,
        last_set_id: id,
        set_count: z.int(),
        item_id: id.nullable(),
        bytes_logical: z.int().nullable(),
      }),
    )
    .meta({ description: "Newest first; a stretch whose sha256 is null: the policy was not there" }),
  versions: z.array(
    z.strictObject({
      sha256,
      display_name: z.string(),
      first_seen_at: instant,
      first_set_id: id,
      last_seen_at: instant,
      last_set_id: id,
      item_id: id.meta({ description: "Its item in the newest set that holds it" }),
      set_count: z.int(),
      bytes_logical: z.int(),
    }),
  ),
}) satisfies z.ZodType<PolicyHistory>;

export const storageOverview = z.strictObject({
  sets: z.int(),
  binned_sets: z.int(),
  items: z.int(),
  bytes_logical: z.int().meta({ description: "All sets as plain JSON, each whole" }),
  bytes_unique: z.int().meta({ description: "The different contents as plain JSON" }),
  bytes_stored: z.int(),
  ratio: z.number().nullable(),
  weeks: z.array(
    z.strictObject({
      week_begins: z.iso.date(),
      bytes_added: z.int(),
      snapshots_added: z.int(),
      sets_made: z.int(),
    }),
  ),
}) satisfies z.ZodType<StorageOverview>;

const number = (field: z.ZodType<number, number>) => z.coerce.number().pipe(field).optional();

/** The query of a retention preview: the rules to try. */
export const retentionQuery = z.strictObject(perRule((_, field) => number(retentionFields[field])));

const comparisonQueryFields = {
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

/** The query of a comparison with another set of the tenant. */
export const comparisonQuery = z.strictObject({ ...comparisonQueryFields, with_set_id: queryId.optional() });

/** The query of who changed what since another set. */
export const changeAuthorsQuery = z.strictObject({
  with_set_id: queryId.optional(),
  graph_ids: z
    .string()
    .transform((text) => text.split(","))
    .pipe(changeAuthorsSchema.shape.graph_ids.unwrap())
    .optional()
    .meta({ description: "Comma-separated; all policies unless told" }),
});

/** The query of a comparison with a set of another tenant. */
export const tenantComparisonQuery = z.strictObject({
  ...comparisonQueryFields,
  with_tenant_id: queryId,
  with_set_id: queryId,
});

/** The query of a comparison of one item: with which item of which set. */
export const itemComparisonQuery = z.strictObject({
  with_tenant_id: queryId.optional(),
  with_set_id: queryId,
  with_item_id: z.coerce
    .number("must be a positive whole number")
    .int("must be a positive whole number")
    .min(1, "must be a positive whole number"),
});

export const policySearchQuery = z.strictObject({
  ...pageFields,
  search: z.string().max(200, "must be at most 200 characters").optional(),
  policy_type: z.string().max(100, "must be at most 100 characters").optional(),
});

export const policyHistoryQuery = z.strictObject({
  policy_type: z.string().min(1).max(100, "must be at most 100 characters"),
  graph_id: z.string().min(1).max(500, "must be at most 500 characters"),
});

/** Body of a restore from the bin. */
export const restoreBody = z.strictObject({
  pin: z.boolean("must be true or false").optional().meta({
    description: "Default true: pinned, so that retention does not remove it again",
  }),
});
