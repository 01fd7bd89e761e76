"use client";

import type { MouseEvent } from "react";
import { counted } from "#lib/counted";
import { recentRuns } from "#lib/limits";
import type { RecentRun } from "#lib/schedules/table";
import { type Navigate, useNavigate } from "../navigation/navigation.tsx";
import { useHourClock, useViewerZone } from "../time/clock.tsx";
import { fullText } from "../time/format.ts";
import { runStateLabels, runTones } from "./run-state.ts";
import classes from "./run-strip.module.css";

/** The latest runs of a schedule, oldest left, as ticks whose height and color tell the outcome. */
export function RunStrip({
  runs,
  tenantId,
  label,
}: {
  runs: readonly RecentRun[];
  tenantId: number;
  label: string;
}) {
  const zone = useViewerZone();
  const clock = useHourClock();
  const navigate = useNavigate();
  const oldestFirst = runs.slice(0, recentRuns).toReversed();
  return (
    // biome-ignore lint/a11y: the ticks are for pointers; the row's link to the last run and the run list are for everyone
    <span className={classes.strip} onClick={(event) => follow(event, navigate)}>
      <span className={classes.words}>{stripWords(runs, label)}</span>
      {Array.from({ length: recentRuns - oldestFirst.length }, (_, gap) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: gaps are all alike
        <span key={`gap-${gap}`} className={classes.gap} aria-hidden />
      ))}
      {oldestFirst.map((run) => (
        // biome-ignore lint/a11y/useAnchorContent: hidden from screen readers, which get the words above
        <a
          key={run.id}
          href={`/tenants/${tenantId}/runs/${run.id}`}
          className={classes.tick}
          data-state={run.status}
          data-tone={runTones[run.status]}
          tabIndex={-1}
          aria-hidden
          title={`${runStateLabels[run.status]}, ${fullText(run.scheduled_for, zone, clock)}`}
        />
      ))}
    </span>
  );
}

/**
 * Follows a tick within the application. Plain links with one listener a strip: a page has 350 ticks, and as many of
 * Next.js's links take a tenth of a second to come alive on a phone.
 */
function follow(event: MouseEvent<HTMLElement>, navigate: Navigate): void {
  const tick = event.target instanceof Element ? event.target.closest("a") : null;
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!tick || !plain) return;
  event.preventDefault();
  navigate(tick.pathname, { scroll: false });
}

/** The strip in words: "Last run of Nightly: …", "Last 14 runs of Nightly: 12 success, 1 failed, 1 partial; newest success". */
export function stripWords(runs: readonly RecentRun[], label: string): string {
  const newest = runs[0];
  if (!newest) return `${label}: no runs yet`;
  const counts = new Map<string, number>();
  for (const run of runs) counts.set(run.status, (counts.get(run.status) ?? 0) + 1);
  const words = [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
  return `Last ${runs.length === 1 ? "run" : counted(runs.length, "run")} of ${label}: ${words}; newest ${newest.status}`;
}
