import type { ReactNode } from "react";
import classes from "./badge.module.css";

/** What a status means to who reads it; app/globals.css has its colors. */
export type Tone = "neutral" | "info" | "success" | "warning" | "danger";

/** A status as icon or sign, word and color: color is never the only sign. */
export function Badge({
  tone,
  icon,
  title,
  close = false,
  children,
}: {
  tone: Tone;
  icon: ReactNode;
  /** Says more, on hover. */
  title?: string | undefined;
  /** Takes less room: one of several that stand together. */
  close?: boolean;
  children: ReactNode;
}) {
  return (
    <span className={classes.badge} data-tone={tone} data-close={close || undefined} title={title}>
      {icon} {children}
    </span>
  );
}
