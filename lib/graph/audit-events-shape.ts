import { type GraphObject, isObject } from "./shape.ts";

/** One change of one or several objects, as an audit log tells it. */
export interface AuditEvent {
  /** Unique within its log and tenant. */
  id: string;
  /** Ids of the objects that it concerns, as the log has them. */
  targets: string[];
  /** The policy type of a single object of the tenant that the activity names: its target may have another id. */
  single: string | null;
  operation: "create" | "update" | "delete";
  /** What was done, as Microsoft words it. */
  activity: string;
  actor: { kind: "user" | "app" | "unknown"; name: string };
  at: Date;
}

/** Objects of one event beyond these are left out: no policy change has that many. */
const maximumTargets = 100;

/** Intune's `activityOperationType` that change something; `Get` and `Search` do not. */
const intuneOperations: Record<string, AuditEvent["operation"]> = {
  create: "create",
  patch: "update",
  action: "update",
  setreference: "update",
  removereference: "update",
  delete: "delete",
};

/** An event of `deviceManagement/auditEvents`; null when it changed nothing, failed, or is not understood. */
export function intuneEvent(object: GraphObject): AuditEvent | null {
  const verb = intuneOperations[textOf(object.activityOperationType).toLowerCase()];
  if (!verb || hasFailed(object.activityResult)) return null;
  const resources = listOf(object.resources);
  const activity =
    textOf(object.displayName) || textOf(object.activity) || textOf(object.activityType) || verb;
  // An assignment is an object of its own in Intune's log: creating or deleting one changes the policy.
  const ofPart = /assignment/i.test(`${activity} ${textOf(object.activityType)}`);
  return eventOf({
    id: object.id,
    at: object.activityDateTime,
    targets: resources.map((resource) => resource.resourceId),
    single: null,
    operation: ofPart ? "update" : verb,
    activity,
    actor: intuneActor(isObject(object.actor) ? object.actor : {}),
  });
}

/** A person at a console has both names: what tells is who, not with which console. */
function intuneActor(actor: GraphObject): AuditEvent["actor"] {
  const person = textOf(actor.userPrincipalName);
  if (person) return { kind: "user", name: person };
  const app =
    textOf(actor.applicationDisplayName) || textOf(actor.servicePrincipalName) || textOf(actor.applicationId);
  return app ? { kind: "app", name: app } : unknownActor;
}

const entraOperations: Record<string, AuditEvent["operation"]> = {
  add: "create",
  create: "create",
  update: "update",
  set: "update",
  reset: "update",
  assign: "update",
  delete: "delete",
  remove: "delete",
};

/** Activities on objects of which a tenant has one. Source: Microsoft, "Audit log categories and activities". */
const singles: [RegExp, string][] = [
  [/^authentication methods policy /i, "authenticationMethodsPolicy"],
  [/authorization policy$/i, "authorizationPolicy"],
  [/security defaults$/i, "securityDefaultsPolicy"],
];

/** An event of `auditLogs/directoryAudits`; null when it changed nothing, failed, or is not understood. */
export function entraEvent(object: GraphObject): AuditEvent | null {
  const activity = textOf(object.activityDisplayName);
  // The type is given for some services only; else the activity begins or ends with the verb.
  const words = [textOf(object.operationType), ...activity.split(" ")];
  const verb = words.map((word) => entraOperations[word.toLowerCase()]).find(Boolean);
  if (!verb || !activity || hasFailed(object.result)) return null;
  return eventOf({
    id: object.id,
    at: object.activityDateTime,
    targets: listOf(object.targetResources).map((resource) => resource.id),
    single: singles.find(([pattern]) => pattern.test(activity))?.[1] ?? null,
    operation: verb,
    activity,
    actor: entraActor(isObject(object.initiatedBy) ? object.initiatedBy : {}),
  });
}

function entraActor({ user, app }: GraphObject): AuditEvent["actor"] {
  if (isObject(user)) {
    const name = textOf(user.userPrincipalName) || textOf(user.displayName) || textOf(user.id);
    if (name) return { kind: "user", name };
  }
  if (isObject(app)) {
    const name =
      textOf(app.displayName) || textOf(app.servicePrincipalName) || textOf(app.servicePrincipalId);
    if (name) return { kind: "app", name };
  }
  return unknownActor;
}

const unknownActor: AuditEvent["actor"] = { kind: "unknown", name: "Unknown" };

function eventOf(
  raw: Pick<AuditEvent, "single" | "operation" | "activity" | "actor"> & {
    id: unknown;
    at: unknown;
    targets: unknown[];
  },
): AuditEvent | null {
  const id = textOf(raw.id);
  const at = new Date(textOf(raw.at));
  const targets = [...new Set(raw.targets.map(textOf).filter((target) => target !== ""))];
  if (!id || !isInstant(at) || (targets.length === 0 && raw.single === null)) return null;
  return { ...raw, id, at, targets: targets.slice(0, maximumTargets) };
}

function hasFailed(result: unknown): boolean {
  return /^(fail|timeout)/i.test(textOf(result));
}

function listOf(value: unknown): GraphObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Text that the database can store, shortened; empty for anything else. */
function textOf(value: unknown): string {
  if (typeof value !== "string") return "";
  const clean = value.toWellFormed().replaceAll("\0", "").trim();
  return clean.length > 300 ? `${clean.slice(0, 299).toWellFormed()}…` : clean;
}

/** A time within what the database can hold. */
function isInstant(at: Date): boolean {
  const year = at.getUTCFullYear();
  return year >= 2000 && year < 3000;
}
