import type { RunWithContext } from "#lib/runs/schema";
import { ChangeCounts } from "../compare/change-marks.tsx";
import tableClasses from "../data-table/data-table.module.css";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { Link } from "../navigation/link.tsx";
import { durationText } from "../time/format.ts";
import { TimeCell } from "../time/instant.tsx";
import { Elapsed } from "./elapsed.tsx";
import { ErrorCodeLink } from "./error-code-link.tsx";
import { runState, runTriggerLabels } from "./run-state.ts";
import { RunStatusBadge } from "./run-status-badge.tsx";

/** Runs, newest first. A row opens the run's details. */
export function RunsTable({
  runs,
  withSchedule = true,
  bare = false,
}: {
  runs: readonly RunWithContext[];
  /** Off where all runs are of one schedule. */
  withSchedule?: boolean;
  bare?: boolean;
}) {
  const columns: DataColumn<RunWithContext>[] = [
    {
      key: "run",
      label: "Run",
      phone: "main",
      cell: (run) => (
        <Link
          className={tableClasses.strong}
          href={`/tenants/${run.tenant_id}/runs/${run.id}`}
          scroll={false}
        >
          {withSchedule ? run.schedule_name : `Run ${run.id}`}
          {withSchedule ? <span className={tableClasses.below}> run {run.id}</span> : null}
        </Link>
      ),
    },
    { key: "status", label: "Status", tight: true, cell: (run) => <RunStatusBadge state={runState(run)} /> },
    {
      key: "why",
      label: "Error",
      tight: true,
      cell: (run) => (run.error_code ? <ErrorCodeLink code={run.error_code} /> : null),
    },
    {
      key: "trigger",
      label: "Started by",
      tight: true,
      cell: (run) => (
        <span>
          {runTriggerLabels[run.trigger]}
          {run.requested_by_name ? <span className="tp-dim"> · {run.requested_by_name}</span> : null}
        </span>
      ),
    },
    {
      key: "when",
      label: "When",
      tight: true,
      cell: (run) => <TimeCell at={run.started_at ?? run.scheduled_for} />,
    },
    {
      key: "changes",
      label: "Changes",
      tight: true,
      cell: (run) =>
        run.summary.changes ? (
          <ChangeCounts
            changes={run.summary.changes}
            {...(run.backup_set_id
              ? { href: `/tenants/${run.tenant_id}/backup-sets/${run.backup_set_id}/compare` }
              : {})}
          />
        ) : null,
    },
    {
      key: "duration",
      label: "Duration",
      align: "end",
      tight: true,
      cell: (run) =>
        run.started_at && run.summary.duration_ms !== undefined ? (
          durationText(run.summary.duration_ms)
        ) : run.started_at && !run.finished_at ? (
          <Elapsed since={run.started_at} />
        ) : null,
    },
  ];
  return (
    <DataTable
      label="Runs"
      columns={columns.filter((column) => column.key !== "why" || runs.some((run) => run.error_code))}
      rows={runs}
      rowKey={(run) => run.id}
      bare={bare}
    />
  );
}
