"use client";

import {
  columnVisibilityFeature,
  createColumnHelper,
  metaHelper,
  type Row,
  rowSelectionFeature,
  tableFeatures,
} from "@tanstack/react-table";
import type { DataColumn } from "#components/data-table/data-table";
import tableClasses from "#components/data-table/data-table.module.css";
import { Link } from "#components/navigation/link";
import { RunStatusBadge } from "#components/runs/run-status-badge";
import { RunStrip } from "#components/runs/run-strip";
import { TimeCell } from "#components/time/instant";
import { HiddenWords } from "#components/ui/hidden-words";
import { recentRuns } from "#lib/limits";
import type { ScheduleRow, ScheduleTableState } from "#lib/schedules/table";
import { Recurrence } from "../recurrence.tsx";
import classes from "./schedules-table.module.css";

export type ScheduleSort = ScheduleTableState["sort"];
type Meta = Pick<DataColumn<unknown>, "align" | "tight" | "phone"> & { label: string; sort?: ScheduleSort };

export const scheduleTableFeatures = tableFeatures({
  rowSelectionFeature,
  columnVisibilityFeature,
  columnMeta: metaHelper<Meta>(),
});
export type TableRow = Row<typeof scheduleTableFeatures, ScheduleRow>;

const column = createColumnHelper<typeof scheduleTableFeatures, ScheduleRow>();

/** The columns of a tenant's schedules. */
export function scheduleColumns(tenantId: number) {
  return column.columns([
    column.accessor("name", {
      header: "Name",
      enableHiding: false,
      meta: { label: "Name", phone: "main", sort: "name" },
      cell: ({ row: { original: schedule } }) => (
        <div>
          <Link className={tableClasses.strong} href={`/tenants/${tenantId}/backup-schedules/${schedule.id}`}>
            {schedule.name}
          </Link>
          {schedule.is_enabled ? null : (
            <div className={classes.note}>{schedule.paused_reason ? "Paused" : "Disabled"}</div>
          )}
        </div>
      ),
    }),
    column.display({
      id: "recurrence",
      header: "Schedule",
      meta: { label: "Schedule" },
      cell: ({ row: { original: schedule } }) => (
        <span className={classes.stack}>
          <span className={classes.nowrap}>
            <Recurrence of={schedule} />
          </span>
          <span className={classes.note}>{schedule.timezone}</span>
        </span>
      ),
    }),
    column.accessor("next_run_at", {
      header: "Next run",
      meta: { label: "Next run", tight: true, sort: "next_run_at" },
      cell: ({ row: { original: schedule } }) =>
        schedule.next_run_at ? (
          <TimeCell at={schedule.next_run_at} zone={schedule.timezone} />
        ) : (
          <span className="tp-dim">None</span>
        ),
    }),
    column.accessor("last_run_at", {
      header: "Last run",
      meta: { label: "Last run", tight: true, sort: "last_run_at" },
      cell: ({ row: { original: schedule } }) => <LastRun schedule={schedule} tenantId={tenantId} />,
    }),
    column.display({
      id: "recent",
      header: `Last ${recentRuns} runs`,
      meta: { label: `Last ${recentRuns} runs`, tight: true },
      cell: ({ row: { original: schedule } }) => (
        <RunStrip runs={schedule.recent_runs} tenantId={tenantId} label={schedule.name} />
      ),
    }),
    column.accessor("policy_types", {
      header: "Policy types",
      meta: { label: "Policy types", align: "end", tight: true, phone: "hide" },
      cell: ({ row: { original: schedule } }) => schedule.policy_types.length,
    }),
    column.accessor("retention_keep_last", {
      header: "Keep last",
      meta: { label: "Keep last", align: "end", tight: true, phone: "hide" },
      cell: ({ row: { original: schedule } }) => schedule.retention_keep_last,
    }),
  ]);
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
