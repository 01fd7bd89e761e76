import type { AuditRecord } from "./audit-trail.ts";
import type { Family, Version } from "./collections.ts";
import { GraphError, intuneMessage, type RequestIds } from "./http-error.ts";
import type { GraphObject } from "./json.ts";
import { nextLink } from "./next-link.ts";
import { parseQuery } from "./odata-query.ts";

/** An audit log: it looks like a collection, and only grows. */
export interface AuditLogSpec {
  path: string;
  versions: readonly Version[];
  family: Family;
  /** Application permissions of which any one suffices; the ReadWrite form of each does too. */
  permissions: readonly string[];
  pageSize: number;
  /** Whether the log records what happens in a collection. */
  tellsOf(collection: string): boolean;
  /** What was done, as an event of this log. */
  shape(record: AuditRecord): GraphObject;
}

const isIntune = (collection: string) => /^device(App)?Management\//.test(collection);

/** Graph writes seven digits of a second. */
const instant = (at: number) => new Date(at).toISOString().replace("Z", "0000Z");

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

const INTUNE_VERBS = { create: "Create", update: "Patch", delete: "Delete" } as const;

function intuneCategory(collection: string): string {
  if (collection.startsWith("deviceAppManagement/")) return "Application";
  if (/compliance/i.test(collection)) return "Compliance";
  if (/enrollment|autopilot/i.test(collection)) return "Enrollment";
  if (/role/i.test(collection)) return "Role";
  return "DeviceConfiguration";
}

/** A person works with Intune through its console, and the log names both. */
function intuneEvent({ id, at, actor, operation, succeeded, collection, object }: AuditRecord): GraphObject {
  const verb = INTUNE_VERBS[operation];
  const type = capital(object.type);
  const person = actor.kind === "user";
  return {
    id,
    displayName: `${verb} ${type}`,
    componentName: intuneCategory(collection),
    activity: null,
    activityDateTime: instant(at),
    activityType: `${verb} ${type}`,
    activityOperationType: verb,
    activityResult: succeeded ? "Success" : "Failure",
    correlationId: id,
    category: intuneCategory(collection),
    actor: {
      type: null,
      auditActorType: person ? "ItPro" : "Application",
      userPermissions: person ? ["*"] : [],
      applicationId: person ? "5926fc8e-304e-4f59-8bed-58ca97cc39a4" : actor.id,
      applicationDisplayName: person ? "Microsoft Intune portal extension" : actor.name,
      userPrincipalName: person ? actor.name : null,
      servicePrincipalName: null,
      ipAddress: null,
      userId: person ? actor.id : null,
    },
    resources: [
      {
        displayName: object.name === "" ? "<null>" : object.name,
        auditResourceType: type,
        resourceId: object.id.toUpperCase(),
        modifiedProperties: [],
      },
    ],
  };
}

interface EntraService {
  collection: RegExp;
  category: string;
  service: string;
  activity: Record<AuditRecord["operation"], string>;
  /** The log names another id than the object's own. */
  otherId?: true;
}

const named = (thing: string): EntraService["activity"] => ({
  create: `Add ${thing}`,
  update: `Update ${thing}`,
  delete: `Delete ${thing}`,
});

/** Source: Microsoft, "Audit log categories and activities". */
const ENTRA_SERVICES: readonly EntraService[] = [
  {
    collection: /conditionalAccess\/policies$/,
    category: "Policy",
    service: "Conditional Access",
    activity: named("conditional access policy"),
  },
  {
    collection: /namedLocations$/,
    category: "Policy",
    service: "Conditional Access",
    activity: named("named location"),
  },
  {
    collection: /identitySecurityDefaults/,
    category: "Policy",
    service: "Conditional Access",
    activity: named("security defaults"),
    otherId: true,
  },
  {
    collection: /authenticationStrengthPolicies$/,
    category: "ApplicationManagement",
    service: "Authentication Methods",
    activity: {
      create: "Authentication Strength Policy Create",
      update: "Authentication Strength Policy Update",
      delete: "Authentication Strength Policy Delete",
    },
  },
  {
    collection: /authenticationMethodsPolicy$/,
    category: "ApplicationManagement",
    service: "Authentication Methods",
    activity: {
      create: "Authentication Methods Policy Update",
      update: "Authentication Methods Policy Update",
      delete: "Authentication Methods Policy Reset",
    },
    otherId: true,
  },
  {
    collection: /authorizationPolicy$/,
    category: "AuthorizationPolicy",
    service: "Core Directory",
    activity: named("authorization policy"),
    otherId: true,
  },
];

function entraEvent({ id, at, actor, operation, succeeded, collection, object }: AuditRecord): GraphObject {
  const known = ENTRA_SERVICES.find((service) => service.collection.test(collection));
  const service = known?.service ?? "Core Directory";
  return {
    id: `${service.replaceAll(" ", "")}_${id}`,
    category: known?.category ?? "Policy",
    correlationId: id,
    result: succeeded ? "success" : "failure",
    resultReason: succeeded ? "" : "Insufficient privileges to complete the operation.",
    activityDisplayName: known?.activity[operation] ?? `${capital(operation)} policy`,
    activityDateTime: instant(at),
    loggedByService: service,
    operationType: { create: "Add", update: "Update", delete: "Delete" }[operation],
    initiatedBy:
      actor.kind === "user"
        ? {
            user: { id: actor.id, displayName: null, userPrincipalName: actor.name, ipAddress: "192.0.2.10" },
            app: null,
          }
        : {
            user: null,
            app: {
              appId: null,
              displayName: actor.name,
              servicePrincipalId: actor.id,
              servicePrincipalName: null,
            },
          },
    targetResources: [
      {
        id: known?.otherId ? id : object.id,
        displayName: object.name,
        type: "Policy",
        userPrincipalName: null,
        groupType: null,
        modifiedProperties: [],
      },
    ],
    additionalDetails: [],
  };
}

const BOTH: readonly Version[] = ["v1.0", "beta"];

const AUDIT_LOGS: readonly AuditLogSpec[] = [
  {
    path: "deviceManagement/auditEvents",
    versions: BOTH,
    family: "intune",
    permissions: ["DeviceManagementApps.Read.All"],
    pageSize: 50,
    tellsOf: isIntune,
    shape: intuneEvent,
  },
  {
    path: "auditLogs/directoryAudits",
    versions: BOTH,
    family: "auditLogs",
    permissions: ["AuditLog.Read.All"],
    pageSize: 1000,
    tellsOf: (collection) => !isIntune(collection),
    shape: entraEvent,
  },
];

/** The audit log at a path such as `auditLogs/directoryAudits`; case does not matter. */
export function auditLogAt(path: string): AuditLogSpec | undefined {
  return AUDIT_LOGS.find((log) => log.path.toLowerCase() === path.toLowerCase());
}

/** One GET on an audit log, already allowed. */
interface AuditLogRequest {
  log: AuditLogSpec;
  records: readonly AuditRecord[];
  /** The id of one event. */
  id: string | undefined;
  version: Version;
  path: string;
  parameters: URLSearchParams;
  origin: string;
  ids: RequestIds;
}

/**
 * The body that Graph answers to a GET on an audit log: newest first, unless `$orderby` asks for the other way.
 * @throws GraphError 400 for an option that does not fit, 404 for an event that is not there
 */
export function respondAuditLog(request: AuditLogRequest): GraphObject {
  const { log, id, origin, version, path, ids } = request;
  const query = parseQuery(request.parameters, { orderBy: ["activityDateTime"] });
  const events = request.records
    .filter(({ collection }) => log.tellsOf(collection))
    .map(log.shape)
    .reverse();
  const context = `${origin}/${version}/$metadata#${log.path}`;
  if (id !== undefined) {
    const event = events.find((candidate) => candidate.id === id);
    if (event) return { "@odata.context": `${context}/$entity`, ...event };
    const text = `Resource not found for the segment '${id}'.`;
    throw new GraphError(
      404,
      "ResourceNotFound",
      log.family === "intune" ? intuneMessage(text, path, ids) : text,
    );
  }
  if (query.orderBy && !query.orderBy.descending) events.reverse();
  const found = query.filter ? events.filter(query.filter) : events;
  const from = query.skipToken + query.skip;
  const size = query.top ?? log.pageSize;
  const more = from + size < found.length;
  return {
    "@odata.context": context,
    ...(query.count && { "@odata.count": found.length }),
    ...(more && { "@odata.nextLink": nextLink(request, from + size) }),
    value: found.slice(from, from + size),
  };
}
