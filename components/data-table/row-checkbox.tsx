"use client";

import { type ComponentProps, useEffect, useRef } from "react";
import classes from "./row-checkbox.module.css";

/** The checkbox that selects a row, or all of them: the browser's own, for there are many. */
export function RowCheckbox({
  indeterminate = false,
  ...props
}: Omit<ComponentProps<"input">, "type" | "className"> & {
  "aria-label": string;
  /** Some of what it stands for is selected, and some is not. */
  indeterminate?: boolean;
}) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = indeterminate;
  }, [indeterminate]);
  return <input {...props} ref={box} type="checkbox" className={classes.box} />;
}
