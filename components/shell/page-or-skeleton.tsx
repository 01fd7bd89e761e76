"use client";

import { type ReactNode, useEffect, useState } from "react";
import { PageSkeleton } from "../feedback/page-skeleton.tsx";
import { useUnderWay } from "./navigation.tsx";
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
  return (
    <>
      {underWay ? <div className={classes.bar} aria-hidden /> : null}
      {late ? <PageSkeleton /> : null}
      <div hidden={late} aria-busy={underWay !== null}>
        {children}
      </div>
    </>
  );
}
