import type { ReactNode } from "react";
import { Link } from "../navigation/link.tsx";
import classes from "./data-table.module.css";
import { type DataColumn, HeadCell } from "./data-table.tsx";

/** The heading of a column that sorts. */
export function SortCell({
  column,
  direction,
  href,
  icon,
}: {
  column: Omit<DataColumn<never>, "cell">;
  /** How the table is sorted by this column now; null where it is by another. */
  direction: "asc" | "desc" | null;
  /** The table sorted by this column, or the other way round. */
  href: string;
  /** Beside the label. */
  icon: ReactNode;
}) {
  const label = (
    <Link className={classes.sort} scroll={false} replace href={href}>
      {column.label}
      {icon}
    </Link>
  );
  return <HeadCell column={{ ...column, label }} sorted={direction ? ariaSort[direction] : undefined} />;
}

const ariaSort = { asc: "ascending", desc: "descending" } as const;
