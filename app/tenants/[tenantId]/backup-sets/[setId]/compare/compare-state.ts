import { z } from "zod";
import { param } from "#app/page-data.ts";
import { changeOf } from "#components/compare/compare-words.ts";
import { type ItemChange, itemChanges } from "#lib/compare/schema";

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

/** What the address of every comparison may say. */
export const comparisonParams = {
  change: z.enum(itemChanges),
  type: z.string(),
  search: z.string(),
  cursor: z.string(),
};

const idPattern = /^[1-9][0-9]{0,15}$/;

/** What it may say where an id is meant. */
export const idInAddress = z.string().regex(idPattern);

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
  return text !== undefined && idPattern.test(text) ? Number(text) : undefined;
}
