import { type DescribedEndpoint, endpointsOf } from "#lib/http/route";
import * as health from "./health/route.ts";
import * as metrics from "./metrics/route.ts";
import * as ready from "./ready/route.ts";
import { docs, openApi } from "./self-description.ts";
import * as apiTokensTokenId from "./tenants/[tenantId]/api-tokens/[tokenId]/route.ts";
import * as apiTokens from "./tenants/[tenantId]/api-tokens/route.ts";
import * as auditLogExportCsv from "./tenants/[tenantId]/audit-log/export.csv/route.ts";
import * as auditLogExportJson from "./tenants/[tenantId]/audit-log/export.json/route.ts";
import * as auditLog from "./tenants/[tenantId]/audit-log/route.ts";
import * as backupSchedulesScheduleIdPreview from "./tenants/[tenantId]/backup-schedules/[scheduleId]/preview/route.ts";
import * as backupSchedulesScheduleIdRetentionPreview from "./tenants/[tenantId]/backup-schedules/[scheduleId]/retention-preview/route.ts";
import * as backupSchedulesScheduleIdRetry from "./tenants/[tenantId]/backup-schedules/[scheduleId]/retry/route.ts";
import * as backupSchedulesScheduleId from "./tenants/[tenantId]/backup-schedules/[scheduleId]/route.ts";
import * as backupSchedulesScheduleIdRunNow from "./tenants/[tenantId]/backup-schedules/[scheduleId]/run-now/route.ts";
import * as backupSchedulesScheduleIdRunsRunIdCancel from "./tenants/[tenantId]/backup-schedules/[scheduleId]/runs/[runId]/cancel/route.ts";
import * as backupSchedulesScheduleIdRunsRunId from "./tenants/[tenantId]/backup-schedules/[scheduleId]/runs/[runId]/route.ts";
import * as backupSchedulesScheduleIdRuns from "./tenants/[tenantId]/backup-schedules/[scheduleId]/runs/route.ts";
import * as backupSchedulesBulkDelete from "./tenants/[tenantId]/backup-schedules/bulk/delete/route.ts";
import * as backupSchedulesBulkDisable from "./tenants/[tenantId]/backup-schedules/bulk/disable/route.ts";
import * as backupSchedulesBulkEnable from "./tenants/[tenantId]/backup-schedules/bulk/enable/route.ts";
import * as backupSchedulesBulkRetry from "./tenants/[tenantId]/backup-schedules/bulk/retry/route.ts";
import * as backupSchedulesBulkRunNow from "./tenants/[tenantId]/backup-schedules/bulk/run-now/route.ts";
import * as backupSchedulesPreview from "./tenants/[tenantId]/backup-schedules/preview/route.ts";
import * as backupSchedules from "./tenants/[tenantId]/backup-schedules/route.ts";
import * as backupSetsSetIdChangeAuthors from "./tenants/[tenantId]/backup-sets/[setId]/change-authors/route.ts";
import * as backupSetsSetIdComparison from "./tenants/[tenantId]/backup-sets/[setId]/comparison/route.ts";
import * as backupSetsSetIdComparisonByName from "./tenants/[tenantId]/backup-sets/[setId]/comparison-by-name/route.ts";
import * as backupSetsSetIdExport from "./tenants/[tenantId]/backup-sets/[setId]/export/route.ts";
import * as backupSetsSetIdItemsItemIdComparison from "./tenants/[tenantId]/backup-sets/[setId]/items/[itemId]/comparison/route.ts";
import * as backupSetsSetIdItemsItemIdContent from "./tenants/[tenantId]/backup-sets/[setId]/items/[itemId]/content/route.ts";
import * as backupSetsSetIdItems from "./tenants/[tenantId]/backup-sets/[setId]/items/route.ts";
import * as backupSetsSetIdNames from "./tenants/[tenantId]/backup-sets/[setId]/names/route.ts";
import * as backupSetsSetIdPin from "./tenants/[tenantId]/backup-sets/[setId]/pin/route.ts";
import * as backupSetsSetIdRestore from "./tenants/[tenantId]/backup-sets/[setId]/restore/route.ts";
import * as backupSetsSetId from "./tenants/[tenantId]/backup-sets/[setId]/route.ts";
import * as backupSetsSetIdVerify from "./tenants/[tenantId]/backup-sets/[setId]/verify/route.ts";
import * as backupSets from "./tenants/[tenantId]/backup-sets/route.ts";
import * as connection from "./tenants/[tenantId]/connection/route.ts";
import * as connectionTest from "./tenants/[tenantId]/connection/test/route.ts";
import * as invitationsInvitationId from "./tenants/[tenantId]/invitations/[invitationId]/route.ts";
import * as invitations from "./tenants/[tenantId]/invitations/route.ts";
import * as live from "./tenants/[tenantId]/live/route.ts";
import * as membersUserId from "./tenants/[tenantId]/members/[userId]/route.ts";
import * as members from "./tenants/[tenantId]/members/route.ts";
import * as notificationsRead from "./tenants/[tenantId]/notifications/read/route.ts";
import * as notifications from "./tenants/[tenantId]/notifications/route.ts";
import * as overview from "./tenants/[tenantId]/overview/route.ts";
import * as policies from "./tenants/[tenantId]/policies/route.ts";
import * as policyHistory from "./tenants/[tenantId]/policy-history/route.ts";
import * as tenant from "./tenants/[tenantId]/route.ts";
import * as runsRunIdCancel from "./tenants/[tenantId]/runs/[runId]/cancel/route.ts";
import * as runsRunId from "./tenants/[tenantId]/runs/[runId]/route.ts";
import * as runs from "./tenants/[tenantId]/runs/route.ts";
import * as storage from "./tenants/[tenantId]/storage/route.ts";
import * as tenants from "./tenants/route.ts";

/** Every endpoint of the API, for its own description. A test holds this list against the folders. */
export const served: readonly DescribedEndpoint[] = [
  ...[
    tenants,
    tenant,
    apiTokens,
    apiTokensTokenId,
    auditLog,
    auditLogExportCsv,
    auditLogExportJson,
    backupSchedules,
    backupSchedulesPreview,
    backupSchedulesScheduleId,
    backupSchedulesScheduleIdPreview,
    backupSchedulesScheduleIdRetentionPreview,
    backupSchedulesScheduleIdRetry,
    backupSchedulesScheduleIdRunNow,
    backupSchedulesScheduleIdRuns,
    backupSchedulesScheduleIdRunsRunId,
    backupSchedulesScheduleIdRunsRunIdCancel,
    backupSchedulesBulkDelete,
    backupSchedulesBulkDisable,
    backupSchedulesBulkEnable,
    backupSchedulesBulkRetry,
    backupSchedulesBulkRunNow,
    backupSets,
    backupSetsSetId,
    backupSetsSetIdItems,
    backupSetsSetIdItemsItemIdComparison,
    backupSetsSetIdItemsItemIdContent,
    backupSetsSetIdChangeAuthors,
    backupSetsSetIdNames,
    backupSetsSetIdComparison,
    backupSetsSetIdComparisonByName,
    backupSetsSetIdExport,
    backupSetsSetIdPin,
    backupSetsSetIdRestore,
    backupSetsSetIdVerify,
    connection,
    connectionTest,
    live,
    members,
    membersUserId,
    invitations,
    invitationsInvitationId,
    notifications,
    notificationsRead,
    overview,
    runs,
    runsRunId,
    runsRunIdCancel,
    policies,
    policyHistory,
    storage,
    health,
    metrics,
    ready,
  ].flatMap(endpointsOf),
  { method: "GET", description: openApi },
  { method: "GET", description: docs },
];
