import type { Fetched } from "../fetch-json.ts";

/** What of a list of sets is still to be read, and why the last try failed. */
export interface SetsLeft {
  /** Where the next page begins; undefined: with the newest. Null: there is none. */
  rest: { cursor: string | undefined } | null;
  problem: string | null;
}

export const nothingRead: SetsLeft = { rest: { cursor: undefined }, problem: null };

/** After a page: what comes next, or the same page again when it could not be read. */
export function afterPage({ rest }: SetsLeft, page: Fetched<unknown>): SetsLeft {
  if (!page.ok) return { rest, problem: page.message };
  return { rest: page.next === null ? null : { cursor: page.next }, problem: null };
}
