import { type DocumentObject, isDocumentObject, objectsIn, textOf } from "./document.ts";
import type { WordRow, WordValue } from "./schema.ts";
import { byCategory } from "./setting-instances.ts";

/**
 * The policies of administrative templates: by their path, as Group Policy shows them, with what is entered below.
 * @param list the document's `definitionValues`, definitions and presentations expanded
 */
export function templateRows(list: unknown): WordRow[] {
  const rows = objectsIn(list).map(({ object, at }): WordRow => {
    const definition = isDocumentObject(object.definition) ? object.definition : {};
    const id = textOf(definition, "id") || textOf(object, "id");
    const name = textOf(definition, "displayName");
    const explained = textOf(definition, "explainText").split(/\r?\n/)[0] ?? "";
    const path = ["definitionValues", at];
    return {
      key: `definitionValues/${id}`,
      path,
      category: categoryOf(definition),
      name: name || id,
      isNamed: name !== "",
      value: { kind: "text", text: object.enabled === true ? "Enabled" : "Disabled" },
      ...(explained !== "" && { note: explained.slice(0, 200) }),
      children: presentationRows(object.presentationValues, { key: `definitionValues/${id}`, path }),
    };
  });
  return byCategory(rows);
}

function categoryOf(definition: DocumentObject): string[] {
  const side = { machine: "Computer Configuration", user: "User Configuration" }[
    textOf(definition, "classType")
  ];
  const below = textOf(definition, "categoryPath")
    .split("\\")
    .filter((name) => name !== "");
  return side === undefined ? below : [side, ...below];
}

function presentationRows(list: unknown, place: { key: string; path: (string | number)[] }): WordRow[] {
  return objectsIn(list).map(({ object, at }) => {
    const presentation = isDocumentObject(object.presentation) ? object.presentation : {};
    const label = textOf(presentation, "label").replace(/:\s*$/, "");
    return {
      key: `${place.key}/${textOf(presentation, "id") || at}`,
      path: [...place.path, "presentationValues", at],
      category: [],
      name: label || "Value",
      isNamed: true,
      value: presentedValue(object, presentation),
      children: [],
    };
  });
}

/** Drop-downs by the name of what was chosen, lists line by line. */
function presentedValue(object: DocumentObject, presentation: DocumentObject): WordValue {
  const { value, values } = object;
  if (Array.isArray(values)) {
    const items = values.map((entry: unknown) => {
      if (!isDocumentObject(entry)) return String(entry);
      const [name, text] = [textOf(entry, "name"), textOf(entry, "value")];
      return name === "" || name === text || text === "" ? text || name : `${name}: ${text}`;
    });
    return { kind: "list", items };
  }
  if (typeof value === "boolean") return { kind: "text", text: value ? "Yes" : "No" };
  const chosen = objectsIn(presentation.items).find(({ object: item }) => item.value === value);
  const text = (chosen && textOf(chosen.object, "displayName")) || String(value ?? "");
  return { kind: "text", text };
}
