/** What audit entries can be about: as pages call it, and where below a tenant's pages it is shown. */
export const auditTargets = {
  schedule: { name: "backup schedule", path: "backup-schedules" },
  run: { name: "run", path: "runs" },
  set: { name: "backup set", path: "backup-sets" },
  restore: { name: "restore", path: "restores" },
  user: { name: "member", path: null },
  invitation: { name: "invitation", path: null },
  token: { name: "API token", path: null },
  tenant: { name: "tenant", path: null },
  incident: { name: "incident", path: null },
  alert_target: { name: "alert target", path: null },
  drift: { name: "difference from the baseline", path: null },
} as const;

export type AuditTarget = keyof typeof auditTargets;

/** Groups of actions that the audit log is filtered by, in the order in which they are offered. */
export const auditGroups = {
  schedule: "Backup schedules",
  run: "Runs",
  set: "Backup sets",
  restore: "Restores",
  drift: "Baseline and drift",
  member: "Members",
  token: "API tokens",
  access: "Sign-ins and refusals",
  connection: "Connection",
  alert: "Alerts",
  audit: "This log: exports and retention",
  tenant: "The tenant itself",
} as const;

export type AuditGroup = keyof typeof auditGroups;

interface Action {
  group: AuditGroup;
  /** What an entry is about; null: about nothing in particular. */
  target: AuditTarget | null;
  /** What follows the actor's name; behind it stands the target's. */
  words: string;
  /** The same where the target is the actor: a whole sentence, for no name follows. Without it, `words` are one. */
  ofThemselves?: string;
}

/**
 * Every action of the audit log. The log is for ever: an action that nothing writes any more stays here, so that its
 * entries keep their words. Each is called by its subject and a past participle.
 */
export const auditActions = {
  "schedule.created": { group: "schedule", target: "schedule", words: "created a backup schedule" },
  "schedule.updated": { group: "schedule", target: "schedule", words: "changed a backup schedule" },
  "schedule.enabled": { group: "schedule", target: "schedule", words: "enabled a backup schedule" },
  "schedule.disabled": { group: "schedule", target: "schedule", words: "disabled a backup schedule" },
  "schedule.deleted": { group: "schedule", target: "schedule", words: "deleted a backup schedule" },
  "schedule.paused": { group: "schedule", target: "schedule", words: "paused a backup schedule" },
  "run.dispatched": { group: "run", target: "run", words: "started a run on schedule" },
  "run.skipped": { group: "run", target: "run", words: "skipped a run" },
  "run.requested": { group: "run", target: "run", words: "started a run with Run now" },
  "run.retried": { group: "run", target: "run", words: "started a run with Retry" },
  "run.cancel_requested": { group: "run", target: "run", words: "asked to cancel a run" },
  "run.canceled": { group: "run", target: "run", words: "canceled a run" },
  "run.succeeded": { group: "run", target: "run", words: "ended a run: success" },
  "run.partial": { group: "run", target: "run", words: "ended a run: partial" },
  "run.failed": { group: "run", target: "run", words: "ended a run: failed" },
  "member.added": {
    group: "member",
    target: "user",
    words: "added a member",
    ofThemselves: "became a member",
  },
  "member.invited": { group: "member", target: "invitation", words: "invited somebody" },
  "member.invitation_withdrawn": { group: "member", target: "invitation", words: "withdrew an invitation" },
  "member.joined": { group: "member", target: "user", words: "accepted an invitation" },
  "member.role_changed": {
    group: "member",
    target: "user",
    words: "changed a member's role",
    ofThemselves: "changed their own role",
  },
  "member.removed": {
    group: "member",
    target: "user",
    words: "removed a member",
    ofThemselves: "left the tenant",
  },
  "member.password_changed": { group: "member", target: "user", words: "changed their password" },
  "member.password_reset": { group: "member", target: "user", words: "chose a new password by a reset link" },
  "member.second_factor_added": { group: "member", target: "user", words: "turned on two-step sign-in" },
  "member.second_factor_removed": { group: "member", target: "user", words: "turned off two-step sign-in" },
  "member.recovery_codes_made": { group: "member", target: "user", words: "made new recovery codes" },
  "user.created": {
    group: "member",
    target: "user",
    words: "made an account",
    ofThemselves: "made their account",
  },
  "user.made_administrator": {
    group: "member",
    target: "user",
    words: "made a person a platform administrator",
    ofThemselves: "became a platform administrator",
  },
  "user.reset_link_made": {
    group: "member",
    target: "user",
    words: "made a link to reset a password",
    ofThemselves: "made a link to reset their password",
  },
  "user.disabled": {
    group: "member",
    target: "user",
    words: "disabled an account",
    ofThemselves: "disabled their own account",
  },
  "user.enabled": {
    group: "member",
    target: "user",
    words: "enabled an account",
    ofThemselves: "enabled their own account",
  },
  "user.sessions_ended": {
    group: "member",
    target: "user",
    words: "ended a person's sessions",
    ofThemselves: "ended their own sessions",
  },
  "user.unmade_administrator": {
    group: "member",
    target: "user",
    words: "took platform administration from a person",
    ofThemselves: "gave up platform administration",
  },
  "user.second_factor_removed": {
    group: "member",
    target: "user",
    words: "turned off a person's two-step sign-in",
    ofThemselves: "turned off their own two-step sign-in",
  },
  "member.identity_linked": { group: "member", target: "user", words: "linked a Microsoft account" },
  "member.identity_unlinked": { group: "member", target: "user", words: "unlinked a Microsoft account" },
  "member.rule_added": { group: "member", target: null, words: "added a rule for roles" },
  "member.rule_removed": { group: "member", target: null, words: "removed a rule for roles" },
  "token.created": { group: "token", target: "token", words: "created an API token" },
  "token.rotated": { group: "token", target: "token", words: "gave an API token a new secret" },
  "token.revoked": { group: "token", target: "token", words: "revoked an API token" },
  "token.new_address": { group: "access", target: "token", words: "used an API token from a new address" },
  "session.started": { group: "access", target: "user", words: "signed in" },
  "session.signed_out": { group: "access", target: "user", words: "signed out" },
  "session.ended": {
    group: "access",
    target: "user",
    words: "ended sessions of",
    ofThemselves: "ended sessions of their own",
  },
  "sign_in.failed": { group: "access", target: "user", words: "refused a wrong password for" },
  "sign_in.code_failed": { group: "access", target: "user", words: "refused a wrong code for" },
  "sign_in.recovery_code_used": { group: "access", target: "user", words: "signed in with a recovery code" },
  "sign_in.delayed": { group: "access", target: "user", words: "held up too many sign-ins as" },
  "sign_in.unknown": {
    group: "access",
    target: null,
    words: "refused sign-ins to accounts that there are not",
  },
  "sign_in.refused": { group: "access", target: "user", words: "refused the right password of" },
  "password.refused": { group: "access", target: "user", words: "entered a wrong current password" },
  "access.refused": { group: "access", target: null, words: "was refused: the role does not include it" },
  "access.first_duty": {
    group: "access",
    target: null,
    words: "was refused: has to choose a password, or to set up two-step sign-in, first",
  },
  "access.elsewhere": { group: "access", target: null, words: "asked for a tenant that is not theirs" },
  "access.cross_site": {
    group: "access",
    target: null,
    words: "was refused: another site's page had sent the request",
  },
  "access.unknown_token": { group: "access", target: null, words: "refused API tokens that are not valid" },
  "connection.saved": { group: "connection", target: null, words: "saved the connection" },
  "connection.tested": { group: "connection", target: null, words: "tested the connection" },
  "connection.reencrypted": { group: "connection", target: null, words: "re-encrypted the credential" },
  "restore.created": { group: "restore", target: "restore", words: "planned a restore" },
  "restore.planned": { group: "restore", target: "restore", words: "worked out the plan of a restore" },
  "restore.plan_failed": {
    group: "restore",
    target: "restore",
    words: "could not work out the plan of a restore",
  },
  "restore.replanned": { group: "restore", target: "restore", words: "had a restore planned anew" },
  "restore.changed": { group: "restore", target: "restore", words: "changed the plan of a restore" },
  "restore.reference_decided": {
    group: "restore",
    target: "restore",
    words: "decided what a reference stands for, in a restore",
  },
  "restore.requested": { group: "restore", target: "restore", words: "asked to carry out a restore" },
  "restore.approved": { group: "restore", target: "restore", words: "approved a restore" },
  "restore.refused": { group: "restore", target: "restore", words: "refused a restore" },
  "restore.began": { group: "restore", target: "restore", words: "began to write a restore" },
  "restore.stop_requested": { group: "restore", target: "restore", words: "asked to stop a restore" },
  "restore.stopped": { group: "restore", target: "restore", words: "stopped a restore" },
  "restore.resumed": { group: "restore", target: "restore", words: "had a restore go on" },
  "restore.done": { group: "restore", target: "restore", words: "ended a restore: done" },
  "restore.done_with_problems": {
    group: "restore",
    target: "restore",
    words: "ended a restore: done with problems",
  },
  "restore.failed": { group: "restore", target: "restore", words: "ended a restore: failed" },
  "restore.discarded": { group: "restore", target: "restore", words: "discarded the plan of a restore" },
  "restore.item_enabled": {
    group: "restore",
    target: "restore",
    words: "enabled a restored conditional access policy of a restore",
  },
  "baseline.set": { group: "drift", target: null, words: "chose the baseline" },
  "baseline.removed": { group: "drift", target: null, words: "removed the baseline" },
  "baseline.source_read": {
    group: "drift",
    target: "set",
    words: "took policies as the baseline of another tenant, from a backup set",
  },
  "drift.accepted": { group: "drift", target: "drift", words: "accepted a difference from the baseline" },
  "drift.denied": { group: "drift", target: "drift", words: "denied a difference from the baseline" },
  "drift.reopened": {
    group: "drift",
    target: "drift",
    words: "took back what was decided about a difference from the baseline",
  },
  "restore.settings_saved": { group: "restore", target: null, words: "changed the rules for restores" },
  "restore.source_read": {
    group: "restore",
    target: "set",
    words: "took policies into a restore of another tenant, from a backup set",
  },
  "write_connection.saved": { group: "connection", target: null, words: "saved the connection for writing" },
  "write_connection.tested": {
    group: "connection",
    target: null,
    words: "tested the connection for writing",
  },
  "write_connection.forgotten": {
    group: "connection",
    target: null,
    words: "removed the connection for writing",
  },
  "set.pinned": { group: "set", target: "set", words: "pinned a backup set" },
  "set.unpinned": { group: "set", target: "set", words: "unpinned a backup set" },
  "set.removed": { group: "set", target: "set", words: "moved a backup set to the bin" },
  "set.restored": { group: "set", target: "set", words: "took a backup set out of the bin" },
  "set.purged": { group: "set", target: "set", words: "removed a backup set from the bin for good" },
  "set.verified": { group: "set", target: "set", words: "verified a backup set" },
  "set.damaged": { group: "set", target: "set", words: "found a backup set damaged" },
  "set.healed": { group: "set", target: "set", words: "found a damaged backup set whole again" },
  "set.exported": { group: "set", target: "set", words: "exported a backup set" },
  "set.documented": { group: "set", target: "set", words: "documented a backup set" },
  "sets.verified": { group: "set", target: null, words: "verified the backup sets" },
  "snapshots.healed": { group: "set", target: "run", words: "put damaged stored copies right" },
  "runs.purged": { group: "run", target: null, words: "removed old runs that nothing was left of" },
  "snapshots.purged": {
    group: "set",
    target: null,
    words: "freed storage that no backup set needs any more",
  },
  "policy_changes.purged": {
    group: "set",
    target: null,
    words: "removed records of changes that no backup set covers any more",
  },
  "incident.acknowledged": { group: "alert", target: "incident", words: "acknowledged an incident" },
  "incident.snoozed": { group: "alert", target: "incident", words: "snoozed an incident" },
  "alert_target.created": { group: "alert", target: "alert_target", words: "made an alert target" },
  "alert_target.updated": { group: "alert", target: "alert_target", words: "changed an alert target" },
  "alert_target.removed": { group: "alert", target: "alert_target", words: "removed an alert target" },
  "alert_target.disabled": {
    group: "alert",
    target: "alert_target",
    words: "disabled an alert target that failed",
  },
  "alert_target.tested": { group: "alert", target: "alert_target", words: "tested an alert target" },
  "alert_target.secret_rotated": {
    group: "alert",
    target: "alert_target",
    words: "gave an alert target a new signing secret",
  },
  "alert_target.reencrypted": {
    group: "alert",
    target: "alert_target",
    words: "re-encrypted an alert target",
  },
  "alert_rule.created": { group: "alert", target: "alert_target", words: "added a rule for an alert target" },
  "alert_rule.updated": {
    group: "alert",
    target: "alert_target",
    words: "changed a rule for an alert target",
  },
  "alert_rule.removed": {
    group: "alert",
    target: "alert_target",
    words: "removed a rule for an alert target",
  },
  "alert.redelivered": { group: "alert", target: "alert_target", words: "had an alert delivered again to" },
  "audit.exported": { group: "audit", target: null, words: "exported the audit log" },
  "audit.cut": { group: "audit", target: null, words: "removed the oldest entries of the audit log" },
  "tenant.created": { group: "tenant", target: "tenant", words: "created the tenant" },
  "tenant.owner_invited": {
    group: "tenant",
    target: "tenant",
    words: "invited an owner, since none could act, of the tenant",
  },
  "tenant.renamed": { group: "tenant", target: "tenant", words: "renamed the tenant" },
  "tenant.archived": { group: "tenant", target: "tenant", words: "archived the tenant" },
  "tenant.unarchived": { group: "tenant", target: "tenant", words: "took the tenant back from the archive" },
  "tenant.deleted": { group: "tenant", target: "tenant", words: "deleted the tenant for good" },
} as const satisfies Record<`${string}.${string}`, Action>;

export type AuditAction = keyof typeof auditActions;

/** Whether an action is one of this version's; a later version may have written others. */
function isAuditAction(action: string): action is AuditAction {
  return Object.hasOwn(auditActions, action);
}

/** An action in words; an unknown one as it is stored, underscores as spaces. */
export function actionWords(action: string): string {
  return isAuditAction(action) ? auditActions[action].words : action.replaceAll(/[._]/g, " ");
}

/** What is said of an entry behind its actor's name, and whether its target is named behind that. */
export function entryWords(entry: {
  action: string;
  actor_kind: string;
  actor_id: number | null;
  target_kind: string | null;
  target_id: number | null;
}): { words: string; namesTarget: boolean } {
  const { action, actor_kind, actor_id, target_kind, target_id } = entry;
  if (target_id === null || actor_kind !== target_kind || actor_id !== target_id)
    return { words: actionWords(action), namesTarget: target_id !== null };
  const known: Action | null = isAuditAction(action) ? auditActions[action] : null;
  return { words: known?.ofThemselves ?? actionWords(action), namesTarget: false };
}

/** The actions of a group that the audit log is filtered by; none for a word that is no group. */
export function actionsOfGroup(group: string): AuditAction[] {
  return Object.keys(auditActions)
    .filter(isAuditAction)
    .filter((action) => auditActions[action].group === group);
}
