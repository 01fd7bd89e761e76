import { sameDocument } from "#lib/compare/document-diff";
import type { PolicyType } from "#lib/policies/policy-type";
import type { BuiltInRule, WriteRule } from "#lib/policies/write/write-rule";
import { type Document, documentsOf, isDocument, typeOf, without } from "./document.ts";
import type { Reason, RestoreInput } from "./plan.ts";

/** Why an item cannot be written by anybody or by an application, whatever a person decides; null where it can. */
export function impossible(input: RestoreInput, rule: WriteRule): string | null {
  const { backup, live, mode } = input;
  if (rule.delegatedOnly !== null) return rule.delegatedOnly;
  const noAllDevices = rule.assign !== null && "noAllDevices" in rule.assign;
  if (noAllDevices && documentsOf(backup.assignments).some(isToAllDevices))
    return "Graph assigns policies of this type to groups alone, and not to all devices as the backup has it.";
  const target = mode.kind === "copy" ? null : live;
  for (const builtIn of rule.builtIn) {
    if (!isBuiltIn(builtIn, backup)) continue;
    const { allows, why } = builtIn;
    const assigns = allows === "assign" && target !== null;
    const updates = allows === "update" && target !== null;
    if (!assigns && !updates) return why;
  }
  if (mode.kind === "assignments") {
    const assigned = rule.assign !== null || rule.parts.some(({ kind }) => kind === "roleAssignments");
    return assigned ? null : "Objects of this type are not assigned to anybody.";
  }
  if (target !== null) return null;
  if ("never" in rule.create) return rule.create.never;
  const kind = typeOf(backup);
  if (rule.create.only && !rule.create.only.includes(kind))
    return `An app of the kind ${kind} needs its installer, which Graph never returns: add it by hand.`;
  return null;
}

function isToAllDevices({ target }: Document): boolean {
  return isDocument(target) && typeOf(target) === "allDevicesAssignmentTarget";
}

/** Whether an object is one of Microsoft's own. */
export function isBuiltIn({ property, equals, contains }: BuiltInRule, document: Document): boolean {
  const value = document[property];
  return contains ? String(value).includes(String(equals)) : value === equals;
}

/** Whether of Microsoft's own object only the assignments are written. */
export function onlyAssigned({ backup }: RestoreInput, rule: WriteRule): boolean {
  return rule.builtIn.some(
    ({ property, equals, allows }) => allows === "assign" && backup[property] === equals,
  );
}

/** What of the live object stands in the way of writing the backup over it. */
export function conflicts(wanted: Document, live: Document, rule: WriteRule): Reason[] {
  if (typeOf(wanted) !== typeOf(live)) {
    const message = `The live policy is of the kind ${typeOf(live)}, and that of the backup ${typeOf(wanted)}: restore it as a copy.`;
    return [{ code: "type_changed", path: "@odata.type", message }];
  }
  return rule.fixed.flatMap((path): Reason[] => {
    const strip = rule.strip.filter((name) => name.startsWith(`${path}/`));
    const [left, right] = [without(wanted, strip)[path], without(live, strip)[path]];
    if (left === undefined || sameDocument(left, right)) return [];
    const message = `${path} cannot be changed once a policy is made: restore it as a copy.`;
    return [{ code: "fixed", path, message }];
  });
}

/** The property that names an object: what a copy's prefix goes before. */
export function nameProperty({ path }: PolicyType, document: Document): string {
  const names = path.endsWith("olicies") ? ["name", "displayName"] : ["profileName", "displayName", "name"];
  return names.find((name) => typeof document[name] === "string") ?? "displayName";
}
