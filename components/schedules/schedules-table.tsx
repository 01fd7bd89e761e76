"use client";

import { ActionIcon, Button, Checkbox, NativeSelect } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import {
  columnVisibilityFeature,
  createColumnHelper,
  metaHelper,
  type RowSelectionState,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import dynamic from "next/dynamic";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import type { Role } from "#lib/access/permissions";
import type { ScheduleRow } from "#lib/schedules/table";
import tableClasses from "../data-table/data-table.module.css";
import {
  cellAttributes,
  type DataColumn,
  HiddenWords,
  TableFrame,
  tableRoles,
} from "../data-table/data-table.tsx";
import { useUrlState } from "../data-table/url-state.ts";
import { RunStatusBadge } from "../runs/run-status-badge.tsx";
import { RunStrip } from "../runs/run-strip.tsx";
import { Link } from "../shell/link.tsx";
import { TimeCell } from "../time/instant.tsx";
import type { ScheduleActions } from "./actions.ts";
import { actsFor, type BulkAct, type BulkTarget } from "./bulk-plan.ts";
import { recurrenceText } from "./describe.ts";
import { ScheduleRowMenu } from "./schedule-row-menu.tsx";
import classes from "./schedules-table.module.css";
import { useRememberedColumns } from "./use-remembered-columns.ts";

const BulkDialog = dynamic(() => import("./bulk-dialog.tsx").then((module) => module.BulkDialog), {
  ssr: false,
});
const ColumnChoice = dynamic(() => import("./column-choice.tsx").then((module) => module.ColumnChoice), {
  ssr: false,
});

type Sort = "name" | "next_run_at" | "last_run_at";
type Meta = Pick<DataColumn<unknown>, "align" | "tight" | "phone"> & { label: string; sort?: Sort };

const features = tableFeatures({
  rowSelectionFeature,
  columnVisibilityFeature,
  columnMeta: metaHelper<Meta>(),
});
const column = createColumnHelper<typeof features, ScheduleRow>();

export interface ScheduleTableUrl {
  sort: Sort;
  direction: "asc" | "desc";
  page: number;
  size: number;
}

/** The schedules of a tenant: sorted, filtered and paged by the server, with the state in the address. */
export function SchedulesTable({
  rows,
  total,
  url,
  tenantId,
  role,
  actions,
  empty,
}: {
  rows: ScheduleRow[];
  /** How many match the filters, over all pages. */
  total: number;
  url: ScheduleTableUrl;
  tenantId: number;
  role: Role;
  actions: ScheduleActions;
  /** Stands in place of the table when no schedule matches; what is selected stays selected. */
  empty: ReactNode;
}) {
  const { hrefWith, change, pending } = useUrlState();
  const [selection, setSelection] = useState<RowSelectionState>({});
  const [visibility, setVisibility] = useRememberedColumns("schedules");
  const [dialog, setDialog] = useState<{ act: BulkAct; targets: BulkTarget[] } | null>(null);
  const [choosing, setChoosing] = useState(false);
  const seen = useSeenRows(rows);
  const acts = actsFor(role);
  const selectable = acts.length > 0;

  const columns = useMemo(() => {
    const columnsOf = column.columns([
      column.accessor("name", {
        header: "Name",
        enableHiding: false,
        meta: { label: "Name", phone: "main", sort: "name" },
        cell: ({ row: { original: schedule } }) => (
          <div>
            <Link
              className={tableClasses.strong}
              href={`/tenants/${tenantId}/backup-schedules/${schedule.id}`}
            >
              {schedule.name}
            </Link>
            {schedule.is_enabled ? null : (
              <div className={classes.note}>
                {schedule.paused_reason ? "Paused after failures" : "Disabled"}
              </div>
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
            <span className={classes.nowrap}>{recurrenceText(schedule)}</span>
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
        header: "Last 14 runs",
        meta: { label: "Last 14 runs", tight: true },
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
    return columnsOf;
  }, [tenantId]);

  const table = useTable({
    features,
    columns,
    data: rows,
    getRowId: (row: ScheduleRow) => String(row.id),
    state: { rowSelection: selection, columnVisibility: visibility },
    onRowSelectionChange: setSelection,
    onColumnVisibilityChange: setVisibility,
  });

  const selectedTargets = Object.keys(selection).flatMap((id) => seen.get(Number(id)) ?? []);
  const pages = Math.max(1, Math.ceil(total / url.size));
  const first = total === 0 ? 0 : (url.page - 1) * url.size + 1;

  return (
    <div>
      {selectedTargets.length > 0 ? (
        <section className={classes.bulk} aria-label="Selected schedules">
          <span role="status" className={classes.count}>
            {selectedTargets.length} selected
          </span>
          {acts.map(({ act, label, danger }) => (
            <Button
              key={act}
              size="compact-sm"
              variant="default"
              className={danger ? classes.danger : ""}
              onClick={() => setDialog({ act, targets: selectedTargets })}
            >
              {label}
            </Button>
          ))}
          <Button size="compact-sm" variant="subtle" onClick={() => setSelection({})}>
            Clear selection
          </Button>
        </section>
      ) : null}

      {rows.length === 0 ? (
        empty
      ) : (
        <>
          <TableFrame>
            <table
              className={tableClasses.table}
              aria-label="Backup schedules"
              aria-busy={pending}
              {...tableRoles.table}
            >
              <thead {...tableRoles.rowgroup}>
                {table.getHeaderGroups().map((group) => (
                  <tr key={group.id} {...tableRoles.row}>
                    {selectable ? (
                      <th scope="col" {...tableRoles.columnheader} data-tight>
                        <Checkbox
                          size="xs"
                          aria-label="Select all schedules on this page"
                          checked={rows.length > 0 && table.getIsAllRowsSelected()}
                          indeterminate={table.getIsSomePageRowsSelected() && !table.getIsAllRowsSelected()}
                          onChange={(event) => table.toggleAllRowsSelected(event.currentTarget.checked)}
                        />
                      </th>
                    ) : null}
                    {group.headers.map((header) => {
                      const meta = header.column.columnDef.meta;
                      const sorted = meta?.sort === url.sort;
                      return (
                        <th
                          key={header.id}
                          scope="col"
                          {...tableRoles.columnheader}
                          data-align={meta?.align}
                          data-tight={meta?.tight || undefined}
                          aria-sort={
                            sorted ? (url.direction === "asc" ? "ascending" : "descending") : undefined
                          }
                        >
                          {meta?.sort ? (
                            <Link
                              className={tableClasses.sort}
                              scroll={false}
                              replace
                              href={hrefWith({
                                sort: meta.sort,
                                direction: sorted && url.direction === "asc" ? "desc" : "asc",
                              })}
                            >
                              <table.FlexRender header={header} />
                              <SortIcon direction={sorted ? url.direction : null} />
                            </Link>
                          ) : (
                            <table.FlexRender header={header} />
                          )}
                        </th>
                      );
                    })}
                    <th scope="col" {...tableRoles.columnheader} data-tight>
                      <HiddenWords>Actions</HiddenWords>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        size="sm"
                        aria-label="Choose columns"
                        aria-haspopup="dialog"
                        onClick={() => setChoosing(true)}
                      >
                        <IconAdjustmentsHorizontal size={15} color="var(--tp-neutral)" aria-hidden />
                      </ActionIcon>
                    </th>
                  </tr>
                ))}
              </thead>
              <tbody {...tableRoles.rowgroup}>
                {table.getRowModel().rows.map((row) => (
                  <tr key={row.id} {...tableRoles.row} data-selected={row.getIsSelected() || undefined}>
                    {selectable ? (
                      <td {...tableRoles.cell} data-tight data-select>
                        <Checkbox
                          size="xs"
                          aria-label={`Select ${row.original.name}`}
                          checked={row.getIsSelected()}
                          onChange={row.getToggleSelectedHandler()}
                        />
                      </td>
                    ) : null}
                    {row.getVisibleCells().map((cell) => {
                      const meta = cell.column.columnDef.meta;
                      return (
                        <td key={cell.id} {...tableRoles.cell} {...(meta ? cellAttributes(meta) : {})}>
                          <table.FlexRender cell={cell} />
                        </td>
                      );
                    })}
                    <td {...tableRoles.cell} data-tight data-corner>
                      <ScheduleRowMenu
                        schedule={row.original}
                        tenantId={tenantId}
                        role={role}
                        actions={actions}
                        onAct={(act) => setDialog({ act, targets: [targetOf(row.original)] })}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>

          <div className={tableClasses.pager}>
            <span role="status">
              {first}–{Math.min(total, url.page * url.size)} of {total}{" "}
              {total === 1 ? "schedule" : "schedules"}
            </span>
            <span className={classes.pages}>
              <NativeSelect
                size="xs"
                aria-label="Schedules a page"
                value={String(url.size)}
                data={["10", "25", "50", "100"].map((size) => ({ value: size, label: `${size} a page` }))}
                onChange={(event) => change({ size: event.currentTarget.value })}
              />
              <Button
                size="xs"
                variant="default"
                disabled={url.page <= 1}
                onClick={() => change({ page: url.page <= 2 ? null : url.page - 1 })}
              >
                Previous
              </Button>
              <span className="tp-nums">
                Page {url.page} of {pages}
              </span>
              <Button
                size="xs"
                variant="default"
                disabled={url.page >= pages}
                onClick={() => change({ page: url.page + 1 })}
              >
                Next
              </Button>
            </span>
          </div>
        </>
      )}

      {dialog ? (
        <BulkDialog
          act={dialog.act}
          targets={dialog.targets}
          tenantId={tenantId}
          actions={actions}
          newestRuns={
            new Map(rows.flatMap(({ id, recent_runs: [newest] }) => (newest ? [[id, newest] as const] : [])))
          }
          onClose={() => setDialog(null)}
          onDone={() => setSelection({})}
        />
      ) : null}
      {choosing ? (
        <ColumnChoice
          columns={table.getAllLeafColumns().map((entry) => ({
            id: entry.id,
            label: entry.columnDef.meta?.label ?? entry.id,
            visible: entry.getIsVisible(),
            fixed: !entry.getCanHide(),
            toggle: (visible: boolean) => entry.toggleVisibility(visible),
          }))}
          onClose={() => setChoosing(false)}
        />
      ) : null}
    </div>
  );
}

function LastRun({ schedule, tenantId }: { schedule: ScheduleRow; tenantId: number }) {
  const newest = schedule.recent_runs[0];
  if (!newest) return <span className="tp-dim">Never</span>;
  const ended = newest.status !== "running";
  return (
    <Link
      className={classes.lastRun}
      href={`/tenants/${tenantId}/runs/${newest.id}`}
      scroll={false}
      prefetch={false}
    >
      <HiddenWords>Last run of {schedule.name}: </HiddenWords>
      <RunStatusBadge state={newest.status} />
      {ended && schedule.last_run_at ? <TimeCell at={schedule.last_run_at} zone={schedule.timezone} /> : null}
    </Link>
  );
}

function SortIcon({ direction }: { direction: "asc" | "desc" | null }) {
  if (direction === "asc") return <IconArrowUp size={13} aria-hidden />;
  if (direction === "desc") return <IconArrowDown size={13} aria-hidden />;
  return <IconArrowsSort size={13} aria-hidden opacity={0.55} />;
}

/** What the page has shown of each schedule so far: a selection may reach over pages. */
function useSeenRows(rows: readonly ScheduleRow[]): ReadonlyMap<number, BulkTarget> {
  const [seen, setSeen] = useState<ReadonlyMap<number, BulkTarget>>(
    () => new Map(rows.map((row) => [row.id, targetOf(row)])),
  );
  useEffect(() => {
    setSeen((before) => new Map([...before, ...rows.map((row) => [row.id, targetOf(row)] as const)]));
  }, [rows]);
  return seen;
}

/** What a bulk act needs to know of a row. */
function targetOf(row: ScheduleRow): BulkTarget {
  return {
    id: row.id,
    name: row.name,
    is_enabled: row.is_enabled,
    active_run_id: row.active_run_id,
    has_ended_run: row.recent_runs.some((run) => run.status !== "running"),
  };
}
