"use client";

import { IconChevronDown } from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";
import classes from "./phone-fold.module.css";

/** What a phone shows when asked to, and wider screens always: nice to see, but not what one looks for on the way. */
export function PhoneFold({ label, children }: { label: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <div className={classes.root} data-open={open || undefined}>
      <button
        type="button"
        className={classes.button}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {label}
        <IconChevronDown size={16} aria-hidden />
      </button>
      <div id={id} className={classes.content}>
        {children}
      </div>
    </div>
  );
}
