"use client";

import type { HourClock } from "#lib/access/preferences-schema";
import { useHourClock, useNow, useViewerZone } from "./clock.tsx";
import { dateTimeText, fullText, offsetLabel, relativeText } from "./format.ts";
import classes from "./instant.module.css";

interface InstantProps {
  /** ISO 8601 instant in UTC. */
  at: string;
}

/** How long ago or until when; the full date and zone on hover. */
export function RelativeTime({ at }: InstantProps) {
  const now = useNow();
  const zone = useViewerZone();
  const clock = useHourClock();
  return (
    <time dateTime={at} title={fullText(at, zone, clock)}>
      {relativeText(at, now)}
    </time>
  );
}

/** Date and time with the offset that makes it unambiguous, in the viewer's zone or in the one given. */
export function AbsoluteTime({ at, zone }: InstantProps & { zone?: string }) {
  const viewerZone = useViewerZone();
  const clock = useHourClock();
  const shown = zone ?? viewerZone;
  return (
    <time dateTime={at} title={titleOf(at, [shown, viewerZone], clock)} className={classes.absolute}>
      {dateTimeText(at, shown, clock)}{" "}
      <span className={classes.offset}>{offsetLabel(new Date(at).getTime(), shown)}</span>
    </time>
  );
}

/** Relative time above, absolute time below: the cell of a table. */
export function TimeCell({ at, zone }: InstantProps & { zone?: string }) {
  return (
    <span className={classes.cell}>
      <span>
        <RelativeTime at={at} />
      </span>
      <span className={classes.below}>
        <AbsoluteTime at={at} {...(zone ? { zone } : {})} />
      </span>
    </span>
  );
}

function titleOf(at: string, zones: readonly string[], clock: HourClock): string {
  return [...new Set([...zones, "UTC"])].map((zone) => fullText(at, zone, clock)).join("\n");
}
