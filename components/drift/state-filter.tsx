import type { DriftFilter, DriftSummary } from "#lib/drift/schema";
import { Link } from "../navigation/link.tsx";
import classes from "./drift.module.css";
import { driftFilterLabels } from "./drift-words.ts";

const shown = ["new", "denied", "accepted", "gone"] as const;

/** The states with their counts, each a link to the differences in it alone. */
export function StateFilter({
  counts,
  current,
  hrefOf,
}: {
  counts: Pick<DriftSummary, "new" | "denied" | "accepted">;
  /** Undefined: every difference that there is. */
  current: DriftFilter | undefined;
  hrefOf: (state: DriftFilter | undefined) => string;
}) {
  return (
    <nav aria-label="State" className={classes.chips}>
      <Chip
        href={hrefOf(undefined)}
        isCurrent={current === undefined}
        count={counts.new + counts.denied + counts.accepted}
      >
        All differences
      </Chip>
      <Chip href={hrefOf("active")} isCurrent={current === "active"} count={counts.new + counts.denied}>
        {driftFilterLabels.active}
      </Chip>
      {shown.map((state) => (
        <Chip
          key={state}
          href={hrefOf(state)}
          isCurrent={current === state}
          count={state === "gone" ? null : counts[state]}
        >
          {driftFilterLabels[state]}
        </Chip>
      ))}
    </nav>
  );
}

function Chip({
  href,
  isCurrent,
  count,
  children,
}: {
  href: string;
  isCurrent: boolean;
  count: number | null;
  children: string;
}) {
  return (
    <Link className={classes.chip} href={href} aria-current={isCurrent ? "page" : undefined} scroll={false}>
      {children}
      {count === null ? null : <span className={classes.count}>{count.toLocaleString("en")}</span>}
    </Link>
  );
}
