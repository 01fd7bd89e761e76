"use client";

import { previewOccurrences } from "#lib/schedules/preview-occurrences";
import { isKnownTimezone, normalizeTimeOfDay } from "#lib/schedules/recurrence";
import type { Timing } from "#lib/schedules/timing";
import { useNow, useViewerZone } from "../time/clock.tsx";
import { offsetLabel, timeText, weekdayDateText } from "../time/format.ts";
import classes from "./occurrence-preview.module.css";

const shown = 5;

/** The next five runs, in the schedule's zone and in the viewer's, with what clock changes do to them. */
export function OccurrencePreview({ timing, scheduleId }: { timing: Timing; scheduleId: number | null }) {
  const viewerZone = useViewerZone();
  const now = useNow();
  const problem = problemOf(timing);
  if (problem) {
    return (
      <p className={classes.hint} role="status">
        {problem}
      </p>
    );
  }
  // The start offset follows from the id, so a schedule that is not saved yet is shown at its nominal times.
  const runs = previewOccurrences(scheduleId, timing, new Date(now), shown).map(({ at, note }) => ({
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
              <span className={classes.time}>{timeText(at.getTime(), timing.timezone)}</span>{" "}
              <span className="tp-dim">{offsetLabel(at.getTime(), timing.timezone)}</span>
            </time>
            {sameZone ? null : (
              <span className={classes.yours}>
                {weekdayDateText(at.getTime(), viewerZone)} {timeText(at.getTime(), viewerZone)} for you
              </span>
            )}
            {note ? <span className={classes.note}>{note}</span> : null}
          </li>
        ))}
      </ol>
      <p className={classes.hint}>
        In {timing.timezone}
        {sameZone ? ", which is your time as well" : `; you are in ${viewerZone}`}.
        {scheduleId === null && timing.start_window_minutes > 0
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
