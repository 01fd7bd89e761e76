import { auditEventsRead } from "#lib/limits";
import { type AuditEvent, entraEvent, intuneEvent } from "./audit-events-shape.ts";
import type { GraphClient } from "./client.ts";
import { GraphError } from "./errors.ts";
import type { GraphObject } from "./shape.ts";

/** Microsoft's audit logs that tell who changed a policy: Intune's and Entra's. */
export const auditLogs = ["intune", "entra"] as const;
export type AuditLog = (typeof auditLogs)[number];

/** The application permission that reads each log, and others that do as well. Sources: Microsoft's API reference. */
const permissions: Record<AuditLog, { permission: string; alsoGrantedBy: readonly string[] }> = {
  intune: {
    permission: "DeviceManagementApps.Read.All",
    alsoGrantedBy: ["DeviceManagementApps.ReadWrite.All"],
  },
  entra: { permission: "AuditLog.Read.All", alsoGrantedBy: [] },
};

/** Whether the token may read an audit log. */
export interface AuditLogPermission {
  log: AuditLog;
  granted: boolean;
  /** The permission to grant. */
  permission: string;
}

/**
 * What the token's roles allow of the audit logs; no request is needed to know. They are optional: a backup is whole
 * without them.
 * @param roles application permissions, as `GraphClient.roles` returns them
 */
export function auditLogPermissions(roles: readonly string[]): AuditLogPermission[] {
  const granted = new Set(roles.map((role) => role.toLowerCase()));
  return auditLogs.map((log) => {
    const { permission, alsoGrantedBy } = permissions[log];
    const sufficient = [permission, ...alsoGrantedBy].map((each) => each.toLowerCase());
    return { log, permission, granted: sufficient.some((each) => granted.has(each)) };
  });
}

/** How much of a log is read at most. */
export interface AuditLogLimits {
  events: number;
  pages: number;
}

/** Ten pages of 200 in the common case; twice as many if Graph makes its pages smaller. */
const defaultLimits: AuditLogLimits = { events: auditEventsRead, pages: 20 };
const pageSize = 200;

/** What was found in a log, newest first within each of its parts. */
export interface AuditLogExtract {
  events: AuditEvent[];
  /** There are more events than the limits allow, or the pages broke off: older ones were not read. */
  cut: boolean;
  /** Why reading ended early; what was found until then is in `events`. */
  error: GraphError | null;
}

/**
 * Reads who changed what within a time from an audit log. Newest first, so that a bound leaves the oldest out. Nothing
 * of an event is kept but what happened to which object, when, and by whom: no addresses, no values.
 * @param window both ends belong to it
 * @throws whatever the client's signal was aborted with; what Graph does wrong comes back as `error`
 */
export async function readAuditLog(
  client: Pick<GraphClient, "pages">,
  log: AuditLog,
  window: { from: Date; to: Date },
  limits: AuditLogLimits = defaultLimits,
): Promise<AuditLogExtract> {
  const extract: AuditLogExtract = { events: [], cut: false, error: null };
  const left = { ...limits };
  const read = log === "intune" ? intuneEvent : entraEvent;
  try {
    for (const path of pathsOf(log, window)) await readPages(client, path, read, left, extract);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    if (error.code === "INCOMPLETE_CAPTURE") extract.cut = true;
    else extract.error = error;
  }
  return extract;
}

async function readPages(
  client: Pick<GraphClient, "pages">,
  path: string,
  read: (object: GraphObject) => AuditEvent | null,
  left: AuditLogLimits,
  extract: AuditLogExtract,
): Promise<void> {
  if (left.pages <= 0 || left.events <= 0) {
    extract.cut = true;
    return;
  }
  for await (const page of client.pages(path, "v1.0")) {
    left.pages -= 1;
    for (const object of page.value.slice(0, left.events)) {
      const event = read(object);
      if (event) extract.events.push(event);
    }
    const more = page.nextLink !== null || page.value.length > left.events;
    left.events -= page.value.length;
    if (more && (left.pages <= 0 || left.events <= 0)) {
      extract.cut = true;
      return;
    }
  }
}

/**
 * Entra files policy changes under three categories (Microsoft: "Audit log categories and activities"): conditional
 * access, named locations and security defaults under Policy; authentication methods and strengths under
 * ApplicationManagement, of which only that service's events are wanted; the authorization policy under its own. One
 * request each, since `or` is not among the operators that directoryAudits documents.
 */
const entraCategories = [
  "category eq 'Policy'",
  "category eq 'ApplicationManagement' and loggedByService eq 'Authentication Methods'",
  "category eq 'AuthorizationPolicy'",
];

function pathsOf(log: AuditLog, { from, to }: { from: Date; to: Date }): string[] {
  const within = `activityDateTime ge ${from.toISOString()} and activityDateTime le ${to.toISOString()}`;
  // Reads are a large part of Intune's log.
  return log === "intune"
    ? [pathOf("deviceManagement/auditEvents", `${within} and activityOperationType ne 'Get'`)]
    : entraCategories.map((category) => pathOf("auditLogs/directoryAudits", `${category} and ${within}`));
}

function pathOf(collection: string, filter: string): string {
  return (
    `${collection}?$filter=${encodeURIComponent(filter)}` +
    `&$orderby=${encodeURIComponent("activityDateTime desc")}&$top=${pageSize}`
  );
}
