import type { ReactNode } from "react";
import { findType } from "#lib/policies/catalog";
import classes from "./type-groups.module.css";

/** Policies under the headings of their types, both in the order in which they come. */
export function TypeGroups<T extends { policy_type: string; kind: string }>({
  rows,
  idPrefix,
  item,
}: {
  rows: readonly T[];
  /** Makes the headings' ids unique on the page. */
  idPrefix: string;
  /** The `li` of a row. */
  item: (row: T) => ReactNode;
}) {
  return (
    <div className={classes.root}>
      {[...Map.groupBy(rows, (row) => row.policy_type)].map(([type, ofType]) => (
        <section key={type} aria-labelledby={`${idPrefix}-${type}`}>
          <h2 className={classes.heading} id={`${idPrefix}-${type}`}>
            {findType(type)?.label ?? type}
            {ofType[0]?.kind === "foundation" ? <span className={classes.kind}>foundation</span> : null}
          </h2>
          <ul className={classes.list}>{ofType.map(item)}</ul>
        </section>
      ))}
    </div>
  );
}
