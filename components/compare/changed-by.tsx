"use client";

import { useHourClock, useViewerZone } from "../time/clock.tsx";
import { authorText, type PolicyAuthor } from "./author-text.ts";
import { apartText } from "./compare-words.ts";

/** The newer of two compared sets. */
export interface NewerSet {
  id: number;
  /** ISO 8601 instant in UTC. */
  created_at: string;
}

const verbs = { create: "Added", update: "Changed", delete: "Removed" };

/** `Changed by Ada Lovelace, 2 h before set 31`: the newest change named, the others counted. */
export function ChangedBy({ by, newer }: { by: readonly PolicyAuthor[]; newer: NewerSet }) {
  const zone = useViewerZone();
  const clock = useHourClock();
  const newestFirst = by.toSorted((a, b) => (a.at < b.at ? 1 : -1));
  const [newest, ...earlier] = newestFirst;
  if (!newest) return null;
  const others = new Set(earlier.map(({ who }) => who).filter((who) => who !== newest.who)).size;
  return (
    <span title={newestFirst.map((each) => authorText(each, zone, clock)).join("\n")}>
      {verbs[newest.operation ?? "update"]} by {newest.who}
      {others > 0 ? ` and ${others} ${others === 1 ? "other" : "others"}` : ""},{" "}
      {longBefore(newest.at, newer.created_at)} before set {newer.id}
    </span>
  );
}

function longBefore(at: string, setAt: string): string {
  const apart = apartText(at, setAt);
  return apart === "0 s" ? "just" : apart;
}
