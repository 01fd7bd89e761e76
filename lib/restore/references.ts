import { referenceWord } from "#lib/policies/write/reference-words";
import { isWellKnown } from "#lib/policies/write/well-known";
import type { ReferenceKind, ReferencePath, WriteRule } from "#lib/policies/write/write-rule";
import { changedAt, type Document, documentsOf, isDocument, join, typeOf } from "./document.ts";
import type { Reason, Resolve } from "./plan.ts";

const NO_TEMPLATE = "00000000-0000-0000-0000-000000000000";

/** The document as it refers to the objects of the tenant that is written to, and what stands in the way. */
export interface Rewritten {
  document: Document;
  reasons: Reason[];
  pending: { kind: ReferenceKind; id: string }[];
}

/** References that every type may hold. */
const everywhere: readonly ReferencePath[] = [
  { path: "roleScopeTagIds", kind: "scopeTag" },
  { path: "roleScopeTags", kind: "scopeTag" },
];

/**
 * Rewrites the references of a document, at the places that the rule names and nowhere else: an id in a text stays. What
 * is excluded and cannot be found always stops the item; left out, the policy would reach further than it did.
 */
export function rewriteReferences(document: Document, rule: WriteRule, resolve: Resolve): Rewritten {
  const walk: Walk = { resolve, reasons: [], pending: [] };
  let result: Document = document;
  for (const reference of [...everywhere, ...rule.references]) {
    const { path } = reference;
    if (path.endsWith("/**")) {
      const [root = ""] = path.split("/");
      result = rewritten(result, root, (value) => inSettings(value, reference, walk, root));
    } else result = rewritten(result, path, (value, at) => replaced(value, reference, walk, at));
  }
  if (rule.assign !== null) result = rewritten(result, "assignments", (value) => assignments(value, walk));
  return { document: result, reasons: walk.reasons, pending: walk.pending };
}

interface Walk {
  resolve: Resolve;
  reasons: Reason[];
  pending: { kind: ReferenceKind; id: string }[];
}

function rewritten(
  document: Document,
  path: string,
  change: (value: unknown, at: string) => unknown,
): Document {
  const result = changedAt(document, path, change);
  return isDocument(result) ? result : document;
}

/** The id in the other tenant; undefined: a person decided to leave it out. */
function resolved(
  id: string,
  { kind, excludes }: Omit<ReferencePath, "path">,
  walk: Walk,
  at: string,
): string | undefined {
  if (isWellKnown(kind, id)) return id;
  const resolution = walk.resolve(kind, id);
  if (typeof resolution === "object") return resolution.id;
  if (resolution === "pending") {
    walk.pending.push({ kind, id });
    return id;
  }
  if (resolution === "left out" && !excludes) return undefined;
  const what = `the ${referenceWord(kind)} ${id}`;
  if (kind === "assignmentFilter") {
    walk.reasons.push({
      code: "wider_reach",
      path: at,
      kind,
      id,
      message: `The assignment is narrowed by ${what}, which cannot be found: without it, it would reach further.`,
    });
  } else if (excludes) {
    walk.reasons.push({
      code: "excluded_unresolved",
      path: at,
      kind,
      id,
      message: `The policy excludes ${what}, which cannot be found: without it, it would reach further than it did.`,
    });
  } else {
    const ambiguous = resolution === "ambiguous";
    walk.reasons.push({
      code: ambiguous ? "ambiguous" : "unresolved",
      path: at,
      kind,
      id,
      message: ambiguous
        ? `Several objects could be ${what}: choose one, or leave it out.`
        : `There is no ${referenceWord(kind)} ${id}: choose another, or leave it out.`,
    });
  }
  return id;
}

function replaced(value: unknown, reference: ReferencePath, walk: Walk, at: string): unknown {
  if (typeof value === "string") {
    const id = resolved(value, reference, walk, at);
    if (id !== undefined) return id;
    const { kind } = reference;
    if (kind === "notificationTemplate") return NO_TEMPLATE;
    // A null in its place is refused by Graph half-way, or asks less of people than the backup does.
    walk.reasons.push({
      code: "unresolved",
      path: at,
      kind,
      id: value,
      message: `The policy cannot do without the ${referenceWord(kind)} ${value}: choose another.`,
    });
    return value;
  }
  if (!Array.isArray(value)) return value;
  const ids = value.flatMap((id: unknown, index) => {
    if (typeof id !== "string") return [id];
    const found = resolved(id, reference, walk, join(at, String(index)));
    return found === undefined ? [] : [found];
  });
  if (ids.length === 0 && value.length > 0)
    walk.reasons.push({
      code: "wider_reach",
      path: at,
      kind: reference.kind,
      message: "Nothing is left of the list: the policy would mean something else.",
    });
  return ids;
}

/** Values of the settings catalog that are ids of reusable settings. */
function inSettings(value: unknown, reference: ReferencePath, walk: Walk, at: string): unknown {
  if (Array.isArray(value))
    return value.map((entry, index) => inSettings(entry, reference, walk, join(at, String(index))));
  if (!isDocument(value)) return value;
  const refers = typeOf(value) === "deviceManagementConfigurationReferenceSettingValue";
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const place = join(at, name);
      return [
        name,
        refers && name === "value"
          ? replaced(inner, reference, walk, place)
          : inSettings(inner, reference, walk, place),
      ];
    }),
  );
}

const FILTER_ID = "deviceAndAppManagementAssignmentFilterId";

/**
 * Assignments with the groups and filters of the other tenant. A missing group never becomes an empty list, and a filter
 * is never dropped: both would change whom the policy reaches.
 */
function assignments(value: unknown, walk: Walk): unknown {
  const list = documentsOf(value);
  const kept = list.flatMap((assignment, index) => {
    const { target } = assignment;
    if (!isDocument(target)) return [assignment];
    const at = `assignments/${index}/target`;
    const excludes = typeOf(target) === "exclusionGroupAssignmentTarget";
    let next: Document = target;
    if (typeof target.groupId === "string") {
      const kind: Omit<ReferencePath, "path"> = excludes ? { kind: "group", excludes } : { kind: "group" };
      const id = resolved(target.groupId, kind, walk, `${at}/groupId`);
      if (id === undefined) return [];
      next = { ...next, groupId: id };
    }
    if (typeof target.collectionId === "string") {
      const id = resolved(target.collectionId, { kind: "collection" }, walk, `${at}/collectionId`);
      if (id === undefined) return [];
      next = { ...next, collectionId: id };
    }
    const filter = target[FILTER_ID];
    if (typeof filter === "string") {
      const id = resolved(filter, { kind: "assignmentFilter", excludes: true }, walk, `${at}/${FILTER_ID}`);
      next = { ...next, [FILTER_ID]: id ?? filter };
    }
    return [{ ...assignment, target: next }];
  });
  if (kept.length === 0 && list.length > 0)
    walk.reasons.push({
      code: "unassigned",
      path: "assignments",
      message: "None of the groups that it was assigned to is left: it would be assigned to nobody.",
    });
  return kept;
}
