import { z } from "zod";
import { roles } from "#lib/access/permissions";

// The fields that answers are made of. Views are strict, so nothing goes out that is not described.

export const id = z.int().min(1);
export const instant = z.iso
  .datetime()
  .meta({ description: "ISO 8601, UTC", examples: ["2026-11-24T02:30:00.000Z"] });
export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: "SHA-256 in lower-case hex" });
export const openObject = z.record(z.string(), z.unknown());
export const itemKind = z
  .enum(["policy", "foundation"])
  .meta({ description: "A foundation is an object that policies refer to, captured with them" });
export const role = z.enum(roles, `must be one of ${roles.join(", ")}`).meta({
  description:
    "What its holder may do: readonly views; operator also runs, retries and cancels; manager also writes schedules and exports; owner also manages people, tokens and connection",
});
export const policyType = z
  .string()
  .max(100, "must be at most 100 characters")
  .meta({ description: "A key of the policy catalog", examples: ["settingsCatalogPolicy"] });
export const graphId = z.string().meta({ description: "The object's id in Microsoft Graph" });
export const nameSearch = z
  .string()
  .trim()
  .max(200, "must be at most 200 characters")
  .meta({ description: "A part of the policy's name, in any letter case" });
export const bytesLogical = z.int().meta({ description: "Bytes, as plain JSON" });
export const bytesStored = z.int().meta({ description: "Bytes in the database, compressed" });

/** What became of a set's policies since the sets before it. */
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
