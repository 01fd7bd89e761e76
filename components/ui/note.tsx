import type { ReactNode } from "react";
import classes from "./note.module.css";

/** A calm banner: what is special about the thing on this page. */
export function Note({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <div className={classes.root}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <div>
        <p className={classes.title}>{title}</p>
        <p className={classes.text}>{children}</p>
      </div>
    </div>
  );
}
