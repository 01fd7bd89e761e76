import type { TenantSummary } from "#lib/tenants/list";
import { relativeText } from "../time/format.ts";

export type ProtectionState = "protected" | "at-risk" | "unprotected";

/** How well a tenant is protected, in one word and in one sentence. */
export interface Protection {
  state: ProtectionState;
  label: string;
  sentence: string;
}

const day = 86_400_000;
/** A weekly schedule and a day of grace: nothing complete for longer than this is a risk. */
const staleAfterMs = 8 * day;
/** Dispatch runs every minute; a schedule that is due for longer than this is not being run. */
const overdueAfterMs = 15 * 60_000;

type Facts = Pick<
  TenantSummary,
  "schedules" | "last_run_status" | "last_run_at" | "last_success_at" | "next_run_at"
>;

/**
 * Judges a tenant's protection. Worst first: nothing planned, nothing complete yet, nothing complete for too
 * long, overdue, last run not complete.
 * @param now milliseconds since the epoch
 */
export function protectionOf(tenant: Facts, now: number): Protection {
  const { schedules, last_run_status, last_success_at, next_run_at } = tenant;
  const next = next_run_at ? `next ${relativeText(next_run_at, now)}` : "no run is planned";
  const last = last_success_at
    ? `last complete backup ${relativeText(last_success_at, now)}`
    : "no complete backup yet";
  const judged = (state: ProtectionState, why: string): Protection => {
    const label = labels[state];
    return { state, label, sentence: `${label}: ${why}.` };
  };
  if (schedules.total === 0) return judged("unprotected", "there is no backup schedule");
  if (schedules.enabled === 0) return judged("unprotected", `every backup schedule is disabled, ${last}`);
  if (!last_success_at) {
    if (last_run_status === "running") return judged("at-risk", "the first backup is under way");
    return judged("unprotected", `no complete backup yet, ${next}`);
  }
  if (now - Date.parse(last_success_at) > staleAfterMs) return judged("at-risk", `${last}, ${next}`);
  if (next_run_at && now - Date.parse(next_run_at) > overdueAfterMs) {
    return judged("at-risk", `a run is overdue, ${last}`);
  }
  if (last_run_status === "failed") return judged("at-risk", `the latest run failed, ${last}, ${next}`);
  if (last_run_status === "partial")
    return judged("at-risk", `the latest run is incomplete, ${last}, ${next}`);
  return judged("protected", `${last}, ${next}`);
}

const labels: Record<ProtectionState, string> = {
  protected: "Protected",
  "at-risk": "At risk",
  unprotected: "Not protected",
};

/** Sorts tenants by risk: what needs someone first, then by the age of the last complete backup, then by name. */
export function byRisk<T extends Facts & { name: string }>(tenants: readonly T[], now: number): T[] {
  const rank = { unprotected: 0, "at-risk": 1, protected: 2 };
  const age = (tenant: T) => (tenant.last_success_at ? Date.parse(tenant.last_success_at) : 0);
  return [...tenants].sort(
    (a, b) =>
      rank[protectionOf(a, now).state] - rank[protectionOf(b, now).state] ||
      age(a) - age(b) ||
      a.name.localeCompare(b.name, "en"),
  );
}
