"use client";

import { useHourClock, useNow, useViewerZone } from "#components/time/clock";
import { offsetLabel, timeText, weekdayDateText } from "#components/time/format.ts";
import { previewedRuns } from "#lib/limits";
import { isKnownTimezone, normalizeTimeOfDay } from "#lib/recurrence/recurrence";
import { previewTyped } from "#lib/schedules/preview-occurrences";
import type { Schedule } from "#lib/schedules/schema";
import type { Timing } from "#lib/schedules/timing";
import classes from "./occurrence-preview.module.css";

/** The next five runs, in the schedule's zone and in the viewer's, with what clock changes do to them. */
export function OccurrencePreview({ timing, saved }: { timing: Timing; saved: Schedule | null }) {
  const viewerZone = useViewerZone();
  const clock = useHourClock();
  const now = useNow();
  const problem = problemOf(timing);
  if (problem) {
    return (
      <p className={classes.hint} role="status">
        {problem}
      </p>
    );
  }
  const runs = previewTyped(saved, timing, new Date(now), previewedRuns).map(({ at, note }) => ({
    at: new Date(at),
    note,
  }));
  const sameZone = runs.every(
    ({ at }) => offsetLabel(at.getTime(), viewerZone) === offsetLabel(at.getTime(), timing.timezone),
  );
  return (
    <div role="status" aria-label="Next runs">
      <ol className={classes.list}>
        {runs.map(({ at, note }) => (
          <li key={at.toISOString()} className={classes.run}>
            <time dateTime={at.toISOString()}>
              <span className={classes.date}>{weekdayDateText(at.getTime(), timing.timezone)}</span>{" "}
              <span className={classes.time}>{timeText(at.getTime(), timing.timezone, clock)}</span>{" "}
              <span className="tp-dim">{offsetLabel(at.getTime(), timing.timezone)}</span>
            </time>
            {sameZone ? null : (
              <span className={classes.yours}>
                {weekdayDateText(at.getTime(), viewerZone)} {timeText(at.getTime(), viewerZone, clock)} for
                you
              </span>
            )}
            {note ? <span className={classes.note}>{note}</span> : null}
          </li>
        ))}
      </ol>
      <p className={classes.hint}>
        In {timing.timezone}
        {sameZone ? ", which is your time as well" : `; you are in ${viewerZone}`}.
        {saved === null && timing.start_window_minutes > 0
          ? ` Starts up to ${timing.start_window_minutes} min later; the exact minute is fixed when it is saved.`
          : ""}
      </p>
    </div>
  );
}

function problemOf(timing: Timing): string | null {
  if (!isKnownTimezone(timing.timezone)) return "Choose a time zone to see the next runs.";
  if (normalizeTimeOfDay(timing.time_of_day) === null) return "Enter a time to see the next runs.";
  if (timing.frequency === "weekly" && !timing.days_of_week?.length)
    return "Choose at least one day to see the next runs.";
  return null;
}
