// Documents are JSON of Graph: whatever they hold, reading them never fails.

/** An object of a document. */
export type DocumentObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object, and no list. */
export function isDocumentObject(value: unknown): value is DocumentObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** The objects of a list with their places in it; of anything else none. */
export function objectsIn(value: unknown): { object: DocumentObject; at: number }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((object: unknown, at) => (isDocumentObject(object) ? [{ object, at }] : []));
}

/** A property that is a text; empty for any other. */
export function textOf(object: DocumentObject, property: string): string {
  const value = object[property];
  return typeof value === "string" ? value : "";
}

/** The `@odata.type` of an object without its namespace; `declared` where it says none. */
export function shortType(object: DocumentObject, declared = ""): string {
  const type = textOf(object, "@odata.type");
  return type === "" ? declared : type.slice(type.lastIndexOf(".") + 1);
}
