"use client";

import { useEffect, useState } from "react";
import { useNow } from "#components/time/clock";
import { durationText } from "#components/time/format.ts";

/** How long something has been going on; counts the seconds. */
export function Elapsed({ since }: { since: string }) {
  const coarse = useNow();
  const [now, setNow] = useState(coarse);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <span className="tp-nums">{durationText(Math.max(0, now - new Date(since).getTime()))}</span>;
}
