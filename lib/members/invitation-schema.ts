import { z } from "zod";
import { role } from "#lib/view-fields";
import type { invitationView, newInvitationView } from "./views.ts";

/** The schema of an invitation: form, action and route share it. */
export const inviteSchema = z.strictObject({
  email: z
    .string()
    .trim()
    .toLowerCase()
    .max(320, "must be at most 320 characters")
    .pipe(z.email("must be an email address"))
    .meta({ description: "Whose account accepts; letter case does not matter" }),
  role,
});

/** An invitation that was neither accepted nor withdrawn. */
export type InvitationView = z.infer<typeof invitationView>;

/** An invitation that was just made, with the path under which it is accepted, this once. */
export type NewInvitation = z.infer<typeof newInvitationView>;
