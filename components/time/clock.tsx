"use client";

import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import type { HourClock } from "#lib/access/preferences-schema";
import { zoneCookie } from "./zone-cookie.ts";

const tickMs = 10_000;

// Apart from each other: what shows a zone alone stays as it is when time moves on.
const ZoneContext = createContext("UTC");
const HourClockContext = createContext<HourClock>("24");
const NowContext = createContext(0);

/**
 * The viewer's zone, clock of 24 or 12 hours, and the present moment. The first render uses what the server used, so that hydration
 * finds the same text; the browser's own zone (unless the viewer chose one) and clock take over right after.
 */
export function ClockProvider({
  zone: firstZone,
  chosenZone,
  hourClock,
  now: firstNow,
  children,
}: {
  zone: string;
  chosenZone: string | null;
  hourClock: HourClock;
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
      <HourClockContext.Provider value={hourClock}>
        <NowContext.Provider value={now}>{children}</NowContext.Provider>
      </HourClockContext.Provider>
    </ZoneContext.Provider>
  );
}

/** The viewer's IANA zone. */
export function useViewerZone(): string {
  return useContext(ZoneContext);
}

/** Whether the viewer reads times on a clock of 24 or of 12 hours. */
export function useHourClock(): HourClock {
  return useContext(HourClockContext);
}

/** The present moment in milliseconds since the epoch; moves on every ten seconds. */
export function useNow(): number {
  return useContext(NowContext);
}
