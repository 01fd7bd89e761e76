import { param } from "#app/page-data.ts";
import { changeOf } from "#components/compare/compare-words.ts";
import type { ItemChange } from "#lib/compare/schema";

/** What of a comparison is shown, as the address says it. */
export interface CompareState {
  change: ItemChange | undefined;
  type: string | undefined;
  search: string | undefined;
  cursor: string | undefined;
}

export function parseCompareState(query: Record<string, string | string[] | undefined>): CompareState {
  return {
    change: changeOf(param(query, "change")),
    type: param(query, "type"),
    search: param(query, "search"),
    cursor: param(query, "cursor"),
  };
}

const pageSize = 100;

/** The same as the filter of an operation. */
export function filterOf({ change, type, search, cursor }: CompareState) {
  return {
    limit: pageSize,
    ...(change ? { changes: [change] } : {}),
    ...(type ? { policy_type: type } : {}),
    ...(search ? { search } : {}),
    ...(cursor ? { cursor } : {}),
  };
}

/** An id in a query parameter; undefined for anything that cannot be one. */
export function idParam(
  query: Record<string, string | string[] | undefined>,
  name: string,
): number | undefined {
  const text = param(query, name);
  return text !== undefined && /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : undefined;
}
