import { createHash, randomUUID } from "node:crypto";
import serialize from "canonicalize";
import { ExactNumber } from "#lib/graph/exact-number";
import { storableText } from "./display-name.ts";
import { alwaysVolatile, type PolicyType } from "./policy-type.ts";

/** A captured object in the form in which it is stored and compared. */
export interface CanonicalDocument {
  /** RFC 8785 JSON, UTF-8. */
  document: Uint8Array;
  /** Of `document`, in lower-case hex. */
  sha256: string;
  /** What was left out because it changes without an administrator's doing; path (`a/0/b`) → value. */
  volatile: Record<string, unknown>;
}

/** Below the root only these are volatile: they never mean anything but a date of change. */
const nestedVolatile = new Set(["lastModifiedDateTime", "modifiedDateTime"]);

/** `x@odata.type`, `@odata.id`, `@microsoft.graph.tips`, …: what Graph says about the data. */
const annotation = /^[^@]*@(odata|microsoft\.graph)\./;
/** `#microsoft.graph.assign`: actions that Graph offers on the object. */
const action = /^#[\w.]+$/;

/**
 * The canonical form of an object from Graph: without OData annotations (`@odata.type` of an object stays: it is
 * data, Graph needs it to restore), without volatile properties, its assignments in a fixed order. Numbers
 * that a double cannot hold stay as Graph wrote them. Nothing else is changed, added or removed. Source: IntuneCD's and IntuneManagement's lists of noise.
 * @throws Error when a text is not valid Unicode (RFC 8785 forbids lone surrogates)
 */
export function canonicalize(
  object: Readonly<Record<string, unknown>>,
  type: Pick<PolicyType, "volatile">,
): CanonicalDocument {
  const volatile: Record<string, unknown> = {};
  const exact: string[] = [];
  const placeholder = `\u0000${randomUUID()}:`;
  const rootVolatile = new Set([...alwaysVolatile, ...type.volatile]);

  /** @param path where the value stands, with the indexes of lists; `place` the same without them */
  function clean(value: unknown, path: string, place: string): unknown {
    if (value === null || typeof value !== "object") return value;
    // RFC 8785 knows doubles only: the digits take this text's place once the rest is written.
    if (value instanceof ExactNumber) return `${placeholder}${exact.push(value.source) - 1}`;
    if (Array.isArray(value)) return value.map((entry, index) => clean(entry, `${path}${index}/`, place));
    const kept: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if ((annotation.test(key) && key !== "@odata.type") || action.test(key)) continue;
      const entry: unknown = (value as Record<string, unknown>)[key];
      const isVolatile = rootVolatile.has(`${place}${key}`) || (path !== "" && nestedVolatile.has(key));
      if (isVolatile) volatile[storableText(`${path}${key}`)] = storable(entry);
      else define(kept, key, clean(entry, `${path}${key}/`, `${place}${key}/`));
    }
    return kept;
  }

  const cleaned = clean(object, "", "") as Record<string, unknown>;
  if (Array.isArray(cleaned.assignments)) cleaned.assignments = sorted(cleaned.assignments);
  const json = serialize(cleaned) ?? "";
  const text = exact.length === 0 ? json : withNumbers(json, placeholder, exact);
  const document = new TextEncoder().encode(text);
  return { document, sha256: createHash("sha256").update(document).digest("hex"), volatile };
}

function withNumbers(json: string, placeholder: string, numbers: readonly string[]): string {
  const written = JSON.stringify(placeholder).slice(0, -1);
  return numbers.reduce((text, number, index) => text.replace(`${written}${index}"`, () => number), json);
}

/** A JSON value that PostgreSQL's jsonb can hold; the document itself is stored as bytes, and exactly. */
function storable(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (value === null || typeof value !== "object" || value instanceof ExactNumber) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [storableText(key), storable(entry)]),
  );
}

/** Plain assignment would lose a property named `__proto__`; defining them all takes four times as long. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

/** A hash of a list from Graph whose order means nothing, such as assignments; lower-case hex. */
export function fingerprintOf(list: readonly unknown[]): string {
  return createHash("sha256")
    .update(serialize(sorted(list)) ?? "")
    .digest("hex");
}

/** Graph returns assignments in any order. */
function sorted(list: readonly unknown[]): unknown[] {
  return list
    .map((entry) => ({ entry, text: serialize(entry) ?? "" }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ entry }) => entry);
}
