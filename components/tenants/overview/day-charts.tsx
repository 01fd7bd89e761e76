import { BarChart, type BarColumn, type BarSeries } from "#components/charts/bar-chart";
import { Panel } from "#components/ui/panel";
import { counted } from "#lib/counted";
import { overviewDays } from "#lib/limits";
import type { TenantOverview } from "#lib/overview/overview";
import type { RunDay } from "#lib/overview/run-days";
import { dayText, isMonday, shortDayText } from "../day-text.ts";
import { noChangesText, percentText } from "../figure-text.ts";

const outcomes: readonly BarSeries[] = [
  { label: "Success", tone: "good" },
  { label: "Partial", tone: "warning" },
  { label: "Failed", tone: "bad" },
];

/** How the runs of each day ended. */
export function RunsChart({ overview }: { overview: TenantOverview }) {
  const { days, success, timezone } = overview;
  const bad = days.filter((day) => day.failed + day.partial > 0).length;
  return (
    <Panel title="Runs a day">
      <BarChart
        label="Runs a day"
        heading="Day"
        series={outcomes}
        columns={columnsOf(days, (day) => [day.success, day.partial, day.failed])}
        empty="Days with runs appear here once a run has ended."
        summary={
          success.attempted === 0
            ? `The last ${overviewDays} days, ${timezone}.`
            : `${percentText(success.rate)} of ${counted(success.attempted, "run")} in ${overviewDays} days ended complete; ${
                bad === 0 ? "no day had a failure" : `${counted(bad, "day")} had failed or partial runs`
              }. Days in ${timezone}.`
        }
      />
    </Panel>
  );
}

const changes: readonly BarSeries[] = [
  { label: "Added", tone: "good" },
  { label: "Changed", tone: "notable" },
  { label: "Removed", tone: "bad" },
];

/** What each day's backups found changed. */
export function ChangesChart({ overview }: { overview: TenantOverview }) {
  const { days, timezone } = overview;
  const total = (of: "added" | "changed" | "removed") => days.reduce((sum, day) => sum + day[of], 0);
  const busiest = days.reduce<RunDay | null>(
    (most, day) => (changesOf(day) > (most ? changesOf(most) : 0) ? day : most),
    null,
  );
  return (
    <Panel title="Policy changes a day">
      <BarChart
        label="Policy changes a day"
        heading="Day"
        series={changes}
        columns={columnsOf(days, (day) => [day.added, day.changed, day.removed])}
        empty={noChangesText(overview)}
        summary={
          busiest
            ? `${total("added").toLocaleString("en")} added, ${total("changed").toLocaleString("en")} changed, ${total("removed").toLocaleString("en")} removed in ${overviewDays} days; most on ${dayText(busiest.date)}. Days in ${timezone}.`
            : `The last ${overviewDays} days, ${timezone}.`
        }
      />
    </Panel>
  );
}

function columnsOf(days: readonly RunDay[], values: (day: RunDay) => number[]): BarColumn[] {
  return days.map((day) => ({
    label: dayText(day.date),
    tick: isMonday(day.date) ? shortDayText(day.date) : null,
    values: values(day),
  }));
}

function changesOf(day: RunDay): number {
  return day.added + day.changed + day.removed;
}
