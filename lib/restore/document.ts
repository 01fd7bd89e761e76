/** A policy as it is stored: plain JSON. */
export type Document = Readonly<Record<string, unknown>>;

export function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list; anything else has none. */
export function documentsOf(value: unknown): Document[] {
  return Array.isArray(value) ? value.filter(isDocument) : [];
}

/** What a change makes of a value; undefined takes it away. */
type Change = (value: unknown, path: string) => unknown;

/**
 * The value with what stands at a path changed. Lists on the way are passed through.
 * @param path names from here; `change` also hears where each value stands, as `users/includeUsers`
 */
export function changedAt(value: unknown, path: string, change: Change): unknown {
  return changed(value, path.split("/"), change, "");
}

function changed(value: unknown, [name, ...rest]: readonly string[], change: Change, at: string): unknown {
  if (name === undefined) return change(value, at);
  if (Array.isArray(value)) {
    return value.map((entry, index) => changed(entry, [name, ...rest], change, join(at, String(index))));
  }
  if (!isDocument(value) || !Object.hasOwn(value, name)) return value;
  const next = changed(value[name], rest, change, join(at, name));
  const { [name]: _, ...others } = value;
  return next === undefined ? others : { ...value, [name]: next };
}

/** Where a value stands below another. */
export function join(at: string, name: string): string {
  return at === "" ? name : `${at}/${name}`;
}

/** The document without what stands at the paths. */
export function without(value: Document, paths: readonly string[]): Document {
  let result: unknown = value;
  for (const path of paths) result = changedAt(result, path, () => undefined);
  return isDocument(result) ? result : {};
}

/** The value without properties of these names, at every depth. */
export function withoutNames(value: unknown, names: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((entry) => withoutNames(entry, names));
  if (!isDocument(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      names.has(name) ? [] : [[name, withoutNames(inner, names)]],
    ),
  );
}

/** `@odata.type` without its namespace; empty when the value has none. */
export function typeOf(value: unknown): string {
  const type = isDocument(value) ? value["@odata.type"] : undefined;
  return typeof type === "string" ? type.replace(/^#microsoft\.graph\./, "") : "";
}

/** Whether two values are the same JSON, whatever the order of properties. */
export function same(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((entry, index) => same(entry, right[index]));
  if (isDocument(left) && isDocument(right)) {
    const names = Object.keys(left);
    return (
      names.length === Object.keys(right).length &&
      names.every((name) => Object.hasOwn(right, name) && same(left[name], right[name]))
    );
  }
  return left === right;
}
