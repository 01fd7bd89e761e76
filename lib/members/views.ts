import { z } from "zod";
import { id, instant, role } from "#lib/view-fields";

export const invitationView = z
  .strictObject({
    id,
    email: z.string(),
    role,
    invited_by: z.string().nullable().meta({ description: "The inviter's name, if they are a member" }),
    created_at: instant,
    expires_at: instant,
    is_expired: z.boolean(),
    is_inviter_gone: z
      .boolean()
      .meta({ description: "Its link opens nothing: the inviter is disabled, or no owner any more" }),
  })
  .meta({ id: "Invitation" });

export const newInvitationView = z.strictObject({
  id,
  email: z.string(),
  role,
  expires_at: instant,
  path: z.string().meta({
    description: "Where the person accepts, below this site's address; this is the only time it can be seen",
  }),
});
