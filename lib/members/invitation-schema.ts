import { z } from "zod";
import { type Role, roles } from "#lib/access/permissions";

/** The schema of an invitation: form, action and route share it. */
export const inviteSchema = z.strictObject({
  email: z
    .string()
    .trim()
    .toLowerCase()
    .max(320, "must be at most 320 characters")
    .pipe(z.email("must be an email address")),
  role: z.enum(roles, `must be one of ${roles.join(", ")}`),
});

/** An invitation that was neither accepted nor withdrawn. */
export interface InvitationView {
  id: number;
  email: string;
  role: Role;
  /** The inviter's name; null for an API token, or somebody who is no longer a member. */
  invited_by: string | null;
  created_at: string;
  expires_at: string;
  is_expired: boolean;
}

/** An invitation that was just made. */
export interface NewInvitation {
  id: number;
  email: string;
  role: Role;
  expires_at: string;
  /** Where the invited person accepts it, below this site's address. This is the only time it can be seen. */
  path: string;
}
