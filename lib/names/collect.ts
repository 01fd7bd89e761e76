import { isGuid, noGuid } from "#lib/guid";
import type { Name, NameKind, Names } from "./names.ts";

/** The ids in a document that stand for something else, by kind; each once, in lower case. */
export type References = Partial<Record<NameKind, string[]>>;

/** Intune's pseudo-groups: no group has these ids, in any tenant. */
const pseudoGroups: ReadonlyMap<string, string> = new Map([
  ["acacacac-9df4-4c7d-9d50-4ef0226f57a9", "All users"],
  ["adadadad-808e-44e2-905a-0b7873a8a531", "All devices"],
]);

/** Which properties hold ids, and of what: as one text or as a list of texts. Source: Microsoft Graph's reference. */
const properties: ReadonlyMap<string, NameKind> = new Map<string, NameKind>([
  // Assignments.
  ["groupId", "group"],
  ["deviceAndAppManagementAssignmentFilterId", "assignmentFilter"],
  // Every Intune object; `roleScopeTags` is the assignment filters' own word.
  ["roleScopeTagIds", "roleScopeTag"],
  ["roleScopeTags", "roleScopeTag"],
  // Conditional access.
  ["includeUsers", "user"],
  ["excludeUsers", "user"],
  ["includeGroups", "group"],
  ["excludeGroups", "group"],
  ["includeRoles", "directoryRole"],
  ["excludeRoles", "directoryRole"],
  ["includeApplications", "application"],
  ["excludeApplications", "application"],
  ["includeServicePrincipals", "servicePrincipal"],
  ["excludeServicePrincipals", "servicePrincipal"],
  ["includeLocations", "namedLocation"],
  ["excludeLocations", "namedLocation"],
  // Who has Entra's roles, and who approves it.
  ["principalId", "principal"],
  ["roleDefinitionId", "directoryRole"],
  ["userId", "user"],
  // The tenant's guests.
  ["guestUserRoleId", "directoryRole"],
  // What happens to devices that do not comply.
  ["notificationTemplateId", "notificationMessageTemplate"],
  ["notificationMessageCCList", "group"],
  // Role assignments.
  ["members", "group"],
  ["scopeMembers", "group"],
  ["resourceScopes", "group"],
  // Enrollment status page, app configuration.
  ["selectedMobileAppIds", "mobileApp"],
  ["targetedMobileApps", "mobileApp"],
  // Policy sets.
  ["payloadId", "policy"],
]);

/** Where it stands who an authentication method, or a feature of one, is for: objects with `id` and `targetType`. */
const targetProperties = new Set(["includeTargets", "excludeTargets", "includeTarget", "excludeTarget"]);

/** Whether a property holds whom an authentication method is for, as an object or as a list of them. */
export function holdsTargets(property: string): boolean {
  return targetProperties.has(property);
}

/** What the `id` of such an object is the id of; undefined where Graph says neither group nor user. */
export function kindOfTarget(target: object): NameKind | undefined {
  const type = "targetType" in target ? target.targetType : null;
  return type === "group" || type === "user" ? type : undefined;
}

/**
 * Whether the `members` of an object are partner tenants, as in conditional access: they have the same ids in every tenant.
 * Elsewhere `members` are groups of the tenant.
 */
export function holdsTenants(object: object): boolean {
  return "membershipKind" in object;
}

/** Collects what a document refers to. Words such as `All` or `GuestsOrExternalUsers` are no ids. */
export function referencesOf(document: unknown): References {
  const found = new Map<NameKind, Set<string>>();
  const walk = (value: unknown, property: string | null, kind: NameKind | undefined) => {
    if (typeof value === "string") {
      const id = kind && idIn(kind, value);
      if (!kind || !id || (kind === "group" && pseudoGroups.has(id))) return;
      let ids = found.get(kind);
      if (!ids) {
        ids = new Set();
        found.set(kind, ids);
      }
      ids.add(id);
    } else if (Array.isArray(value)) {
      for (const entry of value) walk(entry, property, kind);
    } else if (value !== null && typeof value === "object") {
      // The group that devices join when they are enrolled.
      if ("targetType" in value && value.targetType === "staticSecurityGroup" && "targetId" in value) {
        walk(value.targetId, null, "group");
      }
      if (property !== null && holdsTargets(property) && "id" in value)
        walk(value.id, null, kindOfTarget(value));
      for (const [key, entry] of Object.entries(value)) {
        walk(entry, key, key === "members" && holdsTenants(value) ? undefined : properties.get(key));
      }
    }
  };
  walk(document, null, undefined);
  return Object.fromEntries([...found].map(([kind, ids]) => [kind, [...ids].sort()]));
}

function idIn(kind: NameKind, value: string): string | null {
  const id = value.toLowerCase();
  if (kind === "policy") return id || null;
  if (kind === "roleScopeTag") return /^\d+$/.test(id) || isGuid(id) ? id : null;
  return isGuid(id) && id !== noGuid ? id : null;
}

/** The names of some references, out of those of a set. */
export function namesFor(references: References, names: Names): Names {
  const picked: Names = {};
  for (const [kind, ids] of Object.entries(references) as [NameKind, string[]][]) {
    const known = names[kind];
    const entries = known
      ? ids.flatMap((id) => (Object.hasOwn(known, id) ? [[id, known[id] as Name] as const] : []))
      : [];
    if (entries.length > 0) picked[kind] = Object.fromEntries(entries);
  }
  return picked;
}

/** A name with what it is the name of. */
export interface NamedReference extends Name {
  kind: NameKind;
  id: string;
}

/**
 * The name behind a value of a document.
 * @param property the property that the value stands in, or in whose list; null where that is not known: then only ids
 *   that are unique of themselves have names
 */
export function nameOf(names: Names, property: string | null, value: string): NamedReference | null {
  const id = value.toLowerCase();
  const pseudo = pseudoGroups.get(id);
  if (pseudo !== undefined) return { kind: "group", id, name: pseudo };
  const kind = property === null ? undefined : properties.get(property);
  const found = kind && names[kind];
  if (found && Object.hasOwn(found, id)) return { kind, id, ...(found[id] as Name) };
  if (!isGuid(id)) return null;
  for (const [other, known] of Object.entries(names) as [NameKind, Record<string, Name>][]) {
    if (Object.hasOwn(known, id)) return { kind: other, id, ...(known[id] as Name) };
  }
  return null;
}

/** What the ids in a property are the ids of; undefined for a property that holds none. */
export function kindOfReference(property: string): NameKind | undefined {
  return properties.get(property);
}

/** `All devices`, `All users`: the name of a group that Intune has in every tenant. */
export function pseudoGroup(id: string): string | undefined {
  return pseudoGroups.get(id.toLowerCase());
}

/** The names of two sets together; where both have one, that of the newer counts, unless the thing is gone by then. */
export function mergeNames(older: Names, newer: Names): Names {
  const merged: Names = { ...older };
  for (const [kind, known] of Object.entries(newer) as [NameKind, Record<string, Name>][]) {
    const before = older[kind] ?? {};
    const added = Object.entries(known).filter(
      ([id, { name }]) => name !== null || !Object.hasOwn(before, id),
    );
    merged[kind] = { ...before, ...Object.fromEntries(added) };
  }
  return merged;
}

/**
 * The names of a set that is compared with one of another tenant. What has the same id in every tenant, applications and roles, is
 * called the same on both sides.
 * @param own those of the one set
 * @param either those of both, as {@link mergeNames} gives them
 */
export function namesAcross(own: Names, either: Names): Names {
  const { application, directoryRole } = either;
  return { ...own, ...(application && { application }), ...(directoryRole && { directoryRole }) };
}
