import { BarChart } from "#components/charts/bar-chart";
import { MeasureBar } from "#components/charts/measure-bar";
import { Link } from "#components/navigation/link";
import { bytesText } from "#components/ui/bytes.ts";
import { Panel } from "#components/ui/panel";
import { counted } from "#lib/counted";
import { inWords, storageWeeks } from "#lib/limits";
import type { StorageOverview } from "#lib/overview/storage";
import { dayText, shortDayText } from "../day-text.ts";
import { storedText } from "../figure-text.ts";
import classes from "./storage-panel.module.css";

/** What the tenant's backups take, against plain files, and what each week added. */
export function StoragePanel({
  storage,
  tenantId,
  timezone,
}: {
  storage: StorageOverview;
  tenantId: number;
  timezone: string;
}) {
  const added = storage.weeks.reduce((sum, week) => sum + week.bytes_added, 0);
  return (
    <Panel
      title="Storage"
      action={
        <Link className="tp-link" href={`/tenants/${tenantId}/backup-sets`}>
          Backup sets
        </Link>
      }
    >
      <div className={classes.root}>
        <div className={classes.sizes}>
          <MeasureBar
            label="As plain files"
            text={bytesText(storage.bytes_logical)}
            share={storage.bytes_logical === 0 ? 0 : 1}
            tone="plain"
          />
          <MeasureBar
            label="Different contents"
            text={bytesText(storage.bytes_unique)}
            share={shareOf(storage.bytes_unique, storage.bytes_logical)}
            tone="plain"
          />
          <MeasureBar
            label="Stored, compressed"
            text={bytesText(storage.bytes_stored)}
            share={shareOf(storage.bytes_stored, storage.bytes_logical)}
            tone="accent"
          />
          <p className={classes.words}>{storedText(storage)}</p>
        </div>
        <BarChart
          label="Storage added a week"
          heading="Week from"
          series={[{ label: "Added", tone: "accent" }]}
          unit="bytes"
          notesHeading="Backup sets and versions"
          columns={storage.weeks.map((week, index) => ({
            label: dayText(week.week_begins),
            tick: index % 3 === 2 ? shortDayText(week.week_begins) : null,
            values: [week.bytes_added],
            notes: [
              `${counted(week.sets_made, "backup set")}, ${counted(week.snapshots_added, "new policy version")}`,
            ],
          }))}
          empty="Weeks with backups appear here."
          summary={`${bytesText(added)} added in ${inWords(storageWeeks)} weeks. Weeks from Monday, ${timezone}.`}
        />
      </div>
    </Panel>
  );
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, part / whole);
}
