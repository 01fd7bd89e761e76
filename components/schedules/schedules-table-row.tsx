"use client";

import { FlexRender } from "@tanstack/react-table";
import { memo } from "react";
import type { Role } from "#lib/access/permissions";
import type { ScheduleRow } from "#lib/schedules/table";
import { cellAttributes, tableRoles } from "../data-table/data-table.tsx";
import { RowCheckbox } from "../data-table/row-checkbox.tsx";
import type { ScheduleActions } from "./actions.ts";
import type { BulkAct } from "./bulk-plan.ts";
import type { TableRow } from "./schedule-columns.tsx";
import { ScheduleRowMenu } from "./schedule-row-menu.tsx";

/**
 * One row of the schedules. It is drawn again when something of its own changed, and not with every stir of the table:
 * a page may have a hundred.
 */
export const SchedulesTableRow = memo(function SchedulesTableRow({
  row,
  selected,
  selectable,
  tenantId,
  role,
  actions,
  onAct,
}: {
  row: TableRow;
  selected: boolean;
  selectable: boolean;
  /** Names the shown columns: with others the row, which asks for its cells itself, is to be drawn again. */
  columnsKey: string;
  tenantId: number;
  role: Role;
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
          role={role}
          actions={actions}
          onAct={(act) => onAct(act, schedule)}
        />
      </td>
    </tr>
  );
});
