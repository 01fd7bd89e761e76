import { IconArrowsLeftRight, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "#components/navigation/link";
import { AbsoluteTime } from "#components/time/instant";
import type { ComparedSet } from "#lib/compare/schema";
import { SetChooser } from "./set-chooser.tsx";
import classes from "./sides.module.css";

/** One side of a comparison: the set that stands there, and how to put another in its place. */
export interface CompareSide {
  label: string;
  tenantId: number;
  set: ComparedSet | null;
  /** Its schedule's sets come first among those to choose. */
  scheduleId?: number | undefined;
  /** Where another set leads: the address with `SET` in place of its id. */
  hrefPattern: string;
  /** Above the set: a choice of tenant. */
  above?: ReactNode;
}

/** Both sides of a comparison, each to be chosen anew, and a way to swap them. */
export function CompareSides({
  left,
  right,
  swapHref,
}: {
  left: CompareSide;
  right: CompareSide;
  swapHref: string | null;
}) {
  return (
    <div className={classes.sides}>
      <Side side={left} other={right} />
      {swapHref ? (
        <Link className={classes.swap} href={swapHref} aria-label="Swap both sets" title="Swap both sets">
          <IconArrowsLeftRight size={16} aria-hidden />
        </Link>
      ) : (
        <span className={classes.gap} />
      )}
      <Side side={right} other={left} />
    </div>
  );
}

function Side({
  side: { label, tenantId, set, scheduleId, hrefPattern, above },
  other,
}: {
  side: CompareSide;
  other: CompareSide;
}) {
  return (
    <div className={classes.side}>
      <div className={classes.label}>{label}</div>
      {above}
      <SetChooser
        label={set ? `${label}, choose another set: ` : `${label}: `}
        tenantId={tenantId}
        currentSetId={set?.id ?? null}
        otherSetId={other.set?.id ?? null}
        scheduleId={scheduleId}
        hrefPattern={hrefPattern}
      >
        {set ? (
          <>
            <span className={classes.set}>
              Set {set.id} <span className={classes.schedule}>{set.schedule_name}</span>
            </span>
            <span className={classes.made}>
              <AbsoluteTime at={set.created_at} />
              {set.status === "partial" ? <span>Partial</span> : null}
              {set.deleted_at ? <span>In the bin</span> : null}
              <span>
                {set.item_count} {set.item_count === 1 ? "item" : "items"}
              </span>
            </span>
          </>
        ) : (
          <span className={classes.set}>Choose a set</span>
        )}
      </SetChooser>
    </div>
  );
}

/** What a reader should know before trusting the counts, and where what is missing can be seen. */
export function CompareNotes({
  notes,
  elsewhere = [],
}: {
  notes: readonly string[];
  elsewhere?: readonly { words: string; link: string; href: string }[];
}) {
  if (notes.length + elsewhere.length === 0) return null;
  return (
    <ul className={classes.notes}>
      {notes.map((note) => (
        <li key={note} className={classes.note}>
          <IconInfoCircle size={16} aria-hidden className={classes.icon} />
          {note}
        </li>
      ))}
      {elsewhere.map(({ words, link, href }) => (
        <li key={href} className={classes.note}>
          <IconInfoCircle size={16} aria-hidden className={classes.icon} />
          <span>
            {words} <Link href={href}>{link}</Link>
          </span>
        </li>
      ))}
    </ul>
  );
}
