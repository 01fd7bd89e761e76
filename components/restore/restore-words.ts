import { approvalDays } from "#lib/limits";
import { referenceWord } from "#lib/policies/write/reference-words";
import type { itemModes, itemOutcomes, itemStates, Restore, RestoreStatus } from "#lib/restore/schema";
import type { Tone } from "../ui/badge.tsx";

export type ItemOutcome = (typeof itemOutcomes)[number];
export type ItemState = (typeof itemStates)[number];
type ItemMode = (typeof itemModes)[number];

/** The words of where a restore stands. */
export const statusLabels: Record<RestoreStatus, string> = {
  planning: "Planning",
  planned: "Plan",
  plan_failed: "Plan failed",
  awaiting_approval: "Waits for approval",
  queued: "Queued",
  running: "Restoring",
  waiting: "Waits for Intune",
  done: "Restored",
  done_with_problems: "Restored, with problems",
  stopped: "Stopped",
  failed: "Failed",
  discarded: "Discarded",
};

export const statusTones: Record<RestoreStatus, Tone> = {
  planning: "info",
  planned: "neutral",
  plan_failed: "danger",
  awaiting_approval: "warning",
  queued: "info",
  running: "info",
  waiting: "warning",
  done: "success",
  done_with_problems: "warning",
  stopped: "neutral",
  failed: "danger",
  discarded: "neutral",
};

/** What the plan would do with a policy. */
export const outcomeLabels: Record<ItemOutcome, string> = {
  update: "Will update",
  create: "Will create",
  assign: "Will only assign",
  blocked: "Blocked",
  impossible: "Cannot be restored",
  unchanged: "Unchanged",
};

export const outcomeTones: Record<ItemOutcome, Tone> = {
  update: "info",
  create: "success",
  assign: "info",
  blocked: "warning",
  impossible: "danger",
  unchanged: "neutral",
};

/** The order in which outcomes are told: what is written, what needs somebody, what stays. */
export const outcomeOrder = ["update", "create", "assign", "blocked", "impossible", "unchanged"] as const;

/** What has become of a policy. */
export const stateLabels: Record<ItemState, string> = {
  pending: "Waiting its turn",
  writing: "Writing",
  waiting_for_approval: "Waits for Intune",
  done: "Restored",
  done_with_differences: "Restored with differences",
  failed: "Failed",
  blocked: "Not restored",
  skipped: "Left out",
  unchanged: "Unchanged",
};

export const stateTones: Record<ItemState, Tone> = {
  pending: "neutral",
  writing: "info",
  waiting_for_approval: "warning",
  done: "success",
  done_with_differences: "warning",
  failed: "danger",
  blocked: "warning",
  skipped: "neutral",
  unchanged: "neutral",
};

/** The order in which states are told: trouble first. */
export const stateOrder = [
  "failed",
  "done_with_differences",
  "blocked",
  "waiting_for_approval",
  "writing",
  "pending",
  "done",
  "unchanged",
  "skipped",
] as const;

/** The ways to restore a policy, and what each means. */
export const modeWords: Record<ItemMode, { label: string; about: string }> = {
  in_place: {
    label: "In place",
    about: "The live policy becomes what the backup says; one that is gone is created again.",
  },
  copy: {
    label: "As a copy",
    about:
      "A new policy beside the live one, with a prefix before its name. It is assigned as the backup says: both apply.",
  },
  assignments: {
    label: "Assignments only",
    about: "Only who gets the live policy becomes what the backup says; its settings stay.",
  },
};

/** A kind of reference as a label. */
export function kindLabel(kind: string): string {
  const word = referenceWord(kind);
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Whether the restore was asked for, so that its policies have a state and not only a plan. */
export function hasBegun({ status }: Pick<Restore, "status">): boolean {
  return !["planning", "planned", "plan_failed", "awaiting_approval", "discarded"].includes(status);
}

/** `1 policy`, `3 policies`. */
export function policiesText(count: number): string {
  return count === 1 ? "1 policy" : `${count} policies`;
}

/** `2 updated, 1 created`: what a plan would write, in words; empty for nothing. */
export function writesText({ update = 0, create = 0, assign = 0 }: Restore["outcomes"]): string {
  return [
    update > 0 ? `${update} updated` : "",
    create > 0 ? `${create} created` : "",
    assign > 0 ? `${assign} only assigned` : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** Policies of which a restore has made an end, of those that it writes. */
export function progressOf({ states }: Pick<Restore, "states">): { ended: number; total: number } {
  const { done = 0, done_with_differences = 0, failed = 0 } = states;
  const { pending = 0, writing = 0, waiting_for_approval = 0 } = states;
  const ended = done + done_with_differences + failed;
  return { ended, total: ended + pending + writing + waiting_for_approval };
}

/** What a restore has done so far, or is about to do: a sentence or two. */
export function restoreStory(restore: Restore): string {
  const { status, outcomes, states, changes } = restore;
  switch (status) {
    case "planning":
      return "The live tenant is being read and compared with the backup. Nothing is written.";
    case "plan_failed":
      return restore.error_message ?? "The live tenant could not be read.";
    case "planned":
      return planStory(outcomes, changes);
    case "awaiting_approval":
      return `${restore.requested_by?.name ?? "Somebody"} asks to write ${policiesText(changes)}. Another owner has to approve it.`;
    case "queued":
      return "A worker takes it up in a moment.";
    case "running": {
      const { ended, total } = progressOf(restore);
      return restore.stop_requested_at
        ? "It stops after the policy that is being written now."
        : `${ended} of ${policiesText(total)} written and read back.`;
    }
    case "waiting":
      return `Intune wants another administrator to approve ${policiesText(states.waiting_for_approval ?? 0)}. TenantPilot asks again every minute, for ${approvalDays} days.`;
    case "discarded":
      return "Nobody will carry this plan out. Nothing was written.";
    case "stopped":
      return `${endStory(states)} The rest was not touched, and can go on later.`;
    case "failed":
      return `${restore.error_message ?? "It could not go on."} ${endStory(states)}`;
    case "done":
    case "done_with_problems":
      return endStory(states);
  }
}

function planStory(outcomes: Restore["outcomes"], changes: number): string {
  const { unchanged = 0, blocked = 0, impossible = 0 } = outcomes;
  const sentences = [
    changes === 0
      ? "Nothing would be written."
      : `${policiesText(changes)} would be written: ${writesText(outcomes)}.`,
    blocked > 0 ? `${blocked} ${blocked === 1 ? "needs" : "need"} a decision first.` : "",
    impossible > 0 ? `${impossible} cannot be restored.` : "",
    unchanged > 0
      ? `${unchanged} ${unchanged === 1 ? "is as in the backup" : "are as in the backup"} already.`
      : "",
  ];
  return sentences.filter(Boolean).join(" ");
}

function endStory(states: Restore["states"]): string {
  const { done = 0, done_with_differences = 0, failed = 0, blocked = 0, unchanged = 0 } = states;
  const sentences = [
    done > 0
      ? `${policiesText(done)} ${done === 1 ? "was" : "were"} written, read back, and ${done === 1 ? "is" : "are"} equal to the backup.`
      : "",
    done_with_differences > 0
      ? `${policiesText(done_with_differences)} ${done_with_differences === 1 ? "was" : "were"} written, and ${done_with_differences === 1 ? "differs" : "differ"} from the backup in places.`
      : "",
    failed > 0 ? `${policiesText(failed)} failed.` : "",
    blocked > 0 ? `${policiesText(blocked)} ${blocked === 1 ? "was" : "were"} not restored.` : "",
    unchanged > 0 ? `${policiesText(unchanged)} ${unchanged === 1 ? "was" : "were"} equal already.` : "",
  ];
  return sentences.filter(Boolean).join(" ") || "Nothing was written.";
}

/** Why a policy failed or was not restored, and what to do: beside the message, by its code. */
export const errorRemedies: Record<string, string> = {
  APPROVAL_EXPIRED: "Plan the restore again, and have it approved in Intune in time.",
  APPROVAL_NOT_ASKED:
    "There is nothing in Intune that somebody could approve. Exclude the app registration that writes from Intune’s access policy for approvals, then resume the restore.",
  APPROVAL_REFUSED: "Somebody refused it in Intune. Talk to them, then plan the restore again.",
  BEFORE_SET_GONE: "Run a backup, then plan another restore of what is not done yet.",
  CHANGED_SINCE_PLAN:
    "Somebody changed the live policy after the plan was made. It was left alone: plan again to see what would happen now.",
  COPY_UNREADABLE: "It was left alone. Plan another restore of this policy.",
  CREATE_UNCERTAIN:
    "Microsoft Graph did not say whether it created the policy. Look in the portal before you plan again.",
  ENTRA_TENANT_CHANGED: "Plan another restore: the ids of this one mean nothing in the other tenant.",
  GRAPH_REFUSED: "Microsoft Graph refused the request. Its request id below helps Microsoft’s support.",
  GRAPH_UNAVAILABLE:
    "Microsoft Graph did not answer. Plan it again, or resume the restore where it was stopped.",
  INSTALLATION_RESTORED: "Look at the tenant: the policies may have changed since. Then resume the restore.",
  NOT_PUBLISHED:
    "Wait until Intune shows the app as ready, then resume the restore: only its assignments are left.",
  NOT_READ_BACK: "It was written, but could not be read back. Run a backup and compare.",
  READ_CONNECTION_REFUSED: "Check the connection that reads, on the page Connection, then resume.",
  REFERENCE_BLOCKED: "It refers to another policy of this restore, and that one was not restored.",
  SECRET_MISSING: "Plan another restore of this policy, and give the secret again.",
  WRITE_CONNECTION_EXPIRED: "Save a connection for writing again, then resume.",
  WRITE_CONNECTION_MISSING: "Save a connection for writing, then resume.",
  WRITE_CONNECTION_REFUSED: "Check the connection for writing: its test says which permission is missing.",
};

/** What stands in the place of a connection for writing that is not there, for whoever may not save one. */
export function noneSaved(isArchived: boolean): string {
  return isArchived
    ? "None is saved, and none can be while the tenant is archived."
    : "None is saved. An owner of this tenant saves one before a restore.";
}
