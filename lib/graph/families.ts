/**
 * The groups of Graph endpoints that share one throttling budget a tenant. Source of the numbers: Microsoft
 * Graph service-specific throttling limits (Intune: 1000 requests in 20 s per app and tenant; conditional
 * access and named locations: 1 request a second per tenant; identity and access reports, to which Entra's audit log
 * belongs: 5 requests in 10 s per app and tenant).
 */
export const throttleFamilies = ["intune", "conditionalAccess", "entra", "auditLogs"] as const;

export type ThrottleFamily = (typeof throttleFamilies)[number];

/** How many requests fit into a sliding window. */
export interface Budget {
  requests: number;
  windowMs: number;
}

/**
 * What Graph grants each family. The one of `entra` is ours: Graph's own (130,000 in 10 s) is never reached.
 * `auditLogs` has Intune's audit log in it too, although Graph counts that with Intune: a throttled look at who changed
 * what must never slow a backup down.
 */
export const familyBudgets: Record<ThrottleFamily, Budget> = {
  intune: { requests: 1000, windowMs: 20_000 },
  conditionalAccess: { requests: 1, windowMs: 1_000 },
  entra: { requests: 500, windowMs: 10_000 },
  auditLogs: { requests: 5, windowMs: 10_000 },
};

/** The family of a Graph path such as `deviceManagement/intents/…` (no leading slash, no version). */
export function familyOf(path: string): ThrottleFamily {
  if (/^(deviceManagement\/auditEvents|auditLogs)(\/|\?|$)/i.test(path)) return "auditLogs";
  if (/^(deviceManagement|deviceAppManagement)(\/|\?|$)/i.test(path)) return "intune";
  if (/^identity\/conditionalAccess(\/|\?|$)/i.test(path)) return "conditionalAccess";
  return "entra";
}
