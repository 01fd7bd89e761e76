import type { Baseline, Drift, DriftFilter, DriftKind, DriftState } from "#lib/drift/schema";
import { dayAfter, isDay, startOfDay } from "../data-table/time-range.ts";
import type { Tone } from "../ui/badge.tsx";

export const driftKindLabels: Record<DriftKind, string> = {
  added: "Added",
  removed: "Removed",
  changed: "Changed",
};

export const driftStateLabels: Record<DriftState, string> = {
  new: "New",
  accepted: "Accepted",
  denied: "Denied",
};

export const driftStateTones: Record<DriftState, Tone> = {
  new: "warning",
  accepted: "neutral",
  denied: "danger",
};

export const driftFilterLabels: Record<DriftFilter, string> = {
  ...driftStateLabels,
  active: "New and denied",
  gone: "Gone",
};

/** `1 difference`, `12 differences`. */
export function differencesText(count: number): string {
  return count === 1 ? "1 difference" : `${count.toLocaleString("en")} differences`;
}

/** What the baseline is made of, as the end of a sentence. */
export function coverageText({ coverage, items }: Pick<Baseline, "coverage" | "items">): string {
  const policies = items === 1 ? "1 policy" : `${items.toLocaleString("en")} policies`;
  return {
    all: `all ${policies} of the set`,
    types: `${policies}: all that the set holds of some types`,
    items: `${policies} that were chosen`,
  }[coverage];
}

/**
 * Why a difference asks for a look again, or is gone; null where there is nothing to say. What was added is not said to be as
 * the baseline: where that is another tenant's, which pairs by name, it may have taken the name of a policy from which it differs.
 */
export function driftRemark({
  kind,
  renewed,
  gone_why,
}: Pick<Drift, "kind" | "renewed" | "gone_why">): string | null {
  if (gone_why === "returned")
    return kind === "added" ? "Adds nothing to the baseline any more" : "As the baseline again";
  if (gone_why === "baseline_changed") return "Gone: the baseline is another";
  if (gone_why === "baseline_removed") return "Gone: the baseline was removed";
  if (renewed === "changed") return "It was accepted, and has changed since";
  if (renewed === "expired") return "It was accepted, and the time is over";
  return null;
}

/**
 * Until when an acceptance holds that is to hold through a day: its end, on the viewer's clock.
 * @param zone the viewer's, by its IANA name
 * @returns ISO 8601 in UTC; null where no day is given, which means without an end; undefined for what is no day
 */
export function endOfDay(day: string, zone: string): string | null | undefined {
  if (day === "") return null;
  return isDay(day) ? new Date(startOfDay(dayAfter(day), zone)).toISOString() : undefined;
}
