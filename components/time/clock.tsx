"use client";

import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { zoneCookie } from "./zone-cookie.ts";

const tickMs = 10_000;

const ClockContext = createContext<{ zone: string; now: number }>({ zone: "UTC", now: 0 });

/**
 * The viewer's zone and the present moment. The first render uses what the server used, so that hydration
 * finds the same text; the browser's own zone and clock take over right after.
 */
export function ClockProvider({
  zone: firstZone,
  now: firstNow,
  children,
}: {
  zone: string;
  now: number;
  children: ReactNode;
}) {
  const [zone, setZone] = useState(firstZone);
  const [now, setNow] = useState(firstNow);
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    setZone(own);
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
    document.cookie = `${zoneCookie}=${encodeURIComponent(own)}; path=/; max-age=31536000; samesite=lax`;
    const tick = () => setNow(Date.now());
    tick();
    const timer = setInterval(tick, tickMs);
    return () => clearInterval(timer);
  }, []);
  return <ClockContext.Provider value={{ zone, now }}>{children}</ClockContext.Provider>;
}

/** The viewer's IANA zone. */
export function useViewerZone(): string {
  return useContext(ClockContext).zone;
}

/** The present moment in milliseconds since the epoch; moves on every ten seconds. */
export function useNow(): number {
  return useContext(ClockContext).now;
}
