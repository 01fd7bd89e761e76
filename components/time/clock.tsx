"use client";

import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { zoneCookie } from "./zone-cookie.ts";

const tickMs = 10_000;

// Apart from each other: what shows a zone alone stays as it is when time moves on.
const ZoneContext = createContext("UTC");
const NowContext = createContext(0);

/**
 * The viewer's zone and the present moment. The first render uses what the server used, so that hydration
 * finds the same text; the browser's own zone (unless the viewer chose one) and clock take over right after.
 */
export function ClockProvider({
  zone: firstZone,
  chosenZone,
  now: firstNow,
  children,
}: {
  zone: string;
  chosenZone: string | null;
  now: number;
  children: ReactNode;
}) {
  const [ownZone, setOwnZone] = useState(firstZone);
  const zone = chosenZone ?? ownZone;
  const [now, setNow] = useState(firstNow);
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    setOwnZone(own);
    // The server knows already, from this cookie or from the person's choice: writing it again would only take time.
    if ((chosenZone ?? own) === firstZone) return;
    const told = encodeURIComponent(chosenZone ?? own);
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
    document.cookie = `${zoneCookie}=${told}; path=/; max-age=31536000; samesite=lax`;
  }, [chosenZone, firstZone]);
  useEffect(() => {
    const tick = () => setNow(Date.now());
    // The server's moment is good enough for a start, unless its clock or the network is slow.
    if (Math.abs(Date.now() - firstNow) > tickMs) tick();
    const timer = setInterval(tick, tickMs);
    return () => clearInterval(timer);
  }, [firstNow]);
  return (
    <ZoneContext.Provider value={zone}>
      <NowContext.Provider value={now}>{children}</NowContext.Provider>
    </ZoneContext.Provider>
  );
}

/** The viewer's IANA zone. */
export function useViewerZone(): string {
  return useContext(ZoneContext);
}

/** The present moment in milliseconds since the epoch; moves on every ten seconds. */
export function useNow(): number {
  return useContext(NowContext);
}
