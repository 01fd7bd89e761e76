import { IconFilterOff } from "@tabler/icons-react";
import type { z } from "zod";
import { Note } from "../ui/note.tsx";
import classes from "./data-table.module.css";
import { ignoredIn } from "./ignored-in.ts";

/** Says what of the page's address it does not know and passes over: a list that is longer than asked for would mislead. */
export function IgnoredFilters({
  query,
  known,
}: {
  query: Readonly<Record<string, string | string[] | undefined>>;
  /** What the page reads of its address. */
  known: Readonly<Record<string, z.ZodType>>;
}) {
  const ignored = ignoredIn(query, known);
  if (ignored.length === 0) return null;
  return (
    <div role="status" className={classes.ignored}>
      <Note icon={<IconFilterOff size={18} />} title="Part of the address is not known here">
        {ignored.join(", ")} {ignored.length === 1 ? "is" : "are"} left out: what follows is shown without{" "}
        {ignored.length === 1 ? "it" : "them"}.
      </Note>
    </div>
  );
}
