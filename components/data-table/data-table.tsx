import type { ReactNode } from "react";
import { HiddenWords } from "../ui/hidden-words.tsx";
import classes from "./data-table.module.css";

/** One column of a DataTable. */
export interface DataColumn<T> {
  key: string;
  label: string;
  cell: (row: T) => ReactNode;
  align?: "end";
  /** As narrow as its content. */
  tight?: boolean;
  /** On a phone: `main` heads the row's card, `corner` sits in its corner, `hide` is left out. */
  phone?: "main" | "corner" | "hide";
}

/**
 * Roles written out for the parts of a table: as cards on a phone they are `display: block`, and browsers would
 * forget what they are.
 */
export const tableRoles = {
  table: { role: "table" },
  rowgroup: { role: "rowgroup" },
  row: { role: "row" },
  columnheader: { role: "columnheader" },
  cell: { role: "cell" },
} as const;

/** A plain table of rows that are already sorted and paged by the database. Rendered on the server. */
export function DataTable<T>({
  label,
  columns,
  rows,
  rowKey,
  bare,
}: {
  /** What the table lists, for screen readers. */
  label: string;
  columns: readonly DataColumn<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string | number;
  /** Without a border of its own, inside a Panel. */
  bare?: boolean;
}) {
  return (
    <TableFrame bare={bare ?? false}>
      <table className={classes.table} aria-label={label} {...tableRoles.table}>
        <thead {...tableRoles.rowgroup}>
          <tr {...tableRoles.row}>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                {...tableRoles.columnheader}
                data-align={column.align}
                data-tight={column.tight || undefined}
              >
                {column.phone === "corner" ? <HiddenWords>{column.label}</HiddenWords> : column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...tableRoles.rowgroup}>
          {rows.map((row) => (
            <tr key={rowKey(row)} {...tableRoles.row}>
              {columns.map((column) => (
                <td key={column.key} {...tableRoles.cell} {...cellAttributes(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

/** The surface that tables stand on. */
export function TableFrame({ bare = false, children }: { bare?: boolean; children: ReactNode }) {
  return <div className={bare ? `${classes.frame} ${classes.bare}` : classes.frame}>{children}</div>;
}

/** The attributes by which the style sheet lays out a cell, as a table's cell or as a line of a card. */
export function cellAttributes(column: Pick<DataColumn<unknown>, "label" | "align" | "tight" | "phone">) {
  return {
    "data-label": column.phone === "corner" ? undefined : column.label,
    "data-align": column.align,
    "data-tight": column.tight || undefined,
    "data-main": column.phone === "main" || undefined,
    "data-corner": column.phone === "corner" || undefined,
    "data-phone": column.phone === "hide" ? "hide" : undefined,
  };
}
