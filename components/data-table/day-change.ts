import type { TimeRange } from "./time-range.ts";

/**
 * What a day that is chosen changes in the address. The other day is left to the address: it may have been chosen a moment
 * ago, and is not among what the page shows yet. Days stand in the viewer's zone; those that an address came with stay in theirs.
 * @param viewer the viewer's zone, by its IANA name
 */
export function dayChange(
  end: "from" | "to",
  day: string,
  shown: Pick<TimeRange, "fromDay" | "toDay" | "zone">,
  viewer: string,
): Record<string, string> {
  return { [end]: day, range: "dates", zone: shown.fromDay || shown.toDay ? shown.zone : viewer };
}
