import { counted } from "#lib/counted";
import { overviewDays } from "#lib/limits";
import type { TenantOverview } from "#lib/overview/overview";
import type { RunDay } from "#lib/overview/run-days";
import type { StorageOverview } from "#lib/overview/storage";

/** `98%`, `99.7%`, `–`: never rounded up to a perfect 100, nor down to 0. */
export function percentText(rate: number | null): string {
  if (rate === null) return "–";
  if (rate === 0 || rate === 1) return `${rate * 100}%`;
  const percent = Math.min(99.9, Math.max(0.1, Math.round(rate * 1000) / 10));
  return `${percent >= 95 || percent < 1 ? percent.toFixed(1) : percent.toFixed(0)}%`;
}

/** A change against the time before; null when one of both has no rate. */
export interface Trend {
  direction: "up" | "down" | "same";
  words: string;
}

/** How a success rate has moved, in percentage points. */
export function trendOf(now: number | null, before: number | null): Trend | null {
  if (now === null || before === null) return null;
  const points = Math.round((now - before) * 1000) / 10;
  if (points === 0) return { direction: "same", words: `as in the ${overviewDays} days before` };
  const size = Math.abs(points);
  const unit = size === 1 ? "point" : "points";
  return points > 0
    ? { direction: "up", words: `up ${size} ${unit} on the ${overviewDays} days before` }
    : { direction: "down", words: `down ${size} ${unit} on the ${overviewDays} days before` };
}

/** `43 ×`, `1.4 ×`: how many times larger plain files would be. */
export function ratioText(ratio: number): string {
  return `${ratio < 9.95 ? ratio.toFixed(1) : Math.round(ratio).toLocaleString("en")} ×`;
}

/** What the number of policy changes rests on. */
type ChangeFacts = Pick<TenantOverview, "compared"> & {
  days: readonly Pick<RunDay, "success" | "partial">[];
};

/**
 * What stands beside the number of policy changes: that there is none is known only where a backup has looked, and had one
 * before it to compare with.
 */
export function changesNote(overview: ChangeFacts, changes: number): string {
  if (changes > 0) return "found by backups";
  if (overview.compared) return "nothing has changed";
  return hasBackups(overview) ? "nothing to compare with yet" : "no backup has looked";
}

/** The same in the chart of changes, as long as it has none to show. */
export function noChangesText(overview: ChangeFacts): string {
  if (overview.compared)
    return "Nothing has changed. You see here what backups find added, changed and removed.";
  const why = hasBackups(overview) ? "Nothing to compare with yet." : "No backup has looked.";
  return `${why} From a schedule’s second backup on, you see here what was added, changed and removed.`;
}

function hasBackups({ days }: ChangeFacts): boolean {
  return days.some(({ success, partial }) => success + partial > 0);
}

/** What is stored, in a sentence. It counts what is in the bin, too: that takes as much, and no policy of it is stored twice. */
export function storedText({
  items,
  sets,
  binned_sets,
  ratio,
}: Pick<StorageOverview, "items" | "sets" | "binned_sets" | "ratio">): string {
  if (ratio === null)
    return "Nothing is stored yet. Each policy is stored once, however many backup sets hold it.";
  const policies = counted(items, "policy or foundation", "policies and foundations");
  const binned = binned_sets === 0 ? "" : `, ${binned_sets.toLocaleString("en")} of them in the bin`;
  return `${policies} in ${counted(sets + binned_sets, "backup set")}${binned}; ${ratioText(ratio)} smaller than as plain files: a policy is stored anew only when it has changed.`;
}
