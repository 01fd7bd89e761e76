import type { PolicySpan } from "#lib/sets/policy-history";

/** A stretch of a policy's timeline with what its neighbors say about it. */
export interface TimelineEntry {
  /**
   * Which stretch it is, also once another backup has made it longer or retention has taken its first sets: what is open in it, such as
   * a dialog, stays.
   */
  key: string;
  span: PolicySpan;
  isNewest: boolean;
  /** Counted from the oldest, 1; 0 where the policy was not there. */
  version: number;
  /** An earlier version with the same content: the policy was changed back. */
  sameAs: number | null;
  /** The name that the version before had, when it was another. */
  renamedFrom: string | null;
  /** The version before, whether or not the policy was gone in between. */
  before: PolicySpan | null;
}

/** Numbers the versions of a timeline and says how each differs from the one before; newest first, as it comes. */
export function timelineEntries(timeline: readonly PolicySpan[]): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const seen = new Map<string, number>();
  const counts = new Map<string | null, number>();
  let before: PolicySpan | null = null;
  let version = 0;
  for (const span of timeline.toReversed()) {
    const count = (counts.get(span.sha256) ?? 0) + 1;
    counts.set(span.sha256, count);
    const key = `${span.sha256 ?? "gone"} ${count}`;
    if (span.sha256 === null) {
      entries.push({ key, span, isNewest: false, version: 0, sameAs: null, renamedFrom: null, before: null });
      continue;
    }
    version += 1;
    const renamed: boolean = before !== null && before.display_name !== span.display_name;
    entries.push({
      key,
      span,
      isNewest: false,
      version,
      sameAs: seen.get(span.sha256) ?? null,
      renamedFrom: renamed && before ? before.display_name : null,
      before,
    });
    if (!seen.has(span.sha256)) seen.set(span.sha256, version);
    before = span;
  }
  return entries.toReversed().map((entry, index) => ({ ...entry, isNewest: index === 0 }));
}
