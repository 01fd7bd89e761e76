import { cookies } from "next/headers";
import { usableZone, zoneCookie } from "#components/time/zone-cookie.ts";
import { defaultPreferences, type HourClock } from "#lib/access/preferences-schema";
import { sessionUser } from "./session.ts";

/** The zone that the viewer's dates are meant in, the one of their profile, else their browser's; and the clock. */
export async function viewerTime(): Promise<{ zone: string; clock: HourClock }> {
  const { time_zone, hour_clock } = (await sessionUser())?.preferences ?? defaultPreferences;
  return { zone: usableZone(time_zone ?? (await cookies()).get(zoneCookie)?.value), clock: hour_clock };
}
