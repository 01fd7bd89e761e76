import { Link } from "#components/navigation/link";
import type { ChangeCounts, ItemChange } from "#lib/compare/schema";
import { ChangeSign } from "../change-marks.tsx";
import { changeOrder, differenceCount } from "../compare-words.ts";
import classes from "./change-filter.module.css";

/** The kinds of change with their counts, each a link to the list of those alone. */
export function ChangeFilter({
  counts,
  current,
  labels,
  hrefOf,
}: {
  /** Null where they are not known: without numbers then. */
  counts: ChangeCounts | null;
  /** The kind that is shown; undefined: every change. */
  current: ItemChange | undefined;
  labels: Record<ItemChange, string>;
  hrefOf: (change: ItemChange | undefined) => string;
}) {
  const all = counts && differenceCount(counts);
  const shown = changeOrder.filter(
    (change) => change !== "not_captured" || current === change || (counts?.not_captured ?? 1) > 0,
  );
  return (
    <nav aria-label="Kind of change" className={classes.root}>
      <Link
        className={classes.chip}
        href={hrefOf(undefined)}
        aria-current={current === undefined ? "page" : undefined}
        scroll={false}
      >
        All differences {all === null ? null : <span className={classes.count}>{all}</span>}
      </Link>
      {shown.map((change) => (
        <Link
          key={change}
          className={classes.chip}
          href={hrefOf(change)}
          aria-current={current === change ? "page" : undefined}
          data-none={counts?.[change] === 0 || undefined}
          scroll={false}
        >
          <ChangeSign change={change} />
          {labels[change]} {counts ? <span className={classes.count}>{counts[change]}</span> : null}
        </Link>
      ))}
    </nav>
  );
}
