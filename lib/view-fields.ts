import { z } from "zod";

// The fields that answers are made of. Views are strict, so nothing goes out that is not described.

export const id = z.int().min(1);
export const instant = z.iso.datetime().meta({ description: "ISO 8601, UTC" });

/** One page of a list of such views. */
export function pageOf<V extends z.ZodType>(view: V) {
  return z.strictObject({ items: z.array(view), next_cursor: z.string().nullable() });
}
