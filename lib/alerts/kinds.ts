import { expiryToldText } from "#lib/limits";

/** How bad it is, from the least. */
export const severities = ["info", "warning", "critical"] as const;
export type Severity = (typeof severities)[number];

/** Whether a severity is at least another one. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}

interface Kind {
  severity: Severity;
  /** What it does to the incident of its cause. `none`: it is told by itself. */
  incident: "opens" | "closes" | "none";
  /** What pages and mails call it. */
  label: string;
  /** When it comes: the explanation beside it in a rule. */
  when: string;
  /**
   * One happening in many tenants: each is told, and the platform's targets once: in full, or that it happened, where it is
   * about a person.
   */
  isShared?: "in full" | "without the person";
}

/** Every kind of event that alerts tell of, in the order in which rules offer them. */
export const alertTable = {
  "run.failed": {
    severity: "critical",
    incident: "opens",
    label: "Backup failed",
    when: "A run ended without a backup set.",
  },
  "run.partial": {
    severity: "warning",
    incident: "opens",
    label: "Backup incomplete",
    when: "A run made a backup set, and something is missing in it.",
  },
  "run.recovered": {
    severity: "info",
    incident: "closes",
    label: "Backup recovered",
    when: "A schedule backs up everything again.",
  },
  "run.skipped": {
    severity: "warning",
    incident: "opens",
    label: "Backups skipped",
    when: "The last three runs of a schedule were skipped.",
  },
  "run.not_skipped": {
    severity: "info",
    incident: "closes",
    label: "Backups not skipped any more",
    when: "A schedule runs again after it was skipped.",
  },
  "backup.overdue": {
    severity: "critical",
    incident: "opens",
    label: "Backup overdue",
    when: "A run was due, and none has begun.",
  },
  "backup.begun": {
    severity: "info",
    incident: "closes",
    label: "Backup overdue no more",
    when: "A run has begun of a schedule that was overdue.",
  },
  "schedule.paused": {
    severity: "critical",
    incident: "opens",
    label: "Schedule paused",
    when: "TenantPilot paused a schedule: it failed too often in a row, or its time zone is no longer known.",
  },
  "schedule.resumed": {
    severity: "info",
    incident: "closes",
    label: "Schedule paused no more",
    when: "Somebody enabled a schedule that was paused.",
  },
  "set.damaged": {
    severity: "critical",
    incident: "opens",
    label: "Backup set damaged",
    when: "A verification found that a backup set is not as it was written.",
  },
  "set.healed": {
    severity: "info",
    incident: "closes",
    label: "Backup sets whole again",
    when: "No backup set is damaged any more.",
  },
  "verification.overdue": {
    severity: "warning",
    incident: "opens",
    label: "Verification overdue",
    when: "Backup sets have not been verified for longer than the weekly verification takes to come.",
  },
  "verification.done": {
    severity: "info",
    incident: "closes",
    label: "Verification overdue no more",
    when: "Every backup set has been verified again.",
  },
  "connection.refused": {
    severity: "critical",
    incident: "opens",
    label: "Credential refused",
    when: "Microsoft refused the credential of the tenant's connection, or there is none.",
  },
  "connection.accepted": {
    severity: "info",
    incident: "closes",
    label: "Credential accepted again",
    when: "A run signed in after the credential had been refused.",
  },
  "credential.expiring": {
    severity: "warning",
    incident: "opens",
    label: "Credential expires",
    when: `The secret or certificate of the tenant's connection expires soon: told ${expiryToldText} days before.`,
  },
  "credential.renewed": {
    severity: "info",
    incident: "closes",
    label: "Credential renewed",
    when: "Somebody saved a secret or certificate that holds for longer.",
  },
  "permission.lost": {
    severity: "warning",
    incident: "opens",
    label: "Permission missing",
    when: "A run was not permitted to read some of its policy types.",
  },
  "permission.granted": {
    severity: "info",
    incident: "closes",
    label: "Permissions granted again",
    when: "A run could read every policy type that it was not permitted to read before.",
  },
  "backup.complete": {
    severity: "info",
    incident: "none",
    label: "Backup complete",
    when: "A run captured everything. Heartbeats hear of it, and of nothing else.",
  },
  "policies.changed": {
    severity: "info",
    incident: "none",
    label: "Policies changed",
    when: "A run found policies added, changed or removed.",
  },
  "policies.removed": {
    severity: "critical",
    incident: "none",
    label: "Many policies removed",
    when: "A run found a fifth or more of a schedule's policies removed at once, and ten at least.",
  },
  "drift.found": {
    severity: "warning",
    incident: "opens",
    label: "Drift from the baseline",
    when: "The tenant differs from its baseline, and nobody has accepted that.",
  },
  "drift.gone": {
    severity: "info",
    incident: "closes",
    label: "Drift gone",
    when: "Every difference from the baseline is gone or accepted.",
  },
  "restore.requested": {
    severity: "warning",
    incident: "none",
    label: "Restore requested",
    when: "Somebody asked to write policies of a backup into the tenant.",
  },
  "restore.done": {
    severity: "info",
    incident: "none",
    label: "Restore done",
    when: "A restore has come to its end, and all is as in the backup.",
  },
  "restore.problems": {
    severity: "warning",
    incident: "none",
    label: "Restore ended with problems",
    when: "A restore ended or stopped, and something of it was not restored as in the backup.",
  },
  "token.created": {
    severity: "info",
    incident: "none",
    label: "API token made",
    when: "Somebody made an API token.",
  },
  "member.owner_added": {
    severity: "warning",
    incident: "none",
    label: "New owner",
    when: "Somebody became an owner of the tenant.",
  },
  "sign_in.locked": {
    severity: "warning",
    incident: "none",
    label: "Sign-in locked",
    when: "So many attempts to sign in as one person failed that no more are taken for a while.",
    isShared: "without the person",
  },
  "worker.missing": {
    severity: "critical",
    incident: "opens",
    label: "No worker",
    when: "No worker has shown itself for minutes: nothing is backed up.",
    isShared: "in full",
  },
  "worker.back": {
    severity: "info",
    incident: "closes",
    label: "A worker is back",
    when: "A worker has shown itself again.",
    isShared: "in full",
  },
  "target.disabled": {
    severity: "warning",
    incident: "opens",
    label: "Alert target disabled",
    when: "TenantPilot disabled a target that had not taken an alert for days.",
  },
  "target.enabled": {
    severity: "info",
    incident: "closes",
    label: "Alert target enabled again",
    when: "Somebody enabled, or removed, a target that was disabled.",
  },
} as const satisfies Record<`${string}.${string}`, Kind>;

export type AlertKind = keyof typeof alertTable;
/** The kinds that do this to the incident of their cause. */
export type AlertKindThat<I extends Kind["incident"]> = {
  [K in AlertKind]: (typeof alertTable)[K]["incident"] extends I ? K : never;
}[AlertKind];

/** Whether a kind is one happening in many tenants. */
export function isShared(kind: string): boolean {
  return sharingOf(kind) !== undefined;
}

/** Whether the platform's targets are told all that an event of this kind says. */
export function isToldInFull(kind: string): boolean {
  return sharingOf(kind) === "in full";
}

function sharingOf(kind: string): Kind["isShared"] {
  const found: Kind | undefined = isAlertKind(kind) ? alertTable[kind] : undefined;
  return found?.isShared;
}

export const alertKinds = Object.keys(alertTable).filter(isAlertKind);

export function isAlertKind(text: string): text is AlertKind {
  return Object.hasOwn(alertTable, text);
}

/** A message by which a target is tested: no event, and of no rule. */
export const testKind = "target.test";

/** What heartbeats are sent for. */
export const heartbeatKind = "backup.complete" satisfies AlertKind;

/** What people call a kind. */
export function alertLabel(kind: string): string {
  return isAlertKind(kind) ? alertTable[kind].label : kind === testKind ? "Test" : kind;
}
