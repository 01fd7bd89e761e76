import type { ReactNode } from "react";
import { Link } from "../navigation/link.tsx";
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

/** How the heading of a column sorts. */
export interface Sorting {
  /** How the table is sorted by this column now; null where it is by another. */
  direction: "asc" | "desc" | null;
  /** Where the heading leads: the table sorted by this column, or the other way round. */
  href: string;
  /** Beside the label. */
  icon: ReactNode;
}

/** A plain table of rows that are already sorted and paged by the database. Rendered on the server. */
export function DataTable<T, C extends DataColumn<T>>({
  label,
  columns,
  rows,
  rowKey,
  bare = false,
  sortingOf = () => null,
}: {
  /** What the table lists, for screen readers. */
  label: string;
  columns: readonly C[];
  rows: readonly T[];
  rowKey: (row: T) => string | number;
  /** Without a border of its own, inside a Panel. */
  bare?: boolean;
  /** Null for a column that nothing is sorted by. */
  sortingOf?: (column: C) => Sorting | null;
}) {
  return (
    <Table
      label={label}
      bare={bare}
      head={columns.map((column) => (
        <HeadCell key={column.key} column={column} sorting={sortingOf(column)} />
      ))}
    >
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

/** The heading of a column; a link where it sorts. */
export function HeadCell({
  column: { label, align, tight, phone },
  sorting = null,
}: {
  column: Pick<DataColumn<unknown>, "align" | "tight" | "phone"> & { label: ReactNode };
  sorting?: Sorting | null;
}) {
  return (
    <th
      scope="col"
      {...tableRoles.columnheader}
      data-align={align}
      data-tight={tight || undefined}
      aria-sort={sorting?.direction ? ariaSort[sorting.direction] : undefined}
    >
      {sorting ? (
        <Link className={classes.sort} scroll={false} replace href={sorting.href}>
          {label}
          {sorting.icon}
        </Link>
      ) : phone === "corner" ? (
        <HiddenWords>{label}</HiddenWords>
      ) : (
        label
      )}
    </th>
  );
}

const ariaSort = { asc: "ascending", desc: "descending" } as const;

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
