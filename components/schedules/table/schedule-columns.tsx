"use client";

import type { DataColumn } from "#components/data-table/data-table";
import tableClasses from "#components/data-table/data-table.module.css";
import { Link } from "#components/navigation/link";
import { RunStatusBadge } from "#components/runs/run-status-badge";
import { RunStrip } from "#components/runs/run-strip";
import { TimeCell } from "#components/time/instant";
import { HiddenWords } from "#components/ui/hidden-words";
import { recentRuns } from "#lib/limits";
import type { ScheduleRow, ScheduleTableState } from "#lib/schedules/table";
import { recurrenceText } from "../describe.ts";
import classes from "./schedules-table.module.css";

export type ScheduleSort = ScheduleTableState["sort"];

/** A column of the schedules table; its key is also what hidden columns are remembered by. */
export interface ScheduleColumn extends DataColumn<ScheduleRow> {
  sort?: ScheduleSort;
  /** It cannot be hidden. */
  fixed?: true;
}

/** The columns of a tenant's schedules. */
export function scheduleColumns(tenantId: number): ScheduleColumn[] {
  return [
    {
      key: "name",
      label: "Name",
      phone: "main",
      sort: "name",
      fixed: true,
      cell: (schedule) => (
        <div>
          <Link className={tableClasses.strong} href={`/tenants/${tenantId}/backup-schedules/${schedule.id}`}>
            {schedule.name}
          </Link>
          {schedule.is_enabled ? null : (
            <div className={classes.note}>{schedule.paused_reason ? "Paused" : "Disabled"}</div>
          )}
        </div>
      ),
    },
    {
      key: "recurrence",
      label: "Schedule",
      cell: (schedule) => (
        <span className={classes.stack}>
          <span className={classes.nowrap}>{recurrenceText(schedule)}</span>
          <span className={classes.note}>{schedule.timezone}</span>
        </span>
      ),
    },
    {
      key: "next_run_at",
      label: "Next run",
      tight: true,
      sort: "next_run_at",
      cell: (schedule) =>
        schedule.next_run_at ? (
          <TimeCell at={schedule.next_run_at} zone={schedule.timezone} />
        ) : (
          <span className="tp-dim">None</span>
        ),
    },
    {
      key: "last_run_at",
      label: "Last run",
      tight: true,
      sort: "last_run_at",
      cell: (schedule) => <LastRun schedule={schedule} tenantId={tenantId} />,
    },
    {
      key: "recent",
      label: `Last ${recentRuns} runs`,
      tight: true,
      cell: (schedule) => <RunStrip runs={schedule.recent_runs} tenantId={tenantId} label={schedule.name} />,
    },
    {
      key: "policy_types",
      label: "Policy types",
      align: "end",
      tight: true,
      phone: "hide",
      cell: (schedule) => schedule.policy_types.length,
    },
    {
      key: "retention_keep_last",
      label: "Keep last",
      align: "end",
      tight: true,
      phone: "hide",
      cell: (schedule) => schedule.retention_keep_last,
    },
  ];
}

function LastRun({ schedule, tenantId }: { schedule: ScheduleRow; tenantId: number }) {
  const newest = schedule.recent_runs[0];
  if (!newest) return <span className="tp-dim">Never</span>;
  const ended = newest.status !== "running";
  return (
    <Link className={classes.lastRun} href={`/tenants/${tenantId}/runs/${newest.id}`} scroll={false}>
      <HiddenWords>Last run of {schedule.name}: </HiddenWords>
      <RunStatusBadge state={newest.status} />
      {ended && schedule.last_run_at ? <TimeCell at={schedule.last_run_at} zone={schedule.timezone} /> : null}
    </Link>
  );
}
