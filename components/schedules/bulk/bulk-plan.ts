import { canIn, type Permission, type Standing } from "#lib/access/permissions";
import { bulkMost } from "#lib/limits";
import type { RunStatus } from "#lib/runs/schema";

export type BulkAct = "start" | "retry" | "enable" | "disable" | "delete";

/** What of a schedule decides what a bulk act does to it. */
export interface BulkTarget {
  id: number;
  name: string;
  is_enabled: boolean;
  active_run_id: number | null;
  has_ended_run: boolean;
  /** How its last ended run ended; null when none has. */
  last_run_status: RunStatus | null;
}

export const bulkActs: readonly { act: BulkAct; label: string; permission: Permission; danger?: true }[] = [
  { act: "start", label: "Run now", permission: "run:start" },
  { act: "retry", label: "Retry", permission: "run:start" },
  { act: "enable", label: "Enable", permission: "schedule:write" },
  { act: "disable", label: "Disable", permission: "schedule:write" },
  { act: "delete", label: "Delete", permission: "schedule:write", danger: true },
];

/** The acts that a viewer may do. */
export function actsFor(viewer: Standing): typeof bulkActs {
  return bulkActs.filter((entry) => canIn(viewer, entry.permission));
}

/** The acts that a viewer may do to these: none is offered that would find nothing to do, where people look for trouble. */
export function actsOn(viewer: Standing, targets: readonly BulkTarget[]): typeof bulkActs {
  const retries = targets.some((target) => reasonToLeave("retry", target) === null);
  return actsFor(viewer).filter(({ act }) => act !== "retry" || retries);
}

/** What an act will do: which schedules it changes, which it leaves alone and why, and in words. */
export interface BulkPlan {
  title: string;
  confirmLabel: string;
  /** Exactly what will happen. */
  sentence: string;
  /** What is happening, while it happens. */
  progress: string;
  affected: BulkTarget[];
  left: { target: BulkTarget; reason: string }[];
}

/**
 * Says what an act would do to the schedules as the page knows them. Things may have changed on the server
 * since; its answer says what really happened.
 */
export function planBulk(act: BulkAct, targets: readonly BulkTarget[]): BulkPlan {
  const affected: BulkTarget[] = [];
  const left: BulkPlan["left"] = [];
  for (const target of targets) {
    const reason =
      reasonToLeave(act, target) ??
      (affected.length >= bulkMost ? `at most ${bulkMost} are changed at once` : null);
    if (reason) left.push({ target, reason });
    else affected.push(target);
  }
  const label = bulkActs.find((entry) => entry.act === act)?.label ?? act;
  const count = affected.length === 1 ? "1 schedule" : `${affected.length} schedules`;
  return {
    title: `${label}: ${targets.length === 1 ? `“${targets[0]?.name}”` : `${targets.length} schedules`}`,
    confirmLabel: affected.length === 0 ? label : `${label} ${count}`,
    sentence: affected.length === 0 ? "There is nothing to do." : sentenceOf(act, affected.length),
    progress: `${doing[act]} ${count}…`,
    affected,
    left,
  };
}

const doing: Record<BulkAct, string> = {
  start: "Starting",
  retry: "Retrying",
  enable: "Enabling",
  disable: "Disabling",
  delete: "Deleting",
};

function reasonToLeave(act: BulkAct, target: BulkTarget): string | null {
  switch (act) {
    case "start":
      return target.active_run_id === null ? null : "a run is active already";
    case "retry":
      if (target.active_run_id !== null) return "a run is active already";
      if (!target.has_ended_run) return "no run has ended yet";
      return target.last_run_status === "success" ? "its last run succeeded" : null;
    case "enable":
      return target.is_enabled ? "is enabled already" : null;
    case "disable":
      return target.is_enabled ? null : "is disabled already";
    case "delete":
      return null;
  }
}

function sentenceOf(act: BulkAct, count: number): string {
  const one = count === 1;
  switch (act) {
    case "start":
      return one ? "A run starts now." : `${count} runs start now, one for each schedule.`;
    case "retry":
      return one
        ? "A new run starts that repeats the schedule's latest run. The old run stays in the history as it is."
        : `${count} new runs start; each repeats its schedule's latest run. The old runs stay in the history as they are.`;
    case "enable":
      return `${one ? "It runs" : "They run"} again at the next occurrence. What was missed meanwhile is not caught up.`;
    case "disable":
      return `${one ? "It does" : "They do"} not run until enabled again. A run that is active goes on; backup sets stay.`;
    case "delete":
      return `${one ? "It never runs" : "They never run"} again and ${one ? "leaves" : "leave"} the list. ${
        one ? "Its" : "Their"
      } runs and backup sets stay. This cannot be undone.`;
  }
}
