/** What each action of the audit log says after the actor's name. */
const words: Record<string, string> = {
  "schedule.created": "created a backup schedule",
  "schedule.updated": "changed a backup schedule",
  "schedule.enabled": "enabled a backup schedule",
  "schedule.disabled": "disabled a backup schedule",
  "schedule.deleted": "deleted a backup schedule",
  "schedule.paused": "paused a backup schedule",
  "run.dispatched": "started a run on schedule",
  "run.skipped": "skipped a run",
  "run.requested": "started a run with Run now",
  "run.retried": "started a run with Retry",
  "run.cancel_requested": "asked to cancel a run",
  "run.canceled": "canceled a run",
  "run.succeeded": "ended a run: success",
  "run.partial": "ended a run: partial",
  "run.failed": "ended a run: failed",
  "member.added": "added a member",
  "member.invited": "invited somebody",
  "member.invitation_withdrawn": "withdrew an invitation",
  "member.joined": "accepted an invitation",
  "member.role_changed": "changed a member's role",
  "member.removed": "removed a member",
  "member.password_changed": "changed their password",
  "token.created": "created an API token",
  "token.revoked": "revoked an API token",
  "connection.saved": "saved the connection",
  "connection.tested": "tested the connection",
  "connection.reencrypted": "re-encrypted the credential",
  "set.pinned": "pinned a backup set",
  "set.unpinned": "unpinned a backup set",
  "set.removed": "moved a backup set to the bin",
  "set.restored": "restored a backup set from the bin",
  "set.purged": "removed a backup set from the bin for good",
  "set.verified": "verified a backup set",
  "sets.verified": "verified the backup sets",
  "set.damaged": "found a backup set damaged",
  "set.healed": "found a damaged backup set whole again",
  "set.exported": "exported a backup set",
  "snapshots.healed": "put damaged stored copies right",
  "snapshots.purged": "freed storage that no backup set needs any more",
  "policy_changes.purged": "removed records of changes that no backup set covers any more",
  "audit.exported": "exported the audit log",
  "tenant.created": "created the tenant",
};

/** An action in words; an unknown one as it is stored, underscores as spaces. */
export function actionWords(action: string): string {
  return words[action] ?? action.replaceAll(/[._]/g, " ");
}

/** Groups of actions that the audit log can be filtered by. */
export const actionGroups = [
  { value: "", label: "All actions" },
  { value: "schedule", label: "Backup schedules" },
  { value: "run", label: "Runs" },
  { value: "set", label: "Backup sets" },
  { value: "member", label: "Members" },
  { value: "token", label: "API tokens" },
  { value: "connection", label: "Connection" },
  { value: "audit", label: "Exports of this log" },
] as const;
