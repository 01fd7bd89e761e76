"use client";

import { Skeleton } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { useUnderWay } from "../navigation/navigation.tsx";
import classes from "./page-or-skeleton.module.css";

/** Who waits longer for a page sees that it is coming. */
const patienceMs = 300;

/** The page; and while the next one lets them wait, a bar at the top and the shape of a page. */
export function PageOrSkeleton({ children }: { children: ReactNode }) {
  const underWay = useUnderWay();
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (underWay !== "page") return setLate(false);
    const patience = setTimeout(() => setLate(true), patienceMs);
    return () => clearTimeout(patience);
  }, [underWay]);
  // Not `late` alone: the next page must not come in hidden. Next.js scrolls to it as it comes, and cannot to what has
  // no place; it would do so later, with the first refresh, under the eyes of somebody who reads.
  const waiting = late && underWay === "page";
  return (
    <>
      {underWay ? <div className={classes.bar} aria-hidden /> : null}
      {waiting ? <PageSkeleton /> : null}
      <div hidden={waiting} aria-busy={underWay !== null}>
        {children}
      </div>
    </>
  );
}

/** The shape of a list page while its data is on the way: heading, filters and rows stand where they will stand. */
function PageSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className={classes.page}>
      <div className={classes.heading}>
        <Skeleton height={24} width="13rem" />
      </div>
      <div className={classes.filters}>
        <Skeleton height={36} className={classes.search} />
        <Skeleton height={36} width={150} />
      </div>
      <div className={classes.frame}>
        <div className={classes.head} />
        {Array.from({ length: rows }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
          <div key={row} className={classes.row}>
            <Skeleton height={12} width={`${34 - ((row * 7) % 12)}%`} />
            <Skeleton height={12} width="18%" />
            <Skeleton height={12} width="12%" />
          </div>
        ))}
      </div>
    </div>
  );
}
