import { counted } from "#lib/counted";
import type { PortfolioTenant } from "#lib/overview/portfolio";
import { type Protection, type ProtectionState, protectionOf, protectionStates } from "../protection.ts";

export const portfolioSorts = ["risk", "name", "last", "next", "rate", "failures", "drift"] as const;
export type PortfolioSort = (typeof portfolioSorts)[number];

/** The state of the list of tenants, as it stands in the page's address. */
export interface PortfolioState {
  search: string;
  /** `attention` is everything but protected. Archived tenants are in `archived` alone. */
  show: ProtectionState | "attention" | "archived" | null;
  sort: PortfolioSort;
  direction: "asc" | "desc";
  page: number;
}

/** A tenant with the judgement of its protection. */
export interface JudgedTenant extends PortfolioTenant {
  protection: Protection;
  /** Failed and partial runs of its days. */
  failures: number;
}

/** What a page of the list shows. */
export interface PortfolioView {
  rows: JudgedTenant[];
  /** Tenants that match search and filter. */
  matching: number;
  pages: number;
  /** The page that is shown: the last one when a later one was asked for. */
  page: number;
  /** Of all tenants that are backed up, whatever the filter. */
  counts: Record<ProtectionState, number>;
  /** The others, whatever the filter. */
  archived: number;
}

const pageSize = 50;

/** Which tenants the list can be asked for. */
export const portfolioShows = [...protectionStates, "attention", "archived"] as const;

/** Reads the list's state out of an address; what is unknown there is left out. */
export function portfolioState(get: (name: string) => string | undefined): PortfolioState {
  const sort = portfolioSorts.find((known) => known === get("sort")) ?? "risk";
  const wanted = get("direction");
  return {
    search: (get("search") ?? "").trim().slice(0, 200),
    show: portfolioShows.find((known) => known === get("show")) ?? null,
    sort,
    direction: wanted === "asc" || wanted === "desc" ? wanted : firstDirection[sort],
    page: Math.max(1, Math.trunc(Number(get("page") ?? 1)) || 1),
  };
}

/** The direction in which a column tells most: the riskiest, the oldest, the most failures come first. */
export const firstDirection: Record<PortfolioSort, "asc" | "desc"> = {
  risk: "desc",
  name: "asc",
  last: "asc",
  next: "asc",
  rate: "asc",
  failures: "desc",
  drift: "desc",
};

/**
 * Judges, filters, sorts and pages a person's tenants.
 * @param now milliseconds since the epoch
 */
export function portfolioView(
  tenants: readonly PortfolioTenant[],
  state: PortfolioState,
  now: number,
): PortfolioView {
  const judged = tenants.map((tenant) => ({
    ...tenant,
    protection: protectionOf(tenant, now),
    failures: tenant.days.reduce((sum, day) => sum + day.failed + day.partial, 0),
  }));
  const counts: PortfolioView["counts"] = { unprotected: 0, overdue: 0, "at-risk": 0, protected: 0 };
  const active = judged.filter(({ is_archived }) => !is_archived);
  for (const tenant of active) counts[tenant.protection.state] += 1;
  const words = state.search.toLowerCase();
  const matching = judged.filter(
    (tenant) =>
      tenant.name.toLowerCase().includes(words) && (state.show === null || isShown(tenant, state.show)),
  );
  const compare = comparisons[state.sort];
  const sign = state.direction === "asc" ? 1 : -1;
  matching.sort(
    (a, b) =>
      // Whatever the order is: what is put away comes last.
      Number(a.is_archived) - Number(b.is_archived) ||
      sign * compare(a, b) ||
      collator.compare(a.name, b.name) ||
      a.id - b.id,
  );
  const pages = Math.max(1, Math.ceil(matching.length / pageSize));
  const page = Math.min(state.page, pages);
  return {
    rows: matching.slice((page - 1) * pageSize, page * pageSize),
    matching: matching.length,
    pages,
    page,
    counts,
    archived: judged.length - active.length,
  };
}

function isShown(
  { is_archived, protection }: JudgedTenant,
  show: NonNullable<PortfolioState["show"]>,
): boolean {
  if (is_archived || show === "archived") return is_archived && show === "archived";
  return show === "attention" ? protection.state !== "protected" : protection.state === show;
}

const collator = new Intl.Collator("en", { numeric: true });

/** Each in ascending order. */
const comparisons: Record<PortfolioSort, (a: JudgedTenant, b: JudgedTenant) => number> = {
  risk: (a, b) =>
    protectionStates.indexOf(b.protection.state) - protectionStates.indexOf(a.protection.state) ||
    a.schedules.in_breach - b.schedules.in_breach ||
    a.failures - b.failures,
  name: (a, b) => collator.compare(a.name, b.name),
  // What never happened is older than anything that did.
  last: (a, b) => instantOr(a.last_success_at, 0) - instantOr(b.last_success_at, 0),
  next: (a, b) => instantOr(a.next_run_at, never) - instantOr(b.next_run_at, never),
  rate: (a, b) => (a.success.rate ?? 2) - (b.success.rate ?? 2),
  failures: (a, b) => a.failures - b.failures,
  // Without a baseline nobody knows: after those that are as they shall be.
  drift: (a, b) =>
    (a.drift ? a.drift.new + a.drift.denied : -1) - (b.drift ? b.drift.new + b.drift.denied : -1),
};

const never = 8.64e15;

function instantOr(iso: string | null, otherwise: number): number {
  return iso === null ? otherwise : Date.parse(iso);
}

/** `12 of 300 tenants need attention: 2 not protected, 4 overdue, 6 at risk` */
export function summaryWords(counts: PortfolioView["counts"]): string {
  const total = protectionStates.reduce((sum, state) => sum + counts[state], 0);
  const troubled = total - counts.protected;
  if (total === 0) return "No tenant is backed up";
  if (total === 1) return troubled === 0 ? "Your tenant is protected" : "Your tenant needs attention";
  if (troubled === 0) return `All ${total} tenants are protected`;
  return troubled === 1
    ? `1 tenant of ${total} needs attention`
    : `${troubled} of ${total} tenants need attention`;
}

/** What is wrong with a tenant, in a few words; null where nothing is. */
export function whyWords({ schedules, last_success_at, damaged_sets }: JudgedTenant): string | null {
  const { total, enabled, paused, failing, incomplete, in_breach } = schedules;
  if (total === 0) return "No schedule";
  if (enabled === 0) return paused === total ? "All schedules paused" : "All schedules disabled";
  if (!last_success_at) return "No complete backup";
  if (in_breach > 0) {
    const of = enabled + paused;
    return of === 1 ? "Backup missed" : `${in_breach} of ${of} schedules missed backups`;
  }
  if (damaged_sets > 0) return damaged_sets === 1 ? "1 set damaged" : `${damaged_sets} sets damaged`;
  if (failing > 0) return `${counted(failing, "schedule")} failing`;
  if (paused > 0) return `${counted(paused, "schedule")} paused`;
  if (incomplete > 0) return `${counted(incomplete, "schedule")} incomplete`;
  return null;
}
