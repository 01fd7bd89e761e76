import { cookies } from "next/headers";
import { usableZone, zoneCookie } from "#components/time/zone-cookie.ts";
import { sessionUser } from "./session.ts";

/** The zone that the viewer's dates are meant in: the one of their profile, else their browser's. */
export async function viewerZone(): Promise<string> {
  const chosen = (await sessionUser())?.preferences?.time_zone;
  return usableZone(chosen ?? (await cookies()).get(zoneCookie)?.value);
}
