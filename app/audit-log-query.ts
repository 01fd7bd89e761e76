import { z } from "zod";
import { readTimeRange, type TimeRange } from "#components/data-table/time-range.ts";
import { timeRangeParams } from "#components/data-table/time-range-params.ts";
import { param, type SearchParams } from "./page-data.ts";
import { viewerTime } from "./viewer-time.ts";

/** What the address of a page with an audit log asks for. */
export interface AuditLogQuery {
  /** As the operations take it. */
  filter: { action?: string; actor?: string; from?: string; to?: string; search?: string };
  /** What stands in the address of every page with this filter. */
  filters: Record<string, string | undefined>;
  cursor: string | undefined;
  range: TimeRange;
}

/** What such an address may say. */
export const auditLogParams = {
  action: z.string(),
  actor: z.string(),
  search: z.string(),
  cursor: z.string(),
  ...timeRangeParams,
};

export async function auditLogQuery(query: Awaited<SearchParams>): Promise<AuditLogQuery> {
  const [action, by, search, cursor] = ["action", "actor", "search", "cursor"].map((name) =>
    param(query, name),
  );
  const rangeParams = {
    range: param(query, "range"),
    from: param(query, "from"),
    to: param(query, "to"),
    zone: param(query, "zone"),
  };
  const range = readTimeRange(rangeParams, await viewerTime(), Date.now());
  return {
    filter: {
      ...(action ? { action } : {}),
      ...(by ? { actor: by } : {}),
      ...(range.from ? { from: range.from } : {}),
      ...(range.to ? { to: range.to } : {}),
      ...(search ? { search } : {}),
    },
    filters: { action, actor: by, search, ...(range.choice === "" ? {} : rangeParams) },
    cursor,
    range,
  };
}
