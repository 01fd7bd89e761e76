import { type DocumentObject, objectsIn, textOf } from "./document.ts";
import { enumValue, isRawId, numberInWords, propertyName } from "./humanize.ts";
import { propertyNote } from "./property-notes.ts";
import type { SettingDefinition, WordContext, WordRow, WordValue } from "./schema.ts";
import { firstSentence } from "./setting-instances.ts";

/**
 * The settings of a legacy endpoint security policy, by category.
 * @param document with `categories`, their settings inside, or with `settings` alone
 */
export function intentRows(document: DocumentObject, context: WordContext): WordRow[] {
  const categories = objectsIn(document.categories);
  if (categories.length === 0) return rowsOf(document.settings, ["settings"], [], context);
  return categories.flatMap(({ object, at }) => {
    const name = textOf(object, "displayName");
    return rowsOf(object.settings, ["categories", at, "settings"], name === "" ? [] : [name], context);
  });
}

function rowsOf(
  list: unknown,
  above: readonly (string | number)[],
  category: string[],
  context: WordContext,
): WordRow[] {
  return objectsIn(list).map(({ object, at }) => {
    const id = textOf(object, "definitionId");
    // `deviceConfiguration--windows10EndpointProtectionConfiguration_firewallEnabled`: a property of an old profile.
    const [, type = "", property = ""] = /--([A-Za-z\d]+)_([A-Za-z\d]+)$/.exec(id) ?? [];
    const definition = context.definition(id);
    const noted = propertyNote(type, property).note;
    const note = definition?.description ? firstSentence(definition.description) : noted;
    return {
      key: `settings/${id}`,
      path: [...above, at],
      category,
      name: definition?.name ?? (property === "" ? id : propertyName(property)),
      isNamed: definition !== undefined || property !== "",
      value: intentValue(object, definition, { property, note: noted }),
      ...(note !== "" && { note }),
      children: [],
    };
  });
}

function intentValue(
  object: DocumentObject,
  definition: SettingDefinition | undefined,
  { property, note }: { property: string; note: string },
): WordValue {
  const value = "valueJson" in object ? parsed(textOf(object, "valueJson")) : object.value;
  const said = (one: unknown) =>
    (definition && typeof one === "string" && Object.hasOwn(definition.options, one)
      ? definition.options[one]
      : undefined) ?? plain(one, property, note);
  if (Array.isArray(value)) return { kind: "list", items: value.map(said) };
  if (value !== null && typeof value === "object")
    return { kind: "code", text: JSON.stringify(value, null, 2), language: "json", encoding: "Text" };
  return { kind: "text", text: said(value) };
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
