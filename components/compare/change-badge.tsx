import type { ItemChange } from "#lib/compare/schema";
import classes from "./change-badge.module.css";

const signs: Record<ItemChange, string> = {
  added: "+",
  removed: "−",
  changed: "~",
  not_captured: "?",
  unchanged: "=",
};

/** What became of something, as sign, word and colour. */
export function ChangeBadge({ change, label }: { change: ItemChange; label: string }) {
  return (
    <span className={classes.badge} data-change={change}>
      <ChangeSign change={change} /> {label}
    </span>
  );
}

/** The sign alone; a word must stand beside it. */
export function ChangeSign({ change }: { change: ItemChange }) {
  return (
    <span className={classes.sign} data-change={change} aria-hidden>
      {signs[change]}
    </span>
  );
}
