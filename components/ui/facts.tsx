import type { ReactNode } from "react";
import classes from "./facts.module.css";

/** Pairs of a term and its value, in as many columns as fit. Entries without a value are left out. */
export function Facts({ of }: { of: readonly (readonly [term: string, value: ReactNode] | null)[] }) {
  return (
    <dl className={classes.root}>
      {of.map((fact) =>
        fact ? (
          <div key={fact[0]} className={classes.fact}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
