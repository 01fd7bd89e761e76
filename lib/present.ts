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
  const fields = Object.keys(view.shape).map((name) => {
    const value = values[name];
    if (value instanceof Date) return [name, value.toISOString()];
    return [name, typeof value === "bigint" ? Number(value) : value];
  });
  return Object.fromEntries(fields) as z.output<V>;
}
