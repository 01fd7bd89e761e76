import { type NotificationKind, notificationKinds } from "#lib/notifications/schema";

/** How a kind of notification is called, when it comes, and in which tone it is shown. */
export interface KindWords {
  label: string;
  when: string;
  tone: "info" | "success" | "warning" | "danger";
}

/** What concerns a person's own clicks, and what everybody responsible hears. */
export const kindWords: Record<NotificationKind, KindWords> = {
  "run.started": { label: "Run started", when: "You pressed Run now or Retry.", tone: "info" },
  "run.bulk_started": {
    label: "Several runs started",
    when: "You started or retried several schedules at once.",
    tone: "info",
  },
  "schedule.bulk_changed": {
    label: "Several schedules changed",
    when: "You enabled, disabled or deleted several schedules at once.",
    tone: "info",
  },
  "run.failed": { label: "Backup failed", when: "A run ended without a backup set.", tone: "danger" },
  "run.partial": {
    label: "Backup incomplete",
    when: "A run made a backup set, and something is missing in it.",
    tone: "warning",
  },
  "run.recovered": {
    label: "Backup recovered",
    when: "A schedule works again after it had failed.",
    tone: "success",
  },
  "schedule.paused": {
    label: "Schedule paused",
    when: "A schedule was paused: it failed too often in a row, or its time zone is no longer known.",
    tone: "warning",
  },
  "set.damaged": {
    label: "Backup set damaged",
    when: "A verification found that a backup set is not as it was written.",
    tone: "danger",
  },
  "set.healed": {
    label: "Backup set whole again",
    when: "A backup set that was damaged is whole again: a run has put the stored copies right.",
    tone: "success",
  },
};

/** The kinds with their words, in the order in which they are offered. */
export const kinds = notificationKinds.map((kind) => ({ kind, ...kindWords[kind] }));
