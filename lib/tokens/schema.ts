import { z } from "zod";
import { tokenLifetimeDays } from "#lib/limits";
import { nameSchema } from "#lib/name-schema";
import { role } from "#lib/view-fields";
import type { rotatedTokenView, tokenView } from "./views.ts";

/** How long the old secret of a rotated token still works, in hours. */
export const overlapHours = { default: 24, most: 168 } as const;

const expiresAt = z.iso
  .datetime("must be an ISO 8601 instant")
  .nullable()
  .default(null)
  .meta({
    description: `At most a year from now; ${tokenLifetimeDays.default} days from now unless given`,
  });

/** The schema of a new token: form, action and route share it. */
export const tokenCreateSchema = z.strictObject({
  name: nameSchema,
  role,
  expires_at: expiresAt,
});

const overlapMessage = `must be a whole number of hours from 0 to ${overlapHours.most}`;

/** How a token gets a new secret. */
export const tokenRotateSchema = z.strictObject({
  expires_at: expiresAt,
  overlap_hours: z
    .int(overlapMessage)
    .min(0, overlapMessage)
    .max(overlapHours.most, overlapMessage)
    .default(overlapHours.default)
    .meta({ description: "Hours for which the old secret still works" }),
});

/** What may be wrong with a token: nothing; or its maker is no member any more (`maker_gone`). */
export const tokenStates = ["valid", "expired", "revoked", "maker_gone"] as const;

/** An API token as lists show it; the token itself is shown once, when it is made or rotated. */
export type ApiTokenView = z.infer<typeof tokenView>;

/** A token that just got a new secret. */
export type RotatedApiToken = z.infer<typeof rotatedTokenView>;
