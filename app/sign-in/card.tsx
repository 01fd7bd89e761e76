import type { ReactNode } from "react";
import { Logo } from "#components/ui/logo";
import classes from "./sign-in.module.css";

/** What a page for people who are not signed in is. */
export function Card({ title, text, children }: { title: string; text?: ReactNode; children: ReactNode }) {
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.head}>
          <Logo />
          <h1 className={classes.title}>{title}</h1>
          {text ? <p className={classes.text}>{text}</p> : null}
        </div>
        {children}
      </div>
    </main>
  );
}
