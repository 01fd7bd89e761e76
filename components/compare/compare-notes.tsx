import { IconInfoCircle } from "@tabler/icons-react";
import classes from "./compare-notes.module.css";

/** What a reader should know before trusting the counts. */
export function CompareNotes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className={classes.root}>
      {notes.map((note) => (
        <li key={note} className={classes.note}>
          <IconInfoCircle size={16} aria-hidden className={classes.icon} />
          {note}
        </li>
      ))}
    </ul>
  );
}
