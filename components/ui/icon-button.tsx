import type { ComponentProps } from "react";
import classes from "./icon-button.module.css";

export interface IconButtonProps extends ComponentProps<"button"> {
  /** What it does: the icon says nothing to a screen reader. */
  "aria-label": string;
  /** Height and width: 24, 30 or 34 px. */
  size?: "sm" | "md" | "lg";
  /** With a border, as the buttons beside it have. */
  bordered?: boolean;
  /** Its act is under way: a ring turns in place of the icon, and it cannot be pressed. */
  busy?: boolean;
}

/** A button that is an icon. */
export function IconButton({
  size = "md",
  bordered = false,
  busy = false,
  className,
  onClick,
  children,
  ...props
}: IconButtonProps) {
  return (
    <button
      type="button"
      {...props}
      className={className ? `${classes.root} ${className}` : classes.root}
      data-size={size}
      data-bordered={bordered || undefined}
      data-busy={busy || undefined}
      aria-busy={busy || undefined}
      // Not `disabled`: a button that is loses the focus.
      aria-disabled={busy || undefined}
      onClick={busy ? undefined : onClick}
    >
      {children}
    </button>
  );
}
