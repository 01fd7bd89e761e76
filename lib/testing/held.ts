import type { Child, PolicyType } from "#lib/policies/policy-type";
import { selects } from "#lib/policies/policy-type";
import { collectionAt } from "#sandbox/collections";
import { type GraphObject, isObject, type Json, objectsOf, typeName } from "#sandbox/json";
import type { TenantHandle } from "#sandbox/server";

/** An object of the sandbox as it is to be stored, and the id under which. */
export interface Held {
  id: string;
  document: GraphObject;
}

/**
 * What a sandbox's tenant has of a type, by the sandbox's own books: as the version that the catalog reads gives it,
 * children inline, of what it refers to the names alone, without secrets.
 */
export function heldOf(tenant: TenantHandle, type: PolicyType): Held[] {
  const spec = collectionAt(type.path);
  if (!spec) return [];
  const held: Held[] = [];
  for (const { id, object } of tenant.objects(type.path)) {
    // A typed collection shows its own type alone.
    if (spec.viewOf !== undefined && !spec.types.includes(typeName(object))) continue;
    const shown = tenant.shown(type.path, id, type.version);
    if (!shown || !selects(type, shown) || !isAskedFor(type, shown)) continue;
    held.push({ id: String(shown[type.idProperty] ?? type.key), document: asStored(type, shown) });
  }
  return held;
}

/** What the catalog's list query leaves out: built-in apps that nobody assigned, built-in roles. */
function isAskedFor({ key }: PolicyType, object: GraphObject): boolean {
  if (key === "mobileApp") return object.appAvailability !== "global" || object.isAssigned === true;
  if (key === "entraRoleDefinition") return object.isBuiltIn === false;
  return true;
}

function named(value: Json): Json {
  if (!isObject(value)) return value;
  const names = ["@odata.type", "id", "displayName"];
  return Object.fromEntries(names.flatMap((name) => (name in value ? [[name, value[name] ?? null]] : [])));
}

function asStored(type: PolicyType, object: GraphObject): GraphObject {
  const document = { ...object };
  // What Graph leaves unsaid because its metadata says it.
  if (type.declares) document["@odata.type"] ??= `#microsoft.graph.${type.declares}`;
  const children: readonly Child[] = [
    ...type.children,
    ...Object.values(type.typed ?? {}).flatMap((typed) => typed.children),
  ];
  for (const { key, path, keep, reference, shape, of } of children) {
    if (path !== undefined && path in document) {
      document[key] = document[path] ?? null;
      delete document[path];
    }
    const value = document[key];
    if (value === undefined) {
      if (!reference && !shape && of?.includes(typeName(object))) document[key] = [];
      continue;
    }
    if (keep) document[key] = objectsOf(value).filter((entry) => entry[keep.property] === keep.equals);
    if (!reference) continue;
    const names = Array.isArray(value) ? value.map(named) : named(value);
    // Where an object refers to nothing, nothing is stored.
    if (names === null || (Array.isArray(names) && names.length === 0)) delete document[key];
    else document[key] = names;
  }
  for (const secret of type.secrets) delete document[secret];
  return document;
}
