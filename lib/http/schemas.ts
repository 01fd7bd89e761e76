import { z } from "zod";
import { roles } from "#lib/access/permissions";
import type { AuditEntryView } from "#lib/audit/schema";
import { runTriggers, type TypeSummary } from "#lib/capture/summary";
import type { ConnectionTest, ConnectionView } from "#lib/connection/schema";
import { errorCodes, type Problem } from "#lib/errors";
import { auditLogs } from "#lib/graph/audit-events";
import { clouds } from "#lib/graph/clouds";
import type { Readiness } from "#lib/health";
import { idListSchema, idSchema } from "#lib/ids";
import type { InvitationView, NewInvitation } from "#lib/members/invitation-schema";
import type { MemberView } from "#lib/members/members";
import { directoryNames } from "#lib/names/permissions";
import { notificationKinds } from "#lib/notifications/kinds";
import type { NotificationView } from "#lib/notifications/schema";
import type { TenantSummary } from "#lib/overview/my-tenants";
import { runErrorCodes } from "#lib/run-error-codes";
import type { BulkResult } from "#lib/runs/bulk";
import { type Run, type RunDetails, type RunWithContext, runStatuses } from "#lib/runs/schema";
import {
  type BackupItemView,
  type BackupSetDetails,
  type BackupSetView,
  faultProblems,
  type ListedBackupSet,
  maxNamedFaults,
  type VerifyResult,
  verifyStatuses,
} from "#lib/sets/schema";
import { type ApiTokenView, type NewApiToken, type RotatedApiToken, tokenStates } from "#lib/tokens/schema";

// What the API answers, for the OpenAPI document. `satisfies` ties each schema to the type that operations
// return, and the API's tests parse every answer with it: strict, so nothing goes out undocumented.

const id = z.int().min(1);
const instant = z.iso.datetime().meta({ description: "ISO 8601, UTC" });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const openObject = z.record(z.string(), z.unknown());
const typeSummary = z.strictObject({
  kind: z.enum(["policy", "foundation"]),
  listed: z.boolean().meta({ description: "Whether the list was read to its end" }),
  expected: z.int(),
  captured: z.int(),
  gone: z.int().meta({ description: "Deleted in the tenant between listing and reading; no error" }),
  failed: z.int(),
  skipped: z.boolean(),
  error_code: z.enum(runErrorCodes).nullable(),
  error_message: z.string().nullable(),
  request_id: z.string().nullable().meta({ description: "Microsoft Graph's id of the deciding request" }),
  missing: z.array(
    z.strictObject({
      graph_id: z.string().nullable(),
      display_name: z.string().nullable(),
      error_code: z.enum(runErrorCodes),
      reason: z.string(),
    }),
  ),
}) satisfies z.ZodType<TypeSummary>;

const runSummary = z.looseObject({
  trigger: z.enum(runTriggers).optional(),
  attempts: z.int().optional(),
  types: z.record(z.string(), typeSummary).optional(),
  foundations: z.record(z.string(), typeSummary).optional(),
  changes: z
    .strictObject({ added: z.int(), changed: z.int(), removed: z.int(), unchanged: z.int() })
    .optional()
    .meta({ description: "Against the schedule's set before" }),
  bytes: z
    .strictObject({ logical: z.int(), stored: z.int(), added: z.int() })
    .optional()
    .meta({ description: "Of the set; added: what it took beyond the snapshots that were there" }),
  missed_occurrences: z.int().optional(),
  duration_ms: z.int().optional(),
  reason: z.string().optional(),
});

const runFields = {
  id,
  tenant_id: id,
  backup_schedule_id: id,
  scheduled_for: instant,
  started_at: instant.nullable().meta({ description: "Null while it waits for a worker" }),
  finished_at: instant.nullable(),
  status: z.enum(runStatuses),
  trigger: z.enum(runTriggers),
  attempt: z.int(),
  summary: runSummary,
  error_code: z.enum(runErrorCodes).nullable(),
  error_message: z.string().nullable(),
  backup_set_id: id.nullable(),
  retry_of_run_id: id.nullable(),
  cancel_requested_at: instant.nullable(),
  progress: z
    .strictObject({
      types: z.record(
        z.string(),
        z.strictObject({
          kind: z.enum(["policy", "foundation"]),
          expected: z.int(),
          captured: z.int(),
          failed: z.int(),
          done: z.boolean(),
        }),
      ),
    })
    .nullable()
    .meta({ description: "While it is active: per type, done of total" }),
  created_at: instant,
};

export const run = z.strictObject(runFields) satisfies z.ZodType<Run>;

const contextFields = { schedule_name: z.string(), requested_by_name: z.string().nullable() };

export const runInList = z.strictObject({
  ...runFields,
  ...contextFields,
}) satisfies z.ZodType<RunWithContext>;

export const runDetails = z.strictObject({
  ...runFields,
  ...contextFields,
  schedule_is_deleted: z.boolean().meta({ description: "Then the run cannot be retried" }),
  retried_by_run_ids: z.array(id),
  requested: z
    .strictObject({ policy_types: z.array(z.string()), include_foundations: z.boolean() })
    .nullable()
    .meta({
      description: "What it was asked for when it was created; null for runs from before this was kept",
    }),
  attempts: z
    .array(
      z.strictObject({
        number: z.int(),
        began_at: instant,
        ended_at: instant.nullable().meta({ description: "When it ended although the run did not" }),
        reason: z.string().nullable().meta({ description: "Why another attempt was needed" }),
        counted: z.boolean().meta({
          description:
            "False: the worker was stopped or the database was away, so it uses up none of the attempts",
        }),
      }),
    )
    .meta({ description: "In their order" }),
}) satisfies z.ZodType<RunDetails>;

export const bulkRunResult = z.strictObject({
  started: z.int(),
  already_running: z.int(),
  refused: z.int(),
  results: z.array(
    z.strictObject({
      schedule_id: id,
      name: z.string().nullable(),
      outcome: z.enum(["started", "already_running", "refused"]),
      run_id: id.nullable().meta({ description: "The run that was started, or is active already" }),
      reason: z.string().nullable(),
    }),
  ),
}) satisfies z.ZodType<BulkResult>;

const setFields = {
  id,
  tenant_id: id,
  backup_schedule_id: id,
  schedule_name: z.string(),
  run_id: id,
  status: z.enum(["success", "partial"]),
  item_count: z.int(),
  bytes_logical: z.int(),
  bytes_stored: z.int(),
  manifest_sha256: sha256,
  created_at: instant,
  pinned_at: instant.nullable(),
  deleted_at: instant.nullable().meta({ description: "When it went to the bin" }),
  purge_after: instant.nullable().meta({ description: "Until then it can be restored from the bin" }),
  verified_at: instant.nullable(),
  verify_status: z.enum(verifyStatuses).nullable(),
};

export const verifyResult = z.strictObject({
  status: z.enum(verifyStatuses),
  fault_count: z.int(),
  faults: z
    .array(
      z.strictObject({
        problem: z.enum(faultProblems),
        message: z.string(),
        item_id: id.nullable(),
        policy_type: z.string().nullable(),
        graph_id: z.string().nullable(),
        display_name: z.string().nullable(),
        sha256: sha256.nullable(),
      }),
    )
    .meta({ description: `Each damaged item, at most ${maxNamedFaults} of them; fault_count counts all` }),
  healed_at: instant
    .nullable()
    .meta({ description: "When a verification last found the set whole again after damage" }),
}) satisfies z.ZodType<VerifyResult>;

export const backupSet = z.strictObject(setFields) satisfies z.ZodType<BackupSetView>;

const listedSetFields = {
  ...setFields,
  schedule_is_deleted: z.boolean().meta({ description: "The schedule was deleted; its sets stay" }),
  previous_set_id: id.nullable().meta({ description: "The kept set before it in its schedule" }),
  changes: z
    .strictObject({ added: z.int(), changed: z.int(), removed: z.int(), unchanged: z.int() })
    .nullable()
    .meta({ description: "What its run found changed since the set before" }),
  is_last_complete: z
    .boolean()
    .meta({ description: "The newest complete set of its schedule: it is never removed" }),
  removed_by: z
    .strictObject({ kind: z.enum(["user", "token", "system"]), name: z.string() })
    .nullable()
    .meta({ description: "Who moved it to the bin; `system` is retention" }),
};

export const listedBackupSet = z.strictObject(listedSetFields) satisfies z.ZodType<ListedBackupSet>;

export const backupSetDetails = z.strictObject({
  ...listedSetFields,
  types: z.record(z.string(), typeSummary),
  verify_result: verifyResult.nullable().meta({ description: "What the newest verification found" }),
}) satisfies z.ZodType<BackupSetDetails>;

export const backupItem = z.strictObject({
  id,
  kind: z.enum(["policy", "foundation"]),
  policy_type: z.string(),
  graph_id: z.string(),
  display_name: z.string(),
  sha256,
  children: z.record(z.string(), z.strictObject({ announced: z.int().nullable(), captured: z.int() })),
  notes: z.array(z.string()),
}) satisfies z.ZodType<BackupItemView>;

export const auditEntry = z.strictObject({
  id,
  at: instant,
  actor_kind: z.enum(["user", "token", "system"]),
  actor_id: id.nullable(),
  actor_name: z.string(),
  action: z.string(),
  target_kind: z.string().nullable(),
  target_id: id.nullable(),
  target_name: z.string().nullable().meta({ description: "As it was then if noted, else as it is now" }),
  target_exists: z.boolean().meta({ description: "Whether it is there still; a deleted schedule is not" }),
  details: openObject,
}) satisfies z.ZodType<AuditEntryView>;

export const notification = z.strictObject({
  id,
  tenant_id: id,
  kind: z.enum(notificationKinds),
  title: z.string(),
  body: z.string(),
  link: z.string().nullable().meta({ description: "A path of TenantPilot's pages" }),
  data: openObject,
  created_at: instant,
  read_at: instant.nullable(),
}) satisfies z.ZodType<NotificationView>;

export const tenantSummary = z.strictObject({
  id,
  name: z.string(),
  role: z.enum(roles),
  schedules: z.strictObject({ total: z.int(), enabled: z.int() }),
  last_run_at: instant.nullable(),
  last_run_status: z.enum(runStatuses).nullable(),
  last_success_at: instant.nullable(),
  next_run_at: instant.nullable(),
}) satisfies z.ZodType<TenantSummary>;

export const member = z.strictObject({
  user_id: id,
  name: z.string(),
  email: z.string(),
  role: z.enum(roles),
  is_disabled: z.boolean(),
  since: instant,
}) satisfies z.ZodType<MemberView>;

export const invitation = z.strictObject({
  id,
  email: z.string(),
  role: z.enum(roles),
  invited_by: z.string().nullable().meta({ description: "The inviter's name, if they are a member" }),
  created_at: instant,
  expires_at: instant,
  is_expired: z.boolean(),
}) satisfies z.ZodType<InvitationView>;

export const newInvitation = z.strictObject({
  id,
  email: z.string(),
  role: z.enum(roles),
  expires_at: instant,
  path: z.string().meta({
    description: "Where the person accepts, below this site's address; this is the only time it can be seen",
  }),
}) satisfies z.ZodType<NewInvitation>;

export const apiToken = z.strictObject({
  id,
  name: z.string(),
  role: z.enum(roles),
  effective_role: z.enum(roles).meta({ description: "What it may do now: no more than its maker" }),
  state: z.enum(tokenStates).meta({ description: "`maker_gone`: who made it is no member any more" }),
  created_at: instant,
  created_by: z.strictObject({ user_id: id, name: z.string().nullable() }).nullable().meta({
    description: "Who made it, or rotated it last; null for one from the command line",
  }),
  expires_at: instant.nullable(),
  last_used_at: instant.nullable(),
  last_used_address: z.string().nullable().meta({ description: "The client's IP address" }),
  rotated_at: instant.nullable(),
  previous_expires_at: instant.nullable().meta({
    description: "Until when the secret from before the last rotation works; null when it does not",
  }),
  revoked_at: instant.nullable(),
}) satisfies z.ZodType<ApiTokenView>;

export const newApiToken = z.strictObject({
  id,
  token: z.string().meta({ description: "The token in clear; this is the only time it can be seen" }),
  expires_at: instant,
}) satisfies z.ZodType<NewApiToken>;

export const rotatedApiToken = newApiToken.extend({
  previous_expires_at: instant.nullable().meta({
    description: "Until when the old secret works; null when it ended at once",
  }),
}) satisfies z.ZodType<RotatedApiToken>;

export const connectionTest = z.strictObject({
  ok: z.boolean(),
  message: z.string(),
  granted: z.array(z.string()),
  missing: z
    .record(z.string(), z.string())
    .meta({ description: "Per policy type: the permission that it lacks" }),
  change_authors: z
    .array(z.strictObject({ log: z.enum(auditLogs), granted: z.boolean(), permission: z.string() }))
    .optional()
    .meta({ description: "Optional permissions that tell who changed what" }),
  names: z
    .array(z.strictObject({ names: z.enum(directoryNames), granted: z.boolean(), permission: z.string() }))
    .optional()
    .meta({ description: "Optional permissions that give the names behind ids in policies" }),
}) satisfies z.ZodType<ConnectionTest>;

export const connection = z.strictObject({
  cloud: z.enum(clouds),
  entra_tenant_id: z.string(),
  client_id: z.string(),
  credential_kind: z.enum(["secret", "certificate"]),
  updated_at: instant,
  tested_at: instant.nullable(),
  test_result: connectionTest.nullable(),
}) satisfies z.ZodType<ConnectionView>;

export const health = z.strictObject({ status: z.literal("ok") });

const check = z.strictObject({ ok: z.boolean(), message: z.string() });

export const readinessSchema = z.strictObject({
  ready: z.boolean(),
  checks: z.strictObject({ database: check, migrations: check, encryption_key: check, worker: check }),
}) satisfies z.ZodType<Readiness>;

export const problem = z.looseObject({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  code: z.enum(errorCodes),
  detail: z.string(),
  errors: z
    .array(z.strictObject({ path: z.string(), message: z.string() }))
    .optional()
    .meta({ description: "Each faulty field (422)" }),
  request_id: z.string().optional().meta({ description: "Under which it was logged" }),
}) satisfies z.ZodType<Problem>;

/** Body of a bulk action. */
export const scheduleIdsBody = z.strictObject({ schedule_ids: idListSchema });

/** Body of a retry: which run, if not the newest. */
export const retryBody = z.strictObject({ run_id: idSchema.optional() });

export const memberRoleBody = z.strictObject({ role: z.enum(roles) });

/** The schemas that the OpenAPI document names; the others stand where they are used. */
export const componentNames: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [run, "BackupScheduleRun"],
  [runInList, "BackupScheduleRunInList"],
  [runDetails, "BackupScheduleRunDetails"],
  [typeSummary, "TypeSummary"],
  [runSummary, "RunSummary"],
  [bulkRunResult, "BulkRunResult"],
  [backupSet, "BackupSet"],
  [backupSetDetails, "BackupSetDetails"],
  [verifyResult, "VerifyResult"],
  [backupItem, "BackupItem"],
  [auditEntry, "AuditEntry"],
  [notification, "Notification"],
  [tenantSummary, "Tenant"],
  [member, "Member"],
  [invitation, "Invitation"],
  [apiToken, "ApiToken"],
  [connection, "Connection"],
  [connectionTest, "ConnectionTest"],
  [problem, "Problem"],
]);
