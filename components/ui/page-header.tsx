import type { ReactNode } from "react";
import { Link } from "../navigation/link.tsx";
import classes from "./page-header.module.css";

/** Title of a page, the way back up, and what one can do here. */
export function PageHeader({
  title,
  back,
  children,
  beside,
  actions,
}: {
  title: ReactNode;
  back?: { href: string; label: string };
  /** A sentence below the title. */
  children?: ReactNode;
  /** Beside the title: a status. */
  beside?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className={classes.root}>
      <div className={classes.words}>
        {back ? (
          <Link href={back.href} className={classes.back}>
            <span aria-hidden>←</span> {back.label}
          </Link>
        ) : null}
        <div className={classes.line}>
          <h1 className={classes.title}>{title}</h1>
          {beside}
        </div>
        {children ? <div className={classes.text}>{children}</div> : null}
      </div>
      {actions ? <div className={classes.actions}>{actions}</div> : null}
    </header>
  );
}
