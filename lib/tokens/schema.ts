import { z } from "zod";
import { type Role, roles } from "#lib/access/permissions";
import { tokenLifetimeDays } from "#lib/limits";
import { nameSchema } from "#lib/name-schema";

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
  role: z.enum(roles, `must be one of ${roles.join(", ")}`),
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
    .meta({ description: "How long the old secret still works" }),
});

/** What may be wrong with a token: nothing; or its maker is no member any more (`maker_gone`). */
export const tokenStates = ["valid", "expired", "revoked", "maker_gone"] as const;

/** An API token as lists show it; the token itself is shown once, when it is made or rotated. */
export interface ApiTokenView {
  id: number;
  name: string;
  role: Role;
  /** What it may do now: no more than its maker. */
  effective_role: Role;
  state: (typeof tokenStates)[number];
  created_at: string;
  /** Who made it, or rotated it last; null for one from the command line. */
  created_by: { user_id: number; name: string | null } | null;
  expires_at: string | null;
  last_used_at: string | null;
  last_used_address: string | null;
  rotated_at: string | null;
  /** Until when the secret from before the last rotation works. */
  previous_expires_at: string | null;
  revoked_at: string | null;
}

/** A token that was just made. */
export interface NewApiToken {
  id: number;
  /** In clear: this is the only time it can be seen. */
  token: string;
  expires_at: string;
}

/** A token that just got a new secret. */
export interface RotatedApiToken extends NewApiToken {
  /** Until when the old secret works; null when it ended at once. */
  previous_expires_at: string | null;
}
