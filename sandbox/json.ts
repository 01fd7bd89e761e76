/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | GraphObject;

/** A JSON object as Graph sends it; navigation properties (children) may be inline. */
export interface GraphObject {
  [key: string]: Json;
}

export function isObject(value: unknown): value is GraphObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a JSON array; anything else in it is left out, and what is no array has none. */
export function objectsOf(value: Json | undefined): GraphObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** `@odata.type` without `#microsoft.graph.`; empty when the object has none. */
export function typeName(object: GraphObject): string {
  const type = object["@odata.type"];
  return typeof type === "string" ? type.replace(/^#?microsoft\.graph\./, "") : "";
}
