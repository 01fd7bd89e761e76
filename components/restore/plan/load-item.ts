import { type Fetched, fetchJson } from "#components/compare/fetch-json.ts";
import type { RestoreItemDetails } from "./restore-details.ts";

/** Each answer asks for the plan of the whole restore: one after the other, they do not hold each other up. */
let last: Promise<unknown> = Promise.resolve();

/** Reads one policy of a restore with its differences; after those that were asked for before. */
export function loadItem(path: string, signal: AbortSignal): Promise<Fetched<RestoreItemDetails> | null> {
  const answer = last.then(() => (signal.aborted ? null : fetchJson<RestoreItemDetails>(path, signal)));
  last = answer;
  return answer;
}
