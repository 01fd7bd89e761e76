/**
 * The groups of Graph endpoints that share one throttling budget a tenant. Source of the numbers: "Microsoft Graph
 * service-specific throttling limits" of Microsoft's documentation, where it has any.
 */
export const throttleFamilies = [
  "intune",
  "admx",
  "conditionalAccess",
  "entra",
  "cloudPc",
  "auditLogs",
] as const;

export type ThrottleFamily = (typeof throttleFamilies)[number];

/** How many requests fit into a sliding window. */
export interface Budget {
  requests: number;
  windowMs: number;
  /** The share of it to begin with, where the true limit is not known: good answers let it grow. */
  startShare?: number;
}

/**
 * What Graph grants each family, an app and tenant.
 * - `intune`: 1000 requests in 20 s. Microsoft states it for each area of Intune (applications, device configuration,
 *   enrollment, …); we keep all of them together within one.
 * - `admx`: administrative templates. The same number on paper; in life they answered 429 for months at one request in
 *   five seconds (IntuneBackupAndRestore, issue 95), while all else passed. So they begin at 20 in 20 s, and their
 *   refusals slow nothing but themselves.
 * - `conditionalAccess`: 1 request a second a tenant, counted over all apps, named locations included.
 * - `entra`: identity and access is a bucket of resource units by the tenant's size: 3,500, 5,000 or 8,000 in 10 s. A
 *   list of groups or users costs 1 to 3, getByIds 3, so that 500 requests stay below the smallest.
 * - `cloudPc`: Windows 365 lies below deviceManagement and is a service of its own; Microsoft states no number. Ours.
 * - `auditLogs`: identity and access reports, 5 requests in 10 s. Intune's audit log counts with it here, although Graph
 *   counts that with Intune: a throttled look at who changed what must never slow a backup down.
 */
export const familyBudgets: Record<ThrottleFamily, Budget> = {
  intune: { requests: 1000, windowMs: 20_000 },
  admx: { requests: 400, windowMs: 20_000, startShare: 0.05 },
  conditionalAccess: { requests: 1, windowMs: 1_000 },
  entra: { requests: 500, windowMs: 10_000 },
  cloudPc: { requests: 200, windowMs: 20_000 },
  auditLogs: { requests: 5, windowMs: 10_000 },
};

/** The family of a Graph path such as `deviceManagement/intents/…` (no leading slash, no version). */
export function familyOf(path: string): ThrottleFamily {
  if (/^(deviceManagement\/auditEvents|auditLogs)(\/|\?|$)/i.test(path)) return "auditLogs";
  if (/^deviceManagement\/groupPolicy/i.test(path)) return "admx";
  if (/^deviceManagement\/virtualEndpoint(\/|\?|$)/i.test(path)) return "cloudPc";
  if (/^(deviceManagement|deviceAppManagement)(\/|\?|$)/i.test(path)) return "intune";
  if (/^identity\/conditionalAccess(\/|\?|$)/i.test(path)) return "conditionalAccess";
  return "entra";
}
