import { z } from "zod";
import { idSchema } from "#lib/ids";
import { restoreItemsMost } from "#lib/limits";
import { graphId, policyType } from "#lib/view-fields";
import type {
  foundGroupsView,
  referenceView,
  restoreItemView,
  restoreSettingsView,
  restoreView,
  writeConnectionTestView,
  writeConnectionView,
} from "./views.ts";

/** Where a restore stands. Those of `activeStatuses` hold the tenant's only place. */
export const restoreStatuses = [
  "planning",
  "planned",
  "plan_failed",
  "awaiting_approval",
  "queued",
  "running",
  "waiting",
  "done",
  "done_with_problems",
  "stopped",
  "failed",
  "discarded",
] as const;
export type RestoreStatus = (typeof restoreStatuses)[number];

export const activeStatuses: readonly RestoreStatus[] = ["queued", "running", "waiting"];

/** What a restore would do with an item. */
export const itemOutcomes = ["unchanged", "update", "create", "assign", "blocked", "impossible"] as const;

/** What has become of an item. */
export const itemStates = [
  "pending",
  "writing",
  "waiting_for_approval",
  "done",
  "done_with_differences",
  "failed",
  "blocked",
  "skipped",
  "unchanged",
] as const;
export type ItemState = (typeof itemStates)[number];

export const itemModes = ["in_place", "copy", "assignments"] as const;

/** Why a restore, or an item of it, did not end well. */
export const restoreErrorCodes = [
  "APPROVAL_EXPIRED",
  "APPROVAL_NOT_ASKED",
  "APPROVAL_PENDING",
  "APPROVAL_REFUSED",
  "BEFORE_SET_GONE",
  "CHANGED_SINCE_PLAN",
  "COPY_UNREADABLE",
  "CREATE_UNCERTAIN",
  "ENTRA_TENANT_CHANGED",
  "GRAPH_REFUSED",
  "GRAPH_UNAVAILABLE",
  "INSTALLATION_RESTORED",
  "LIVE_STATE_UNREAD",
  "NOT_PUBLISHED",
  "NOT_READ_BACK",
  "READ_CONNECTION_REFUSED",
  "REFERENCE_BLOCKED",
  "SECRET_MISSING",
  "UNKNOWN",
  "WRITE_CONNECTION_EXPIRED",
  "WRITE_CONNECTION_MISSING",
  "WRITE_CONNECTION_REFUSED",
] as const;
export type RestoreErrorCode = (typeof restoreErrorCodes)[number];

export type Restore = z.infer<typeof restoreView>;
export type RestoreItem = z.infer<typeof restoreItemView>;
export type FoundGroups = z.infer<typeof foundGroupsView>;
export type RestoreReference = z.infer<typeof referenceView>;
export type RestoreSettings = z.infer<typeof restoreSettingsView>;
export type WriteConnectionView = z.infer<typeof writeConnectionView>;
export type WriteConnectionTest = z.infer<typeof writeConnectionTestView>;

export const modeField = z
  .enum(itemModes, `must be one of ${itemModes.join(", ")}`)
  .meta({ description: "in_place: over the live policy; copy: beside it, with a prefix before its name" });

export const prefixField = z
  .string()
  .min(1, "must not be empty")
  .max(100, "must be at most 100 characters")
  .meta({ description: "Goes before the name of a copy" });

/** What a restore is planned from: the set may be another tenant's. */
export const planInput = z.strictObject({
  set_id: idSchema.meta({ description: "The backup set" }),
  source_tenant_id: idSchema.optional().meta({ description: "Of the set, where it is another tenant's" }),
  items: z
    .array(
      z.strictObject({
        policy_type: policyType,
        graph_id: graphId.min(1).max(500),
        mode: modeField.default("in_place"),
      }),
    )
    .min(1, "must name at least one policy")
    .max(restoreItemsMost, `must name at most ${restoreItemsMost} policies`)
    .meta({ description: "The policies to restore, by type and id in the set" }),
});

const mostReasonBytes = 1_000;

/** Why: it goes into the audit log, and in Intune's own approvals to whoever approves. */
export const reasonField = z
  .string()
  .trim()
  .min(3, "must say why")
  .refine(
    (text) => Buffer.byteLength(text, "utf8") <= mostReasonBytes,
    `must be at most ${mostReasonBytes} bytes`,
  )
  .meta({ description: "Why: for the audit log, and for who approves in Intune" });

const guid = z
  .guid("must be a GUID such as 11111111-2222-3333-4444-555555555555")
  .overwrite((id) => id.toLowerCase());

export const writeConnectionInput = z.strictObject({
  client_id: guid.meta({ description: "Application id of the app registration that may write" }),
  credential_kind: z
    .enum(["secret", "certificate"], "must be secret or certificate")
    .meta({ description: "How the app registration signs in" }),
  credential: z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(20_000, "is too long for a secret or a PEM certificate")
    .meta({ description: "The client secret's value, or the certificate and its private key as PEM" }),
  keep_hours: z
    .int()
    .min(1, "must be at least 1")
    .max(168, "must be at most 168")
    .nullable()
    .default(8)
    .meta({
      description: "Forgotten after so many hours; null: after the next restore, and after a week at most",
    }),
});

export const restoreSettingsInput = z.strictObject({
  two_people: z.boolean().meta({ description: "Whoever asks for a restore cannot approve it" }),
  break_glass_users: z
    .array(guid)
    .max(20)
    .meta({ description: "Accounts that every enabled conditional access policy must exclude; Entra ids" }),
  break_glass_groups: z.array(guid).max(20).meta({ description: "The same, as groups" }),
  mass_change_limit: z
    .int()
    .min(1, "must be at least 1")
    .max(1_000, "must be at most 1000")
    .meta({ description: "More changes than this are confirmed by their number" }),
});
