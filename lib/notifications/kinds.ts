import { can, type Role } from "#lib/access/permissions";

/** Who hears of something: whoever did it, or everybody who answers for the backups. `title`: above their settings. */
export const audiences = {
  doer: { title: "What you start or change yourself", roles: null },
  responsible: { title: "For managers and owners", roles: ["manager", "owner"] },
} as const satisfies Record<string, { title: string; roles: readonly Role[] | null }>;

export type Audience = keyof typeof audiences;

interface Kind {
  audience: Audience;
  /** What it is called, in the filter and in one's settings. */
  label: string;
  /** When it comes: the explanation in one's settings, where each kind can be switched off. */
  when: string;
  tone: "info" | "success" | "warning" | "danger";
}

/** Every kind of notification, in the order in which they are offered. */
export const notificationTable = {
  "run.started": {
    audience: "doer",
    label: "Run started",
    when: "You pressed Run now or Retry.",
    tone: "info",
  },
  "run.ended": {
    audience: "doer",
    label: "Run ended",
    when: "A run that you started has ended: how, and what is in it.",
    tone: "info",
  },
  "run.bulk_started": {
    audience: "doer",
    label: "Several runs started",
    when: "You started or retried several schedules at once.",
    tone: "info",
  },
  "schedule.bulk_changed": {
    audience: "doer",
    label: "Several schedules changed",
    when: "You enabled, disabled or deleted several schedules at once.",
    tone: "info",
  },
  "run.failed": {
    audience: "responsible",
    label: "Backup failed",
    when: "A run ended without a backup set.",
    tone: "danger",
  },
  "run.partial": {
    audience: "responsible",
    label: "Backup incomplete",
    when: "A run made a backup set, and something is missing in it.",
    tone: "warning",
  },
  "run.recovered": {
    audience: "responsible",
    label: "Backup recovered",
    when: "A schedule works again after it had failed.",
    tone: "success",
  },
  "schedule.paused": {
    audience: "responsible",
    label: "Schedule paused",
    when: "A schedule was paused: it failed too often in a row, or its time zone is no longer known.",
    tone: "warning",
  },
  "set.damaged": {
    audience: "responsible",
    label: "Backup set damaged",
    when: "A verification found that a backup set is not as it was written.",
    tone: "danger",
  },
  "set.healed": {
    audience: "responsible",
    label: "Backup set whole again",
    when: "A backup set that was damaged is whole again: a run has put the stored copies right.",
    tone: "success",
  },
  "restore.awaiting_approval": {
    audience: "responsible",
    label: "Restore waits for approval",
    when: "Somebody asks for a restore, and the tenant wants two people.",
    tone: "warning",
  },
  "restore.waiting": {
    audience: "responsible",
    label: "Restore waits in Intune",
    when: "Intune wants another administrator's approval of what a restore writes.",
    tone: "warning",
  },
  "restore.done": {
    audience: "responsible",
    label: "Restore done",
    when: "A restore has come to its end, and all is as in the backup.",
    tone: "success",
  },
  "restore.problems": {
    audience: "responsible",
    label: "Restore with problems",
    when: "A restore ended or stopped, and something of it was not restored as in the backup.",
    tone: "danger",
  },
  "target.disabled": {
    audience: "responsible",
    label: "Alert target disabled",
    when: "TenantPilot disabled a target that had not taken an alert for days.",
    tone: "warning",
  },
} as const satisfies Record<`${string}.${string}`, Kind>;

export type NotificationKind = keyof typeof notificationTable;

/** The kinds that can come to somebody of a role, in the order in which they are offered. */
export function kindsFor(role: Role): NotificationKind[] {
  return notificationKinds.filter((kind) => {
    const { roles }: { roles: readonly Role[] | null } = audiences[notificationTable[kind].audience];
    return (roles === null && can(role, "run:start")) || roles?.includes(role);
  });
}

/** The kinds that an audience hears of. */
export type KindFor<A extends Audience> = {
  [K in NotificationKind]: (typeof notificationTable)[K]["audience"] extends A ? K : never;
}[NotificationKind];

export const notificationKinds = Object.keys(notificationTable).filter(isNotificationKind);

export function isNotificationKind(text: string): text is NotificationKind {
  return Object.hasOwn(notificationTable, text);
}
