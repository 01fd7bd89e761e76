import type { Alert } from "#lib/alerts/raise";
import type { TypeSummary } from "#lib/capture/summary";
import { changesToldSeconds } from "#lib/limits";
import { findType } from "#lib/policies/catalog";
import type { WrittenSet } from "#lib/sets/write-set";
import { runErrors } from "../run-error-codes.ts";
import type { RunEnd } from "./finish.ts";

interface EndedRun {
  tenant_id: number;
  run_id: number;
  schedule_id: number;
  /** The schedule's. */
  name: string;
  /** A restore read with it: a part of the tenant, under no promise. */
  isReading: boolean;
  /** The schedule was deleted while the run went on. */
  isDeleted: boolean;
}

/** Of a schedule's policies, so many removed at once are many: in shares of one, and in figures. */
const manyRemoved = { share: 0.2, least: 10 } as const;

/**
 * What is to be told of how a run ended: what is wrong, and what is wrong no more. Of what a restore reads, that is what concerns
 * the connection alone: it is no backup, and the restore tells of itself. An incident of a schedule that is deleted could never end:
 * none is opened.
 */
export function alertsOfEnd(ended: EndedRun, end: RunEnd, set: ChangedSet | null): Alert[] {
  const common = commonOf(ended, end, set);
  const ofConnection = alertsOfConnection(common, ended, end, set !== null);
  if (ended.isReading) return ofConnection;
  return [
    ...(ended.isDeleted ? [] : alertsOfSchedule(common, ended, end, set !== null)),
    ...ofConnection,
    ...alertsOfChanges(common, ended.name, set),
  ];
}

type Common = ReturnType<typeof commonOf>;

type ChangedSet = Pick<WrittenSet, "id" | "changes" | "caught_up">;

function commonOf(
  { tenant_id, run_id, schedule_id, name }: EndedRun,
  { error_code, error_message }: RunEnd,
  set: Pick<WrittenSet, "id"> | null,
) {
  return {
    tenant_id,
    link: `/tenants/${tenant_id}/runs/${run_id}`,
    body: `"${name}": ${error_message ?? (error_code ? runErrors[error_code].meaning : "Something is missing.")}`,
    schedule_id,
    data: { run_id, schedule_id, schedule_name: name, error_code, backup_set_id: set?.id ?? null },
  };
}

/** What is captured of the schedule's policies, and what it may read of them. */
function alertsOfSchedule(
  common: Common,
  { schedule_id, name }: EndedRun,
  end: RunEnd,
  captured: boolean,
): Alert[] {
  const types = Object.entries(end.types);
  const lacking = types.flatMap(([key, type]) => (isRefused(type) ? [key] : []));
  const backup = `schedule:${schedule_id}:backup`;
  const alerts: Alert[] = [];
  if (end.status === "failed" || end.status === "partial") {
    const incomplete = types.flatMap(([key, type]) => (type.error_code === null ? [] : [key]));
    const title = end.status === "failed" ? "Backup failed" : "Backup incomplete";
    const policy_types = incomplete.length > 0 ? incomplete : types.map(([key]) => key);
    alerts.push({ ...common, kind: `run.${end.status}`, cause: backup, title, policy_types });
  }
  if (end.status === "success") {
    const body = `"${name}" backs up everything again.`;
    alerts.push({ ...common, kind: "run.recovered", cause: backup, title: "Backup recovered", body });
  }
  const permissions = `schedule:${schedule_id}:permissions`;
  if (lacking.length > 0) {
    const labels = lacking.map((key) => findType(key)?.label ?? key);
    const body = `"${name}" may not read: ${labels.join(", ")}. Grant the permissions that the connection's test names.`;
    alerts.push({
      ...common,
      kind: "permission.lost",
      cause: permissions,
      title: "Permission missing",
      body,
      policy_types: lacking,
    });
  } else if (captured && types.every(([, type]) => hasAnswered(type))) {
    const body = `"${name}" may read all of its policy types.`;
    alerts.push({
      ...common,
      kind: "permission.granted",
      cause: permissions,
      title: "Permissions granted again",
      body,
    });
  }
  return alerts;
}

/** Whether Graph refused to show the type, or one of its items: what says more about the type may stand above it. */
function isRefused({ error_code, missing }: TypeSummary): boolean {
  return (
    error_code === "PERMISSION_MISSING" || missing.some((item) => item.error_code === "PERMISSION_MISSING")
  );
}

/** Whether the run got to know if it may read the type: one that was throttled or away has refused nothing, and granted nothing. */
function hasAnswered({ listed, skipped, error_code, captured, failed }: TypeSummary): boolean {
  if (skipped || error_code === "TYPE_UNAVAILABLE") return true;
  return listed && (captured > 0 || failed === 0);
}

/** Whether Microsoft took the tenant's credential, whoever signed in with it. */
function alertsOfConnection(
  common: Common,
  { tenant_id, name }: EndedRun,
  { error_code }: RunEnd,
  captured: boolean,
): Alert[] {
  const cause = "connection";
  const link = `/tenants/${tenant_id}/connection`;
  const body = `"${name}" signed in to Microsoft Graph.`;
  if (error_code === "AUTH_CONFIG" || error_code === "TOKEN_EXPIRED")
    return [{ ...common, kind: "connection.refused", cause, title: "Credential refused", link }];
  return captured
    ? [{ ...common, kind: "connection.accepted", cause, title: "Credential accepted again", body }]
    : [];
}

/** A complete backup, for who is alarmed when none comes. */
export function completeBackup({
  tenant_id,
  run_id,
  schedule_id,
  name,
}: Pick<EndedRun, "tenant_id" | "run_id" | "schedule_id" | "name">): Alert {
  return {
    kind: "backup.complete",
    tenant_id,
    title: "Backup complete",
    body: `"${name}" was backed up completely.`,
    link: `/tenants/${tenant_id}/runs/${run_id}`,
    schedule_id,
    data: { run_id, schedule_id, schedule_name: name },
  };
}

/** In a schedule's first set everything is merely new, and nobody's change. */
function alertsOfChanges(common: Common, name: string, set: ChangedSet | null): Alert[] {
  if (!set) return [];
  const { added, changed, removed, unchanged } = set.changes;
  const before = changed + removed + unchanged;
  if (before === 0 || changesOf(set.changes) === 0) return [];
  const link = `/tenants/${common.tenant_id}/backup-sets/${set.id}`;
  const data = { ...common.data, changes: set.changes };
  const counts = `${added} added, ${changed} changed, ${removed} removed`;
  const body = `"${name}" found ${counts} since its last backup.${caughtUpText(set, changesOf)}`;
  const alerts: Alert[] = [
    {
      ...common,
      kind: "policies.changed",
      title: "Policies changed",
      body,
      link,
      data,
      waitsSeconds: changesToldSeconds,
    },
  ];
  if (removed >= manyRemoved.least && removed >= before * manyRemoved.share) {
    const older = caughtUpText(set, (changes) => changes.removed);
    const lost = `"${name}" found ${removed} of ${before} policies removed since its last backup.${older}`;
    alerts.push({
      ...common,
      kind: "policies.removed",
      title: "Many policies removed",
      body: lost,
      link,
      data,
    });
  }
  return alerts;
}

/**
 * Which of the changes that are told may be older than the last backup, in a sentence with a space before it; nothing where none is
 * known to be.
 */
function caughtUpText({ caught_up }: ChangedSet, told: typeof changesOf): string {
  const older = caught_up.filter(({ changes }) => told(changes) > 0);
  const count = older.reduce((sum, { changes }) => sum + told(changes), 0);
  if (count === 0) return "";
  const sets = new Intl.ListFormat("en").format(older.map(({ set_id }) => `set ${set_id}`));
  return ` Of these, ${count} ${count === 1 ? "is" : "are"} of policies that the last backup lacks, since ${sets}.`;
}

function changesOf({ added, changed, removed }: WrittenSet["changes"]): number {
  return added + changed + removed;
}
