import type { ReactNode } from "react";
import classes from "./panel.module.css";

/** A bordered surface with an optional heading. */
export function Panel({
  title,
  action,
  flush,
  children,
}: {
  title?: ReactNode;
  action?: ReactNode;
  /** Content reaches the border: tables and lists. */
  flush?: boolean;
  children: ReactNode;
}) {
  return (
    <section className={classes.root}>
      {title ? (
        <div className={classes.head}>
          <h2 className={classes.title}>{title}</h2>
          {action}
        </div>
      ) : null}
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  );
}
