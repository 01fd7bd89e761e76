"use client";

import { BarChart } from "#components/charts/bar-chart";
import { Link } from "#components/navigation/link";
import { RunStrip } from "#components/runs/run-strip";
import { useHourClock } from "#components/time/clock";
import { timeText, weekdayDateText } from "#components/time/format.ts";
import { TimeCell } from "#components/time/instant";
import { Panel } from "#components/ui/panel";
import type { HourClock } from "#lib/access/preferences-schema";
import type { UpcomingRuns } from "#lib/overview/upcoming";
import type { ScheduleRow } from "#lib/schedules/table";
import { Recurrence } from "../recurrence.tsx";
import classes from "./next-runs.module.css";

const ranges = [
  { value: "day", label: "24 hours", words: "the coming 24 hours" },
  { value: "week", label: "7 days", words: "the coming 7 days" },
] as const;

/** When runs are due: how many at what time, and which schedules come first. */
export function NextRuns({
  upcoming,
  range,
  schedules,
  tenantId,
  isArchived,
}: {
  upcoming: UpcomingRuns;
  range: "day" | "week";
  /** The first that are due. */
  schedules: readonly ScheduleRow[];
  tenantId: number;
  isArchived: boolean;
}) {
  const clock = useHourClock();
  const base = `/tenants/${tenantId}`;
  const words = ranges.find((each) => each.value === range)?.words ?? "";
  return (
    <Panel
      title="Next runs"
      flush
      action={
        <Link className="tp-link" href={`${base}/backup-schedules?sort=next_run_at`}>
          All schedules
        </Link>
      }
    >
      <div className={classes.chart}>
        <nav className={classes.ranges} aria-label="How far to look ahead">
          {ranges.map((each) => (
            <Link
              key={each.value}
              href={each.value === "day" ? base : `${base}?next=${each.value}`}
              aria-current={each.value === range ? "true" : undefined}
              scroll={false}
              replace
            >
              {each.label}
            </Link>
          ))}
        </nav>
        <BarChart
          label={`Runs due in ${words}`}
          heading="From"
          series={[{ label: "Runs due", tone: "accent" }]}
          notesHeading="Schedules"
          columns={columnsOf(upcoming, range, clock)}
          empty={`No run is due in ${words}.`}
          summary={`${upcoming.total.toLocaleString("en")} ${upcoming.total === 1 ? "run is" : "runs are"} due in ${words}${
            upcoming.overdue > 0 ? `, ${upcoming.overdue.toLocaleString("en")} of them right now` : ""
          }. Times in ${upcoming.timezone}.`}
        />
      </div>
      {isArchived || schedules.length === 0 ? (
        <p className={classes.none}>
          {isArchived ? "This tenant is archived" : "No schedule is enabled"}, so no run is due.
        </p>
      ) : (
        <ul className={classes.list}>
          {schedules.map((schedule) => (
            <li key={schedule.id} className={classes.entry}>
              <div className={classes.words}>
                <Link className={classes.name} href={`${base}/backup-schedules/${schedule.id}`}>
                  {schedule.name}
                </Link>
                <span className={classes.rule}>
                  <Recurrence of={schedule} />, {schedule.timezone}
                </span>
              </div>
              <RunStrip runs={schedule.recent_runs} tenantId={tenantId} label={schedule.name} />
              {schedule.next_run_at ? <TimeCell at={schedule.next_run_at} zone={schedule.timezone} /> : null}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function columnsOf({ slots, timezone }: UpcomingRuns, range: "day" | "week", clock: HourClock) {
  return slots.map((slot) => {
    const begin = timeText(slot.from, timezone, "24");
    const time = timeText(slot.from, timezone, clock);
    const day = weekdayDateText(slot.from, timezone).split(" ").slice(0, 3).join(" ");
    const more = slot.runs - slot.schedules.length;
    return {
      label: `${day}, ${time}–${timeText(slot.to, timezone, clock)}`,
      tick:
        range === "day"
          ? Number(begin.slice(0, 2)) % 6 === 0
            ? time
            : null
          : begin === "00:00"
            ? day.split(" ").slice(0, 2).join(" ")
            : null,
      values: [slot.runs],
      notes: [
        ...slot.schedules.map(({ name, at }) => `${timeText(at, timezone, clock)} ${name}`),
        ...(more > 0 ? [`and ${more.toLocaleString("en")} more`] : []),
      ],
    };
  });
}
