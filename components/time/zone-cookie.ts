/** Cookie that tells the server the viewer's zone, so that pages are rendered in it from the first byte. */
export const zoneCookie = "tenantpilot-zone";

/** The zone if this runtime can format it, else UTC. For what comes from a cookie. */
export function usableZone(zone: string | undefined): string {
  if (!zone) return "UTC";
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone ? zone : "UTC";
  } catch {
    return "UTC";
  }
}
