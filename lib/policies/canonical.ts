import { createHash } from "node:crypto";
import serialize from "canonicalize";
import { alwaysVolatile, type PolicyType } from "./catalog.ts";

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
 * data, Graph needs it to restore), without volatile properties, its assignments in a fixed order. Nothing else
 * is changed, added or removed. Source: GRAPH.md trap 6; IntuneCD's and IntuneManagement's lists of noise.
 * @throws Error when a text is not valid Unicode (RFC 8785 forbids lone surrogates)
 */
export function canonicalize(
  object: Readonly<Record<string, unknown>>,
  type: Pick<PolicyType, "volatile">,
): CanonicalDocument {
  const volatile: Record<string, unknown> = {};
  const rootVolatile = new Set([...alwaysVolatile, ...type.volatile]);

  function clean(value: unknown, path: string): unknown {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map((entry, index) => clean(entry, `${path}${index}/`));
    const kept: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if ((annotation.test(key) && key !== "@odata.type") || action.test(key)) continue;
      const entry: unknown = (value as Record<string, unknown>)[key];
      if ((path === "" ? rootVolatile : nestedVolatile).has(key)) volatile[`${path}${key}`] = entry;
      else define(kept, key, clean(entry, `${path}${key}/`));
    }
    return kept;
  }

  const cleaned = clean(object, "") as Record<string, unknown>;
  if (Array.isArray(cleaned.assignments)) cleaned.assignments = sorted(cleaned.assignments);
  const document = new TextEncoder().encode(serialize(cleaned));
  return { document, sha256: createHash("sha256").update(document).digest("hex"), volatile };
}

/** Plain assignment would lose a property named `__proto__`; defining them all takes four times as long. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

/** Graph returns assignments in any order. */
function sorted(list: readonly unknown[]): unknown[] {
  return list
    .map((entry) => ({ entry, text: serialize(entry) ?? "" }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ entry }) => entry);
}
