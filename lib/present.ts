import type { z } from "zod";

/** A value as the database gives it, of one that an answer has: instants are Dates there. */
type Stored<T> = T extends string ? T | Date : T extends number ? T | bigint : T;

/**
 * A row as its view shows it: the view's fields, with instants as ISO 8601 and big integers as numbers. Fields that the
 * row has beyond those are left out.
 */
export function present<V extends z.ZodObject>(
  view: V,
  row: { [K in keyof z.output<V>]: Stored<z.output<V>[K]> },
): z.output<V> {
  const values: Record<string, unknown> = row;
  const shown: Record<string, unknown> = {};
  for (const name of fieldsOf(view)) {
    const value = values[name];
    if (value instanceof Date) shown[name] = value.toISOString();
    else shown[name] = typeof value === "bigint" ? Number(value) : value;
  }
  return shown as z.output<V>;
}

/** By view: asked of the schema for each row of a list, the names cost more than the row. */
const fields = new WeakMap<z.ZodObject, readonly string[]>();

function fieldsOf(view: z.ZodObject): readonly string[] {
  const known = fields.get(view);
  if (known) return known;
  const names = Object.keys(view.shape);
  fields.set(view, names);
  return names;
}
