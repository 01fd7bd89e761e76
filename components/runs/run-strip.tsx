"use client";

import Link from "next/link";
import type { RecentRun } from "#lib/schedules/table";
import { useViewerZone } from "../time/clock.tsx";
import { fullText } from "../time/format.ts";
import { runStateLabels } from "./run-state.ts";
import classes from "./run-strip.module.css";

const ticks = 14;

/** The latest runs of a schedule, oldest left, as ticks whose height and colour tell the outcome. */
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
  const oldestFirst = runs.slice(0, ticks).toReversed();
  return (
    <span className={classes.strip}>
      <span className={classes.words}>{stripWords(runs, label)}</span>
      {Array.from({ length: ticks - oldestFirst.length }, (_, gap) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: gaps are all alike
        <span key={`gap-${gap}`} className={classes.gap} aria-hidden />
      ))}
      {oldestFirst.map((run) => (
        <Link
          key={run.id}
          href={`/tenants/${tenantId}/runs/${run.id}`}
          className={classes.tick}
          data-state={run.status}
          prefetch={false}
          tabIndex={-1}
          aria-hidden
          title={`${runStateLabels[run.status]}, ${fullText(run.scheduled_for, zone)}`}
        />
      ))}
    </span>
  );
}

/** The strip in words: "Last 14 runs of Nightly: 12 success, 1 failed, 1 partial; newest success". */
function stripWords(runs: readonly RecentRun[], label: string): string {
  const newest = runs[0];
  if (!newest) return `${label}: no runs yet`;
  const counts = new Map<string, number>();
  for (const run of runs) counts.set(run.status, (counts.get(run.status) ?? 0) + 1);
  const words = [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
  return `Last ${runs.length} runs of ${label}: ${words}; newest ${newest.status}`;
}
