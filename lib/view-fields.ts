import { z } from "zod";

// The fields that answers are made of. Views are strict, so nothing goes out that is not described.

export const id = z.int().min(1);
export const instant = z.iso.datetime().meta({ description: "ISO 8601, UTC" });
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const openObject = z.record(z.string(), z.unknown());
export const itemKind = z.enum(["policy", "foundation"]);

/** What became of a set's policies since the set before it. */
export const changeCounts = z.strictObject({
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
  unchanged: z.int(),
});

/** What one transaction of a purge did; `more`: there are further rows to remove. */
export const purgedView = z.strictObject({ removed: z.int(), more: z.boolean() });

/** One page of a list of such views. */
export function pageOf<V extends z.ZodType>(view: V) {
  return z.strictObject({ items: z.array(view), next_cursor: z.string().nullable() });
}
