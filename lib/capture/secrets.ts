import { type GraphObject, isObject } from "#lib/graph/shape";
import type { PolicyType } from "#lib/policies/policy-type";
import { withheldIn } from "#lib/policies/secrets";

/**
 * The secrets in a document that Graph keeps to itself: whoever may only read gets a placeholder, or nothing. A backup
 * cannot bring them back, and says so.
 * @returns a note each, with the place in the document
 */
export function withheldSecrets(document: GraphObject): string[] {
  const notes: string[] = [];
  const visit = (value: unknown, place: string) => {
    if (Array.isArray(value)) {
      value.forEach((entry, index) => {
        visit(entry, `${place}[${index}]`);
      });
      return;
    }
    if (!isObject(value)) return;
    const path = (key: string) => (place ? `${place}.${key}` : key);
    for (const key of withheldIn(value)) notes.push(`secret not captured: ${path(key)}`);
    for (const key of Object.keys(value)) visit(value[key], path(key));
  };
  visit(document, "");
  return notes;
}

/**
 * Removes the properties that the type declares as secrets, and names those that Graph never returns.
 * @returns a note for each that is, or may be, set
 */
export function takeSecrets(
  document: GraphObject,
  type: Pick<PolicyType, "secrets" | "writeOnly">,
): string[] {
  const notes: string[] = [];
  for (const property of type.secrets) {
    if ((document[property] ?? null) !== null) notes.push(`secret not stored: ${property}`);
    delete document[property];
  }
  for (const property of type.writeOnly) {
    if ((document[property] ?? null) === null) notes.push(`not returned by Graph: ${property}`);
  }
  return notes;
}
