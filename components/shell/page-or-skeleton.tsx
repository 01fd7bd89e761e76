"use client";

import { type ReactNode, useEffect, useState } from "react";
import { PageSkeleton } from "../feedback/page-skeleton.tsx";
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
