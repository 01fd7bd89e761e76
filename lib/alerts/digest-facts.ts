/** A digest, among the kinds of what is delivered: no event, and of no rule but its own. */
export const digestKind = "digest";

/** What a digest says of a tenant's day or week. */
export interface DigestFacts {
  since: string;
  until: string;
  runs: { success: number; partial: number; failed: number; skipped: number };
  /** Policies, over all schedules; what the first backup of a schedule found is nobody's change. */
  changes: { added: number; changed: number; removed: number };
  /** Differences from the baseline; null where there is none, and in digests from before. */
  drift?: { new: number; denied: number; accepted: number } | null;
  /** Those that need a look first; some of them, where there are many. */
  schedules: { name: string; last: string | null; is_paused: boolean; complete: number; runs: number }[];
  /** Open, the worst first; some of them, where there are many. */
  incidents: { title: string; body: string; severity: string; times: number }[];
  /** How many there are; not in digests from before, which told of as many as they name. */
  all?: { schedules: number; incidents: number };
}

/** How many schedules and open incidents there are, of which a digest names some. */
export function allOf({ all, schedules, incidents }: DigestFacts): NonNullable<DigestFacts["all"]> {
  return all ?? { schedules: schedules.length, incidents: incidents.length };
}
