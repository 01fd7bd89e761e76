"use client";

import { ActionIcon } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { Fragment, type ReactNode, useState } from "react";
import { HiddenWords } from "../ui/hidden-words.tsx";
import classes from "./data-table.module.css";
import { cellAttributes, type DataColumn, HeadCell, Table, tableRoles } from "./data-table.tsx";

/** A row with what unfolds below it. Rendered on the server; only the unfolding happens here. */
export interface ExpandableRow {
  key: string | number;
  /** What the row is called, for the button that unfolds it. */
  label: string;
  cells: readonly ReactNode[];
  details: ReactNode;
}

/** A table whose rows unfold to their details, over the whole width. */
export function ExpandableTable({
  label,
  columns,
  rows,
}: {
  /** What the table lists, for screen readers. */
  label: string;
  columns: readonly Omit<DataColumn<never>, "cell">[];
  rows: readonly ExpandableRow[];
}) {
  const [open, setOpen] = useState<ReadonlySet<string | number>>(new Set());
  const toggle = (key: string | number) =>
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  return (
    <Table
      label={label}
      head={
        <>
          <HeadCell column={{ label: <HiddenWords>Details</HiddenWords>, tight: true }} />
          {columns.map((column) => (
            <HeadCell key={column.key} column={column} />
          ))}
        </>
      }
    >
      {rows.map((row) => (
        <Fragment key={row.key}>
          <tr {...tableRoles.row} data-unfolded={open.has(row.key) || undefined}>
            <td {...tableRoles.cell} data-tight data-corner className={classes.unfold}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size={28}
                aria-label={`Details of ${row.label}`}
                aria-expanded={open.has(row.key)}
                onClick={() => toggle(row.key)}
              >
                <IconChevronRight size={16} aria-hidden className={classes.chevron} />
              </ActionIcon>
            </td>
            {columns.map((column, index) => (
              <td key={column.key} {...tableRoles.cell} {...cellAttributes(column)}>
                {row.cells[index]}
              </td>
            ))}
          </tr>
          {open.has(row.key) ? (
            <tr {...tableRoles.row} className={classes.unfolded}>
              <td {...tableRoles.cell} colSpan={columns.length + 1}>
                {row.details}
              </td>
            </tr>
          ) : null}
        </Fragment>
      ))}
    </Table>
  );
}
