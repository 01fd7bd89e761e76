import { GraphError } from "./errors.ts";

/** An object as Graph delivers it. */
export type GraphObject = Record<string, unknown>;

/** One page of a collection. */
export interface GraphPage {
  value: GraphObject[];
  nextLink: string | null;
  /** `@odata.count`, where Graph sends it: of the collection, or of the page alone. */
  count: number | null;
}

/**
 * The answer as one object. Guards against error bodies that come with status 200: they must never be stored.
 * @throws GraphError GRAPH_UNAVAILABLE, retryable, when it is anything else
 */
export function asEntity(body: unknown, what: string): GraphObject {
  if (!isObject(body) || isErrorBody(body) || Object.keys(body).length === 0) throw malformed(what);
  return body;
}

/**
 * The answer as one object, or null where Graph says that there is none: no content, or OData's null value.
 * @throws GraphError as `asEntity`
 */
export function asEntityOrNone(body: unknown, what: string): GraphObject | null {
  if (body === undefined || body === null) return null;
  if (isObject(body) && (body["@odata.null"] === true || body.value === null)) return null;
  return asEntity(body, what);
}

/**
 * The content of a stream: inside a batch Graph sends it as base64. Null where there is none.
 * @throws GraphError as `asEntity`
 */
export function asContent(body: unknown, what: string): string | null {
  if (body === undefined || body === null || body === "") return null;
  if (typeof body !== "string" || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) throw malformed(what);
  return body;
}

/**
 * The answer as a page of a collection: `value` must be a list of objects, none of them an error.
 * @throws GraphError GRAPH_UNAVAILABLE, retryable, when it is anything else
 */
export function asPage(body: unknown, what: string): GraphPage {
  if (!isObject(body) || isErrorBody(body) || !Array.isArray(body.value)) throw malformed(what);
  const next = body["@odata.nextLink"];
  if (next !== undefined && next !== null && typeof next !== "string") throw malformed(what);
  for (const item of body.value) if (!isObject(item) || isErrorBody(item)) throw malformed(what);
  const count = body["@odata.count"];
  return {
    value: body.value as GraphObject[],
    nextLink: next || null,
    count: typeof count === "number" ? count : null,
  };
}

/** Whether a JSON value is an object, neither list nor null. */
export function isObject(value: unknown): value is GraphObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** `error` as Graph writes it: an object with a code. No configuration object has such a property. */
function isErrorBody(body: GraphObject): boolean {
  return isObject(body.error) && typeof body.error.code === "string";
}

function malformed(what: string): GraphError {
  return new GraphError(
    "GRAPH_UNAVAILABLE",
    `Graph answered with something that is no data for ${what}; it was not stored.`,
    { status: 200, retryable: true },
  );
}
