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
  bare = false,
  head = columns.map((column) => <HeadCell key={column.key} column={column} />),
}: {
  /** What the table lists, for screen readers. */
  label: string;
  columns: readonly DataColumn<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string | number;
  /** Without a border of its own, inside a Panel. */
  bare?: boolean;
  /** Other headings than the columns' labels: those that sort. */
  head?: ReactNode;
}) {
  return (
    <Table label={label} bare={bare} head={head}>
      {rows.map((row) => (
        <tr key={rowKey(row)} {...tableRoles.row}>
          {columns.map((column) => (
            <td key={column.key} {...tableRoles.cell} {...cellAttributes(column)}>
              {column.cell(row)}
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

/** What all tables are: a surface, one row of headings, and rows. */
export function Table({
  label,
  head,
  bare = false,
  busy,
  children,
}: {
  label: string;
  /** HeadCells. */
  head: ReactNode;
  bare?: boolean;
  /** Other rows are on their way. */
  busy?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={bare ? `${classes.frame} ${classes.bare}` : classes.frame}>
      <table className={classes.table} aria-label={label} aria-busy={busy} {...tableRoles.table}>
        <thead {...tableRoles.rowgroup}>
          <tr {...tableRoles.row}>{head}</tr>
        </thead>
        <tbody {...tableRoles.rowgroup}>{children}</tbody>
      </table>
    </div>
  );
}

/** The heading of a column. */
export function HeadCell({
  column: { label, align, tight, phone },
  sorted,
}: {
  column: Pick<DataColumn<unknown>, "align" | "tight" | "phone"> & { label: ReactNode };
  /** How the table is sorted by the column. */
  sorted?: "ascending" | "descending" | undefined;
}) {
  return (
    <th
      scope="col"
      {...tableRoles.columnheader}
      data-align={align}
      data-tight={tight || undefined}
      aria-sort={sorted}
    >
      {phone === "corner" ? <HiddenWords>{label}</HiddenWords> : label}
    </th>
  );
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
