import { type DocumentObject, isDocumentObject, objectsIn, shortType, textOf } from "./document.ts";
import { enumValue, typeName } from "./humanize.ts";
import { propertyRows } from "./property-rows.ts";
import { comparedReference } from "./references.ts";
import type { WordContext, WordRow } from "./schema.ts";

/** Targets that are no group of the tenant, by `@odata.type`. */
export const everyone: ReadonlyMap<string, string> = new Map([
  ["allDevicesAssignmentTarget", "All devices"],
  ["allLicensedUsersAssignmentTarget", "All users"],
  ["allUsersAssignmentTarget", "All users"],
]);

/** Intents that say no more than that the policy is assigned. */
const plainIntents = new Set(["", "apply", "none"]);

/** What the rows of an assignment say by themselves. */
const said = new Set(["target", "id", "source", "sourceId", "intent"]);

/**
 * Who a policy is assigned to, a row each: groups by name, with intent and filter.
 * @param list the document's `assignments`
 */
export function assignmentRows(list: unknown, context: WordContext): WordRow[] {
  return objectsIn(list).map(({ object, at }) => {
    const path = ["assignments", at];
    const target = isDocumentObject(object.target) ? object.target : {};
    const type = shortType(target);
    const { text, isNamed, identity } = targetOf(target, type, context);
    const intent = textOf(object, "intent");
    const excluded = type === "exclusionGroupAssignmentTarget";
    const key = `assignments/${excluded ? "exclude" : "include"}/${identity}${plainIntents.has(intent) ? "" : `/${intent}`}`;
    const name = assignmentName(excluded, plainIntents.has(intent) ? "" : enumValue(intent));
    return {
      key,
      path,
      category: [],
      name,
      isNamed,
      value: { kind: "text", text },
      children: [
        ...filterRows(target, key, path, context),
        ...propertyRows(object, { path, key, type: "" }, context, said),
      ],
    };
  });
}

/** An app is required or offered: one of the same groups may be left out of the one alone. */
function assignmentName(excluded: boolean, intent: string): string {
  if (!excluded) return intent || "Included";
  return intent === "" ? "Excluded" : `Excluded (${intent.toLowerCase()})`;
}

function targetOf(
  target: DocumentObject,
  type: string,
  context: WordContext,
): { text: string; isNamed: boolean; identity: string } {
  const all = everyone.get(type);
  if (all !== undefined) return { text: all, isNamed: true, identity: type };
  const group = textOf(target, "groupId");
  if (group !== "") {
    const named = comparedReference("group", group, context);
    return { ...named, identity: context.acrossTenants ? named.text : group };
  }
  const collection = textOf(target, "collectionId");
  if (collection !== "")
    return { text: `Configuration Manager collection ${collection}`, isNamed: true, identity: collection };
  return { text: type === "" ? "Unknown target" : typeName(type), isNamed: true, identity: type };
}

/** The assignment filter, and whether its devices are the only ones or are left out. */
function filterRows(
  target: DocumentObject,
  key: string,
  path: readonly (string | number)[],
  context: WordContext,
): WordRow[] {
  const property = "deviceAndAppManagementAssignmentFilterId";
  const id = textOf(target, property);
  const mode = textOf(target, "deviceAndAppManagementAssignmentFilterType");
  if (id === "" || mode === "none" || /^[0-]+$/.test(id)) return [];
  const { text, isNamed } = comparedReference("assignmentFilter", id, context);
  return [
    {
      // Excluding in place of including is another row: a row's name is no part of what differs in it.
      key: `${key}/filter/${mode === "exclude" ? "exclude" : "include"}`,
      path: [...path, "target", property],
      category: [],
      name: mode === "exclude" ? "Filter, excluding" : "Filter, including",
      isNamed,
      value: { kind: "text", text },
      children: [],
    },
  ];
}
