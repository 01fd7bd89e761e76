import type { Actor } from "#lib/access/actor";
import { listAuditLog } from "#lib/audit/list";
import { runTriggers } from "#lib/capture/summary";
import { listNotifications } from "#lib/notifications/list";
import { tenantAttention } from "#lib/overview/attention";
import { getTenantName, listMyTenantNames, tenantSummary } from "#lib/overview/my-tenants";
import { getTenantOverview } from "#lib/overview/overview";
import { getPortfolio } from "#lib/overview/portfolio";
import { getStorageOverview } from "#lib/overview/storage";
import { getUpcomingRuns } from "#lib/overview/upcoming";
import { listRuns } from "#lib/runs/list";
import { runStatuses } from "#lib/runs/schema";
import { listSchedules } from "#lib/schedules/list";
import { scheduleSortColumns, scheduleTable } from "#lib/schedules/table";
import { searchPolicies } from "#lib/sets/policy-history";
import { listBackupSets } from "#lib/sets/sets";
import { getSetsOverview } from "#lib/sets/sets-overview";

/** Something that a page asks the database. */
export interface ListToMeasure {
  name: string;
  call(): Promise<unknown>;
}

/** Whose lists, and what to ask them for. */
export interface ListsOf {
  owner: Actor;
  tenantId: number;
  scheduleId: number;
  /** Pages of the schedules table. */
  pages: number;
  /** A person who is a member of hundreds of tenants, this one among them. */
  provider: Actor;
}

/** Every list of the application, in the ways that people look at it. */
export function listsToMeasure({ owner, tenantId, scheduleId, pages, provider }: ListsOf): ListToMeasure[] {
  const timezone = "Europe/Berlin";
  const week = { from: daysAgo(10), to: daysAgo(3) };
  const schedules = (name: string, state: Parameters<typeof scheduleTable>[2]) => ({
    name: `schedules, ${name}`,
    call: () => scheduleTable(owner, tenantId, state),
  });
  const runs = (name: string, filter: Parameters<typeof listRuns>[2]) => ({
    name: `runs, ${name}`,
    call: () => listRuns(owner, tenantId, filter),
  });
  const sets = (name: string, filter: Parameters<typeof listBackupSets>[2]) => ({
    name: `backup sets, ${name}`,
    call: () => listBackupSets(owner, tenantId, filter),
  });
  const audit = (name: string, filter: Parameters<typeof listAuditLog>[2]) => ({
    name: `audit log, ${name}`,
    call: () => listAuditLog(owner, tenantId, filter),
  });
  return [
    schedules("as first shown", {}),
    ...scheduleSortColumns.flatMap((sort) =>
      (["asc", "desc"] as const).map((direction) =>
        schedules(`by ${sort} ${direction}`, { sort, direction }),
      ),
    ),
    schedules("last page", { page: pages }),
    schedules("100 a page", { size: 100 }),
    schedules("search", { search: "berlin 0" }),
    schedules("search by next run", { search: "berlin 0", sort: "next_run_at" }),
    schedules("search that finds nothing", { search: "no such schedule" }),
    schedules("disabled", { state: "disabled" }),
    ...(["failed", "success", "never"] as const).map((last) => schedules(`last run ${last}`, { last })),
    { name: "schedules, API, 200 a page", call: () => listSchedules(owner, tenantId, { limit: 200 }) },
    runs("as first shown", {}),
    ...runStatuses.map((status) => runs(status, { status })),
    ...runTriggers.map((trigger) => runs(`by ${trigger}`, { trigger })),
    runs("failed, manual", { status: "failed", trigger: "manual" }),
    runs("of one schedule", { schedule_id: scheduleId }),
    runs("of a week", week),
    runs("canceled of a week", { ...week, status: "canceled" }),
    runs("by retry of a week", { ...week, trigger: "retry" }),
    sets("as first shown", {}),
    sets("of one schedule", { schedule_id: scheduleId }),
    sets("in the bin", { bin: true }),
    { name: "backup sets, overview", call: () => getSetsOverview(owner, tenantId, {}) },
    { name: "backup sets, storage", call: () => getStorageOverview(owner, tenantId, { timezone }) },
    audit("as first shown", {}),
    ...["run", "schedule", "set", "member", "run.failed"].map((action) => audit(action, { action })),
    audit("by people", { actor: "user" }),
    audit("member, of a week", { ...week, action: "member" }),
    audit("search by id", { search: "schedule 17" }),
    { name: "overview", call: () => getTenantOverview(owner, tenantId, { timezone }) },
    { name: "overview, what is due", call: () => getUpcomingRuns(owner, tenantId, {}) },
    { name: "portfolio of 300 tenants", call: () => getPortfolio(provider, { timezone }) },
    { name: "policies, search by name", call: () => searchPolicies(owner, tenantId, { search: "baseline" }) },
    { name: "notifications", call: () => listNotifications(owner, tenantId, {}) },
    { name: "the tenant, API", call: () => tenantSummary(owner, tenantId, {}) },
    { name: "every page: the tenant", call: () => getTenantName(owner, tenantId, {}) },
    { name: "every page: 300 tenants to go to", call: () => listMyTenantNames(provider, {}) },
    { name: "every page: what asks for attention", call: () => tenantAttention(owner, tenantId, {}) },
  ];
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString();
}
