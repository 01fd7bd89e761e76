"use client";

import { IconDots } from "@tabler/icons-react";
import { FlexRender } from "@tanstack/react-table";
import { memo } from "react";
import { cellAttributes, tableRoles } from "#components/data-table/data-table";
import { RowCheckbox } from "#components/data-table/row-checkbox";
import { MenuButton } from "#components/menu/menu-button";
import type { Standing } from "#lib/access/permissions";
import type { ScheduleRow } from "#lib/schedules/table";
import type { ScheduleActions } from "../actions.ts";
import type { BulkAct } from "../bulk/bulk-plan.ts";
import { useScheduleActs } from "../use-schedule-acts.tsx";
import type { TableRow } from "./schedule-columns.tsx";

/**
 * One row of the schedules. It is drawn again when something of its own changed, and not with every stir of the table:
 * a page may have a hundred.
 */
export const SchedulesTableRow = memo(function SchedulesTableRow({
  row,
  selected,
  selectable,
  tenantId,
  viewer,
  actions,
  onAct,
}: {
  row: TableRow;
  selected: boolean;
  selectable: boolean;
  /** Names the shown columns: with others the row, which asks for its cells itself, is to be drawn again. */
  columnsKey: string;
  tenantId: number;
  viewer: Standing;
  actions: ScheduleActions;
  onAct: (act: BulkAct, schedule: ScheduleRow) => void;
}) {
  const schedule = row.original;
  return (
    <tr {...tableRoles.row} data-selected={selected || undefined}>
      {selectable ? (
        <td {...tableRoles.cell} data-tight data-select>
          <RowCheckbox
            aria-label={`Select ${schedule.name}`}
            checked={selected}
            onChange={row.getToggleSelectedHandler()}
          />
        </td>
      ) : null}
      {row.getVisibleCells().map((cell) => {
        const meta = cell.column.columnDef.meta;
        return (
          <td key={cell.id} {...tableRoles.cell} {...(meta ? cellAttributes(meta) : {})}>
            <FlexRender cell={cell} />
          </td>
        );
      })}
      <td {...tableRoles.cell} data-tight data-corner>
        <ScheduleRowMenu
          schedule={schedule}
          tenantId={tenantId}
          viewer={viewer}
          actions={actions}
          onAct={(act) => onAct(act, schedule)}
        />
      </td>
    </tr>
  );
});

const loadMenu = () => import("./schedule-menu.tsx").then((module) => module.ScheduleMenu);

/** The button of a row's menu. */
function ScheduleRowMenu({
  schedule,
  tenantId,
  viewer,
  actions,
  onAct,
}: {
  schedule: ScheduleRow;
  tenantId: number;
  viewer: Standing;
  actions: ScheduleActions;
  /** Opens the dialog that asks before the act. */
  onAct: (act: BulkAct) => void;
}) {
  const { pending, ...acts } = useScheduleActs(schedule, actions);
  return (
    <MenuButton
      aria-label={`Actions for ${schedule.name}`}
      busy={pending}
      load={loadMenu}
      menu={{ schedule, tenantId, viewer, acts: { ...acts, remove: () => onAct("delete") } }}
    >
      <IconDots size={17} aria-hidden />
    </MenuButton>
  );
}
