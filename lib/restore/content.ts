import type { PolicyType } from "#lib/policies/policy-type";
import { neverSent, neverSentInChildren, type WriteRule } from "#lib/policies/write/write-rule";
import { type Document, documentsOf, isDocument, typeOf, without, withoutNames } from "./document.ts";

const childNames = new Set(neverSentInChildren);
const FILTER_ID = "deviceAndAppManagementAssignmentFilterId";
const FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType";

/** Children of a type, those of its typed collections too. */
function childrenOf(type: PolicyType, document: Document): readonly string[] {
  const typed = Object.values(type.typed ?? {}).flatMap(({ children }) => children);
  return [...type.children, ...typed]
    .filter(({ of }) => of === undefined || of.includes(typeOf(document)))
    .map(({ key }) => key);
}

/** Whether a document has a child or property as such: in another kind the name may stand for something else. */
export function appliesTo(name: string, document: Document, type: PolicyType): boolean {
  const child = type.children.find(({ key }) => key === name);
  return child === undefined || childrenOf(type, document).includes(name);
}

/** What a request may carry of a document: without Graph's own properties, and without children that go apart. */
export function sendable(document: Document, type: PolicyType, rule: WriteRule): Document {
  const apart = childrenOf(type, document).filter((key) => !rule.inline.includes(key));
  const cleaned = without(document, [...neverSent, ...rule.strip, ...apart]);
  const inline = rule.inline.flatMap((key) =>
    key in cleaned ? [[key, sendableChild(cleaned[key])] as const] : [],
  );
  return withEmptyChildren({ ...cleaned, ...Object.fromEntries(inline) });
}

/** A child without the ids and dates that Graph gives its elements. */
export function sendableChild(value: unknown): unknown {
  return withoutNames(value, childNames);
}

/** `children` of a setting is a list also where the backup has null: Graph takes no null. */
function withEmptyChildren(document: Document): Document {
  const fix = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fix);
    if (!isDocument(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        name === "children" && inner === null ? [] : fix(inner),
      ]),
    );
  };
  return "settings" in document ? { ...document, settings: fix(document.settings) } : document;
}

/** The assignments of a document as the assign action takes them; those that a policy set made are the set's. */
export function sendableAssignments(document: Document, rule: WriteRule): Document[] {
  const keep = rule.assign && "keep" in rule.assign ? rule.assign.keep : [];
  return documentsOf(document.assignments).flatMap((assignment) => {
    if (assignment.source === "policySets" || !isDocument(assignment.target)) return [];
    const kept = keep.flatMap((name) => (name in assignment ? [[name, assignment[name]] as const] : []));
    return [{ ...Object.fromEntries(kept), target: sendableTarget(assignment.target) }];
  });
}

/** Filter and its kind go together, and never with an exclusion. */
function sendableTarget(target: Document): Document {
  const { [FILTER_ID]: filter, [FILTER_TYPE]: kind, ...rest } = target;
  const filtered =
    typeof filter === "string" &&
    filter !== "" &&
    typeof kind === "string" &&
    kind !== "none" &&
    typeOf(target) !== "exclusionGroupAssignmentTarget";
  return filtered ? { ...rest, [FILTER_ID]: filter, [FILTER_TYPE]: kind } : rest;
}

/**
 * What a restore compares: all that it can write, in one form, so that backup and live object differ by nothing else.
 */
export function comparable(document: Document, type: PolicyType, rule: WriteRule): Document {
  const parts = rule.parts.map(({ of }) => of).filter((name) => appliesTo(name, document, type));
  const stripped = rule.strip.filter((path) => !parts.includes(path));
  const bare = without(document, [...neverSent, ...stripped]);
  const children = childrenOf(type, document);
  const entries = Object.entries(bare).flatMap(([name, value]): [string, unknown][] => {
    if (children.includes(name) && !parts.includes(name) && !rule.inline.includes(name)) return [];
    return [[name, parts.includes(name) || children.includes(name) ? comparablePart(name, value) : value]];
  });
  const assigned = rule.assign === null ? {} : { assignments: sendableAssignments(document, rule) };
  const { notificationTemplates } = document;
  // Which kinds of notification there are; the templates are Graph's own.
  const kinds = Array.isArray(notificationTemplates)
    ? { notificationTemplates: notificationTemplates.map((one) => String(one).replace(/_.*$/, "")) }
    : {};
  return withEmptyChildren({ ...Object.fromEntries(entries), ...kinds, ...assigned });
}

function comparablePart(name: string, value: unknown): unknown {
  if (name === "definitionValues") return documentsOf(value).map(comparableDefinitionValue);
  if (name === "roleAssignments") return documentsOf(value).map(comparableRoleAssignment);
  if (name === "scheduledActionsForRule")
    return documentsOf(value).map((rule) => ({
      scheduledActionConfigurations: sendableChild(rule.scheduledActionConfigurations),
    }));
  if (name === "retrieveEnrollmentTimeDeviceMembershipTarget") return { targets: membershipTargets(value) };
  // What a link leads to is known by its id alone.
  if (isDocument(value) && typeof value.id === "string") return { id: value.id };
  if (name === "authenticationMethodConfigurations") return value;
  const list = documentsOf(value);
  if (Array.isArray(value) && list.length === value.length && list.every(isReference))
    return list.map(({ id }) => ({ id }));
  return sendableChild(value);
}

function isReference(element: Document): boolean {
  return Object.keys(element).every((key) => ["@odata.type", "id", "displayName"].includes(key));
}

function comparableDefinitionValue(value: Document): Document {
  const id = (of: unknown) => (isDocument(of) ? { id: of.id } : of);
  const { enabled, configurationType, definition, presentationValues } = value;
  return {
    enabled,
    configurationType,
    definition: id(definition),
    presentationValues: documentsOf(presentationValues).map((one) => ({
      ...(sendableChild(one) as Document),
      presentation: id(one.presentation),
    })),
  };
}

/** An assignment of a role: whom it gives the role, over whom. */
export function comparableRoleAssignment(assignment: Document): Document {
  const { displayName, description, members, scopeMembers, resourceScopes, scopeType } = assignment;
  const tags = documentsOf(assignment.roleScopeTags).map(({ id }) => id);
  return { displayName, description, members, scopeMembers, resourceScopes, scopeType, roleScopeTags: tags };
}

/** The groups that devices join while they are prepared. */
export function membershipTargets(value: unknown): unknown[] {
  const statuses = isDocument(value) ? value.enrollmentTimeDeviceMembershipTargetValidationStatuses : [];
  return documentsOf(statuses).map(({ targetId }) => targetId);
}
