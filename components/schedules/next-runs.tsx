import Link from "next/link";
import type { ScheduleRow } from "#lib/schedules/table";
import { RunStrip } from "../runs/run-strip.tsx";
import { Panel } from "../shell/panel.tsx";
import { TimeCell } from "../time/instant.tsx";
import { recurrenceText } from "./describe.ts";
import classes from "./next-runs.module.css";

/** Which schedules are due next. */
export function NextRuns({ schedules, tenantId }: { schedules: readonly ScheduleRow[]; tenantId: number }) {
  return (
    <Panel
      title="Next runs"
      flush
      action={
        <Link className="tp-link" href={`/tenants/${tenantId}/backup-schedules?sort=next_run_at`}>
          All schedules
        </Link>
      }
    >
      {schedules.length === 0 ? (
        <p className={classes.none}>No schedule is enabled, so no run is due.</p>
      ) : (
        <ul className={classes.list}>
          {schedules.map((schedule) => (
            <li key={schedule.id} className={classes.entry}>
              <div className={classes.words}>
                <Link className={classes.name} href={`/tenants/${tenantId}/backup-schedules/${schedule.id}`}>
                  {schedule.name}
                </Link>
                <span className={classes.rule}>
                  {recurrenceText(schedule)}, {schedule.timezone}
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
