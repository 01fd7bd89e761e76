import { type GraphObject, isObject } from "#lib/graph/shape";
import type { PolicyType } from "#lib/policies/policy-type";

/**
 * The secrets in a document that Graph keeps to itself: whoever may only read gets a placeholder, or nothing. A backup
 * cannot bring them back, and says so.
 * - values of OMA settings that are encrypted;
 * - `x` where `xIsSet` is true, such as `preSharedKey` of Wi-Fi profiles;
 * - the shared secret of a VPN profile that signs in with one;
 * - secret settings of the settings catalog, which are tokens for a value that only Intune knows.
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
    for (const key of withheldIn(value, place)) notes.push(`secret not captured: ${path(key)}`);
    for (const key of Object.keys(value)) visit(value[key], path(key));
  };
  visit(document, "");
  return notes;
}

function withheldIn(object: GraphObject, place: string): string[] {
  if (/^omaSettings\[\d+\]$/.test(place)) {
    const encrypted =
      object.isEncrypted === true ||
      (typeof object.secretReferenceValueId === "string" && object.secretReferenceValueId !== "") ||
      (typeof object.value === "string" && /^\*{3,}$/.test(object.value));
    return encrypted ? ["value"] : [];
  }
  if (String(object["@odata.type"] ?? "").endsWith("SecretSettingValue")) {
    return object.valueState === "encryptedValueToken" ? ["value"] : [];
  }
  const flagged = Object.keys(object)
    .filter((key) => key.endsWith("IsSet") && object[key] === true)
    .map((key) => key.slice(0, -"IsSet".length))
    .filter((key) => (object[key] ?? null) === null);
  const shared =
    object.authenticationMethod === "sharedSecret" && (object.sharedSecret ?? null) === null
      ? ["sharedSecret"]
      : [];
  return [...flagged, ...shared];
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
