"use client";

import { Button, NativeSelect } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconAdjustmentsHorizontal, IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import { type ColumnVisibilityState, type RowSelectionState, useTable } from "@tanstack/react-table";
import dynamic from "next/dynamic";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { HeadCell, Table } from "#components/data-table/data-table";
import tableClasses from "#components/data-table/data-table.module.css";
import { RowCheckbox } from "#components/data-table/row-checkbox";
import { SortCell } from "#components/data-table/sort-cell";
import { useUrlState } from "#components/data-table/url-state.ts";
import { HiddenWords } from "#components/ui/hidden-words";
import { IconButton } from "#components/ui/icon-button";
import type { Standing } from "#lib/access/permissions";
import type { ScheduleRow } from "#lib/schedules/table";
import type { ScheduleActions } from "../actions.ts";
import { actsFor, actsOn, type BulkAct, type BulkTarget } from "../bulk/bulk-plan.ts";
import { type ScheduleSort, scheduleColumns, scheduleTableFeatures } from "./schedule-columns.tsx";
import classes from "./schedules-table.module.css";
import { SchedulesTableRow } from "./schedules-table-row.tsx";

const BulkDialog = dynamic(() => import("../bulk/bulk-dialog.tsx").then((module) => module.BulkDialog), {
  ssr: false,
});
const ColumnChoice = dynamic(() => import("./column-choice.tsx").then((module) => module.ColumnChoice), {
  ssr: false,
});

export interface ScheduleTableUrl {
  sort: ScheduleSort;
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
  viewer,
  actions,
  empty,
}: {
  rows: ScheduleRow[];
  /** How many match the filters, over all pages. */
  total: number;
  url: ScheduleTableUrl;
  tenantId: number;
  viewer: Standing;
  actions: ScheduleActions;
  /** Stands in place of the table when no schedule matches; what is selected stays selected. */
  empty: ReactNode;
}) {
  const { hrefWith, change, pending } = useUrlState();
  const [selection, setSelection] = useState<RowSelectionState>({});
  const [visibility, setVisibility] = useRememberedColumns("schedules");
  const [dialog, setDialog] = useState<{ act: BulkAct; ids: number[] } | null>(null);
  const [choosing, setChoosing] = useState(false);
  const seen = useSeenRows(rows);
  const acts = actsFor(viewer);
  const selectable = acts.length > 0;

  const columns = useMemo(() => scheduleColumns(tenantId), [tenantId]);
  const openDialog = useCallback((act: BulkAct, schedule: ScheduleRow) => {
    setDialog({ act, ids: [schedule.id] });
  }, []);
  const table = useTable({
    features: scheduleTableFeatures,
    columns,
    data: rows,
    getRowId: (row: ScheduleRow) => String(row.id),
    state: { rowSelection: selection, columnVisibility: visibility },
    onRowSelectionChange: setSelection,
    onColumnVisibilityChange: setVisibility,
  });

  const selectedTargets = Object.keys(selection).flatMap((id) => seen.get(Number(id)) ?? []);
  const shownColumns = table
    .getVisibleLeafColumns()
    .map((each) => each.id)
    .join();
  const pages = Math.max(1, Math.ceil(total / url.size));
  const first = total === 0 ? 0 : (url.page - 1) * url.size + 1;

  return (
    <div>
      {selectedTargets.length > 0 ? (
        <section className={classes.bulk} aria-label="Selected schedules">
          <span role="status" className={classes.count}>
            {selectedTargets.length} selected
          </span>
          {actsOn(viewer, selectedTargets).map(({ act, label, danger }) => (
            <Button
              key={act}
              size="compact-sm"
              variant="default"
              className={danger ? classes.danger : ""}
              onClick={() => setDialog({ act, ids: selectedTargets.map(({ id }) => id) })}
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
          <Table
            label="Backup schedules"
            busy={pending}
            head={
              <>
                {selectable ? (
                  <HeadCell
                    column={{
                      tight: true,
                      label: (
                        <RowCheckbox
                          aria-label="Select all schedules on this page"
                          checked={rows.length > 0 && table.getIsAllRowsSelected()}
                          indeterminate={table.getIsSomePageRowsSelected() && !table.getIsAllRowsSelected()}
                          onChange={(event) => table.toggleAllRowsSelected(event.currentTarget.checked)}
                        />
                      ),
                    }}
                  />
                ) : null}
                {table.getVisibleLeafColumns().map(({ id, columnDef: { meta } }) => {
                  const column = { key: id, label: id, ...meta };
                  if (!column.sort) return <HeadCell key={id} column={column} />;
                  const direction = column.sort === url.sort ? url.direction : null;
                  return (
                    <SortCell
                      key={id}
                      column={column}
                      direction={direction}
                      href={hrefWith({ sort: column.sort, direction: direction === "asc" ? "desc" : "asc" })}
                      icon={<SortIcon direction={direction} />}
                    />
                  );
                })}
                <HeadCell
                  column={{
                    tight: true,
                    label: (
                      <>
                        <HiddenWords>Actions</HiddenWords>
                        <IconButton
                          size="sm"
                          aria-label="Choose columns"
                          aria-haspopup="dialog"
                          onClick={() => setChoosing(true)}
                        >
                          <IconAdjustmentsHorizontal size={15} aria-hidden />
                        </IconButton>
                      </>
                    ),
                  }}
                />
              </>
            }
          >
            {table.getRowModel().rows.map((row) => (
              <SchedulesTableRow
                key={row.id}
                row={row}
                selected={row.getIsSelected()}
                selectable={selectable}
                columnsKey={shownColumns}
                tenantId={tenantId}
                viewer={viewer}
                actions={actions}
                onAct={openDialog}
              />
            ))}
          </Table>

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
          targets={dialog.ids.flatMap((id) => seen.get(id) ?? [])}
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
    last_run_status: row.last_run_status,
  };
}

/** The columns that a person hid in a table, remembered in their browser. */
function useRememberedColumns(table: string) {
  return useLocalStorage<ColumnVisibilityState>({
    key: `tenantpilot-columns-${table}`,
    defaultValue: { policy_types: false, retention_keep_last: false },
  });
}
