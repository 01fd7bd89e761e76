import type { ReactNode } from "react";
import classes from "./empty-state.module.css";

/** What stands where there is nothing yet: what would be here, and how to get it. */
export function EmptyState({
  icon,
  title,
  children,
  action,
  heading: Heading = "h2",
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** `h1` where this is the whole page. */
  heading?: "h1" | "h2";
}) {
  return (
    <div className={classes.root}>
      {icon ? (
        <div className={classes.icon} aria-hidden>
          {icon}
        </div>
      ) : null}
      <Heading className={classes.title}>{title}</Heading>
      {children ? <p className={classes.text}>{children}</p> : null}
      {action ? <div className={classes.action}>{action}</div> : null}
    </div>
  );
}
