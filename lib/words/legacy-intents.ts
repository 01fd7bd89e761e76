import { type DocumentObject, objectsIn, textOf } from "./document.ts";
import { enumValue, isRawId, numberInWords, propertyName } from "./humanize.ts";
import { propertyNote } from "./property-notes.ts";
import type { WordRow, WordValue } from "./schema.ts";

/**
 * The settings of a legacy endpoint security policy, by category.
 * @param document with `categories`, their settings inside, or with `settings` alone
 */
export function intentRows(document: DocumentObject): WordRow[] {
  const categories = objectsIn(document.categories);
  if (categories.length === 0) return rowsOf(document.settings, ["settings"], []);
  return categories.flatMap(({ object, at }) => {
    const name = textOf(object, "displayName");
    return rowsOf(object.settings, ["categories", at, "settings"], name === "" ? [] : [name]);
  });
}

function rowsOf(list: unknown, above: readonly (string | number)[], category: string[]): WordRow[] {
  return objectsIn(list).map(({ object, at }) => {
    const id = textOf(object, "definitionId");
    // `deviceConfiguration--windows10EndpointProtectionConfiguration_firewallEnabled`: a property of an old profile.
    const [, type = "", property = ""] = /--([A-Za-z\d]+)_([A-Za-z\d]+)$/.exec(id) ?? [];
    const { note } = propertyNote(type, property);
    return {
      key: `settings/${id}`,
      path: [...above, at],
      category,
      name: property === "" ? id : propertyName(property),
      isNamed: property !== "",
      value: intentValue(object, property, note),
      ...(note !== "" && { note }),
      children: [],
    };
  });
}

function intentValue(object: DocumentObject, property: string, note: string): WordValue {
  const value = "valueJson" in object ? parsed(textOf(object, "valueJson")) : object.value;
  if (Array.isArray(value))
    return { kind: "list", items: value.map((entry) => plain(entry, property, note)) };
  if (value !== null && typeof value === "object")
    return { kind: "code", text: JSON.stringify(value, null, 2), language: "json", encoding: "Text" };
  return { kind: "text", text: plain(value, property, note) };
}

function plain(value: unknown, property: string, note: string): string {
  if (value === null || value === undefined) return "Not configured";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return numberInWords(value, property, note);
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[a-z]+[A-Za-z\d]*$/.test(value) && !isRawId(value) ? enumValue(value) : value;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
