import type { z } from "zod";
import type { bulkResultView } from "./views.ts";

/** What became of each schedule in a bulk Run now or Retry. */
export type BulkResult = z.infer<typeof bulkResultView>;

export const refusal = {
  notFound: "There is no such backup schedule in this tenant.",
  active: "A run of this schedule is active already.",
  nothingToRetry: "No run of this schedule has ended yet; there is nothing to retry.",
} as const;

/** Counts the outcomes and says them in a sentence: "3 started, 1 was already running, 2 were refused." */
export function bulkSentence(results: BulkResult["results"]): {
  counts: { started: number; already_running: number; refused: number };
  sentence: string;
} {
  const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
  const counts = {
    started: count("started"),
    already_running: count("already_running"),
    refused: count("refused"),
  };
  const parts = [`${counts.started} started`];
  if (counts.already_running > 0) {
    parts.push(`${counts.already_running} ${counts.already_running === 1 ? "was" : "were"} already running`);
  }
  if (counts.refused > 0) parts.push(`${counts.refused} ${counts.refused === 1 ? "was" : "were"} refused`);
  return { counts, sentence: `${parts.join(", ")}.` };
}
