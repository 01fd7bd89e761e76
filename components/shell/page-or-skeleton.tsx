"use client";

import { Skeleton } from "@mantine/core";
import { usePathname } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { useUnderWay } from "../navigation/navigation.tsx";
import classes from "./page-or-skeleton.module.css";

/** Who waits longer for a page sees that it is coming. */
const patienceMs = 300;

/** The page; and while the next one lets them wait, a bar at the top and the shape of a page. */
export function PageOrSkeleton({ children }: { children: ReactNode }) {
  const underWay = useUnderWay();
  const pathname = usePathname();
  // The page that is left, once its reader has waited long enough.
  const [left, setLeft] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is that of the page on which the way began
  useEffect(() => {
    if (underWay !== "page") return setLeft(null);
    const patience = setTimeout(() => setLeft(pathname), patienceMs);
    return () => clearTimeout(patience);
  }, [underWay]);
  // Only the page that is left: the next one must not come in hidden, which it would where it comes together with a refresh,
  // and is still under way for a moment. Its field could not take the focus then; and Next.js, which scrolls to a page as it
  // comes, cannot to what has no place: it would do so later, with the first refresh, under the eyes of somebody who reads.
  const waiting = underWay === "page" && left === pathname;
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
