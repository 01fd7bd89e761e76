import type { Permission } from "#lib/access/permissions";
import { overdueMinutes } from "#lib/limits";
import type { ProtectionFacts } from "#lib/overview/protection-facts";
import { relativeText } from "../time/format.ts";
import type { Tone } from "../ui/badge.tsx";

/** Worst first. */
export const protectionStates = ["unprotected", "overdue", "at-risk", "protected"] as const;
export type ProtectionState = (typeof protectionStates)[number];

/** What a person can do about it. */
export interface Remedy {
  label: string;
  /** Below the tenant's pages. */
  path: string;
  needs: Permission;
}

/** What is said of a tenant that is put away: not how well it is protected, since nobody wants it to be. */
export function archivedSentence({ last_success_at }: ProtectionFacts, now: number): string {
  const last = last_success_at
    ? `the last complete backup was made ${relativeText(last_success_at, now)}`
    : "there is no complete backup";
  return `Archived: no run starts in this tenant, ${last}.`;
}

/** How well a tenant is protected, in one word and in one sentence, and what to do. */
export interface Protection {
  state: ProtectionState;
  label: string;
  sentence: string;
  /** Null when all is well, or nothing is to be done here. */
  remedy: Remedy | null;
}

export const protectionLabels: Record<ProtectionState, string> = {
  protected: "Protected",
  "at-risk": "At risk",
  overdue: "Overdue",
  unprotected: "Not protected",
};

/** What the states mean to who reads them. */
export const protectionTones: Record<ProtectionState, Tone> = {
  protected: "success",
  "at-risk": "warning",
  overdue: "danger",
  unprotected: "danger",
};

/** Dispatch runs every minute; a schedule that is due for longer than this is not being run. */
const overdueAfterMs = overdueMinutes * 60_000;

const seeFailures: Remedy = { label: "See what failed", path: "#failures", needs: "run:view" };

/**
 * Judges the protection of a tenant that is not archived. Worst first: nothing planned, nothing complete yet, promised backups
 * missing, then what will become missing if nobody acts.
 * @param now milliseconds since the epoch
 */
export function protectionOf(facts: ProtectionFacts, now: number): Protection {
  const { schedules, last_success_at, next_run_at } = facts;
  const next = next_run_at ? `next ${relativeText(next_run_at, now)}` : "no run is planned";
  const last = last_success_at
    ? `last complete backup ${relativeText(last_success_at, now)}`
    : "no complete backup yet";
  const judged = (state: ProtectionState, why: string, remedy: Remedy | null = null): Protection => {
    const label = protectionLabels[state];
    return { state, label, sentence: `${label}: ${why}.`, remedy };
  };

  if (schedules.total === 0) {
    const remedy = { label: "New schedule", path: "/backup-schedules/new", needs: "schedule:write" } as const;
    return judged("unprotected", "there is no backup schedule", remedy);
  }
  if (schedules.enabled === 0) {
    const why = schedules.paused === schedules.total ? "was paused by TenantPilot" : "is disabled";
    return judged("unprotected", `every backup schedule ${why}, ${last}`, enable);
  }
  if (!last_success_at) {
    if (facts.last_run_status === "running") return judged("at-risk", "the first backup is under way");
    if (schedules.failing + schedules.incomplete > 0) {
      const how = schedules.failing > 0 ? "failed" : "is incomplete";
      return judged("unprotected", `no complete backup yet, the latest run ${how}, ${next}`, seeFailures);
    }
    const remedy = { label: "Run a backup now", path: "/backup-schedules", needs: "run:start" } as const;
    return judged("unprotected", `no complete backup yet, ${next}`, remedy);
  }
  if (schedules.in_breach > 0) {
    return judged("overdue", `${breachWords(facts, now)}, ${next}`, breachRemedy(facts));
  }
  if (next_run_at && now - Date.parse(next_run_at) > overdueAfterMs) {
    return judged("at-risk", `a run was due ${relativeText(next_run_at, now)} and has not started, ${last}`);
  }
  if (facts.damaged_sets > 0) {
    const damaged = facts.damaged_sets === 1 ? "a backup set is" : `${facts.damaged_sets} backup sets are`;
    const remedy = { label: "See backup sets", path: "/backup-sets", needs: "set:view" } as const;
    return judged("at-risk", `${damaged} damaged, ${last}, ${next}`, remedy);
  }
  if (schedules.failing > 0) {
    return judged(
      "at-risk",
      `${latestRun(schedules.failing, schedules.enabled, "failed")}, ${last}, ${next}`,
      seeFailures,
    );
  }
  if (schedules.paused > 0) {
    const paused = schedules.paused === 1 ? "a schedule was" : `${schedules.paused} schedules were`;
    return judged("at-risk", `${paused} paused by TenantPilot, ${last}, ${next}`, enable);
  }
  if (schedules.incomplete > 0) {
    const which = latestRun(schedules.incomplete, schedules.enabled, "incomplete");
    return judged("at-risk", `${which}, ${last}, ${next}`, seeFailures);
  }
  return judged("protected", `${last}, ${next}`);
}

const enable: Remedy = {
  label: "See disabled schedules",
  path: "/backup-schedules?state=disabled",
  needs: "schedule:view",
};

/** `the latest run failed`, `the latest run of 2 of 10 schedules is incomplete`. */
function latestRun(count: number, enabled: number, outcome: "failed" | "incomplete"): string {
  const verb = outcome === "failed" ? "failed" : "is incomplete";
  if (enabled === 1) return `the latest run ${verb}`;
  return `the latest run of ${count} of ${enabled} schedules ${verb}`;
}

function breachWords({ schedules, breaches }: ProtectionFacts, now: number): string {
  const [worst] = breaches;
  if (schedules.in_breach === 1 && worst) {
    return worst.last_complete_at
      ? `the last complete backup of “${worst.name}” was ${relativeText(worst.last_complete_at, now)}, ${missedWords(worst.missed)}`
      : `“${worst.name}” never had a complete backup, ${missedWords(worst.missed)}`;
  }
  const of = schedules.enabled + schedules.paused;
  return `${schedules.in_breach} of ${of} schedules have had no complete backup in time`;
}

/** `1 backup missed`, `3 backups missed`. */
export function missedWords(missed: number): string {
  return missed === 1 ? "1 backup missed" : `${missed.toLocaleString("en")} backups missed`;
}

function breachRemedy({ schedules, breaches }: ProtectionFacts): Remedy {
  const [worst] = breaches;
  return schedules.in_breach === 1 && worst
    ? { label: "Open the schedule", path: `/backup-schedules/${worst.id}`, needs: "schedule:view" }
    : { label: "See schedules", path: "/backup-schedules?sort=last_run_at", needs: "schedule:view" };
}
