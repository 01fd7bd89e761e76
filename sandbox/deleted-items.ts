import { collectionAt, granted, type Version } from "./collections.ts";
import { GraphError } from "./http-error.ts";
import type { GraphObject } from "./json.ts";
import type { TenantState } from "./tenant.ts";

/**
 * What was deleted of conditional access less than 30 days ago: it is listed, and comes back as it was, in the state that
 * it had. Source: learn.microsoft.com, policydeletableitem-list and conditionalaccesspolicy-restore, both of beta alone.
 * They name no permission that an application could have: here it is that of any other write.
 */
const KINDS: Readonly<Record<string, string>> = {
  policies: "identity/conditionalAccess/policies",
  namedLocations: "identity/conditionalAccess/namedLocations",
};

/** What a request for deleted objects is aimed at. */
export interface DeletedTarget {
  /** The collection that they were in. */
  collection: string;
  id: string | undefined;
  action: string | undefined;
}

/** Reads the segments of a path; undefined when it leads elsewhere. */
export function deletedAt(all: readonly string[]): DeletedTarget | undefined {
  const [kind = "", id, action, ...more] = all.slice(3);
  const above = all.slice(0, 3).join("/").toLowerCase();
  const collection = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (above !== "identity/conditionalaccess/deleteditems" || collection === undefined) return undefined;
  return more.length > 0 ? undefined : { collection, id, action };
}

interface DeletedCall {
  target: DeletedTarget;
  tenant: TenantState;
  /** What the token may do. */
  roles: readonly string[];
  method: string;
  version: Version;
  origin: string;
}

/**
 * Lists what was deleted, shows one of it, or brings it back.
 * @throws GraphError 400 under v1.0, 403 without the permission, 404 for what is not there, 405
 */
export function answerDeletedItems(call: DeletedCall): GraphObject {
  const { tenant, roles, method, version, origin } = call;
  const { collection, id, action } = call.target;
  const unknown = version === "beta" ? action : "deletedItems";
  if (unknown !== undefined && unknown !== "restore")
    throw new GraphError(400, "BadRequest", `Resource not found for the segment '${unknown}'.`);
  const mayRead = granted("Policy.Read.All", roles) || granted("Policy.Read.ConditionalAccess", roles);
  const mayWrite = roles.includes("Policy.Read.All") && roles.includes("Policy.ReadWrite.ConditionalAccess");
  if (action === undefined ? !mayRead : !mayWrite)
    throw new GraphError(403, "AccessDenied", "Required scopes are missing in the token.");
  if (method !== (action === undefined ? "GET" : "POST"))
    throw new GraphError(405, "MethodNotAllowed", "The method is not allowed here.");
  const deleted = tenant.deleted.get(collection) ?? [];
  const deletedDateTime = "2026-11-20T08:00:00Z";
  const shown = (object: GraphObject): GraphObject => ({ ...object, deletedDateTime });
  const context = `${origin}/beta/$metadata#identity/conditionalAccess/deletedItems`;
  if (id === undefined) return { "@odata.context": context, value: deleted.map(shown) };
  const object = deleted.find((one) => one.id === id);
  if (!object) throw new GraphError(404, "ResourceNotFound", `Resource '${id}' does not exist.`);
  if (action === undefined) return { "@odata.context": `${context}/$entity`, ...shown(object) };
  const spec = collectionAt(collection);
  if (!spec) throw new Error(`The sandbox has no collection ${collection}.`);
  tenant.deleted.set(
    collection,
    deleted.filter((one) => one !== object),
  );
  tenant.store.put(spec, object);
  if (tenant.hiddenMs > 0) tenant.store.collection(spec).hideUntil(id, Date.now() + tenant.hiddenMs);
  tenant.auditTrail.note("create", spec.path, object);
  return { "@odata.context": `${origin}/beta/$metadata#${collection}/$entity`, ...object };
}
