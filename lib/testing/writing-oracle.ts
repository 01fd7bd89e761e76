import { holds, type PolicyType } from "#lib/policies/policy-type";
import { neverSent, neverSentInChildren, type WriteRule } from "#lib/policies/write/write-rule";
import { typeAtPath } from "./catalog-oracle.ts";
import { type GraphTypings, graphTypings } from "./graph-typings.ts";

/** What Microsoft's typings say against a rule: `key: fault`. */
export interface WritingFaults {
  /** A name of the rule that no type of the collection has. */
  unknown: string[];
  /** What Microsoft calls read-only and the rule lets through. */
  readOnly: string[];
  compared: { types: number; readOnly: number };
}

/**
 * Holds how a type is written against Microsoft's typings: every name is Microsoft's, and what they call read-only is
 * never sent.
 */
export function holdRuleAgainstTypings(type: PolicyType, rule: WriteRule): WritingFaults {
  const typings = graphTypings(type.version);
  const declared = typeAtPath(type.path, type.version)?.type ?? "";
  const kinds = [declared, ...typings.derivedOf(declared)].filter((kind) =>
    type.selectors.every(
      (selector) =>
        selector.property !== "@odata.type" || holds(selector, { "@odata.type": `#microsoft.graph.${kind}` }),
    ),
  );
  // What the other version of Graph knows may be sent to nobody, and so be stripped.
  const known = [typings, graphTypings("v1.0"), graphTypings("beta")].flatMap((at) =>
    [declared, ...at.derivedOf(declared)].map((kind) => ({ at, kind })),
  );
  const unknown = namesOf(rule)
    .filter((path) => !known.some(({ at, kind }) => has(at, kind, path.split("/"))))
    .map((path) => `${type.key}: no ${declared} has ${path}`);
  const stripped = new Set([...rule.strip, ...neverSent]);
  const inline = new Set(rule.inline);
  const readOnly = new Set<string>();
  const seen = new Set<string>();
  const visit = (kind: string, path: string, child: boolean) => {
    if (seen.has(`${kind} ${path}`)) return;
    seen.add(`${kind} ${path}`);
    for (const [name, property] of typings.propertiesOf(kind)) {
      const place = `${path}${name}`;
      if (stripped.has(place) || (child && neverSentInChildren.includes(name))) continue;
      const navigation = typings.isNavigation(property);
      if (navigation && !inline.has(place) && !(child && path !== "")) continue;
      if (property.readOnly) readOnly.add(`${type.key}: ${kind}.${name} at ${place}`);
      // Deeper than this complex types only repeat themselves.
      if (place.split("/").length >= 5 || !typings.types.has(property.type)) continue;
      for (const inner of [property.type, ...typings.derivedOf(property.type)]) {
        visit(inner, `${place}/`, child || navigation);
      }
    }
  };
  for (const kind of kinds) visit(kind, "", false);
  return { unknown, readOnly: [...readOnly], compared: { types: kinds.length, readOnly: stripped.size } };
}

/** The last segment of a part's path may be an action, which typings do not have; all else must be a property. */
function namesOf(rule: WriteRule): string[] {
  const functions = ["retrieveEnrollmentTimeDeviceMembershipTarget"];
  return [
    ...rule.inline,
    ...rule.strip,
    ...rule.stripOnCreate,
    ...rule.stripOnUpdate,
    ...rule.fixed,
    ...rule.parts.map((part) => part.of),
    ...rule.references.map(({ path }) => path.replace(/\/\*\*$/, "")),
    ...rule.builtIn.map(({ property }) => property),
    ...(rule.templates ? [rule.templates.of] : []),
    ...(rule.successor ? [rule.successor.moving] : []),
    ...(rule.deleted?.only ? [rule.deleted.only.property] : []),
    ...(rule.create && "first" in rule.create ? (rule.create.first ?? []) : []),
  ].filter((name) => !functions.includes(name.split("/")[0] ?? ""));
}

function has(typings: GraphTypings, kind: string, [name = "", ...rest]: readonly string[]): boolean {
  const property = typings.propertiesOf(kind).get(name);
  if (!property) return false;
  if (rest.length === 0) return true;
  return [property.type, ...typings.derivedOf(property.type)].some((inner) => has(typings, inner, rest));
}
