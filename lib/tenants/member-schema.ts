import { z } from "zod";
import { roles } from "#lib/access/permissions";

/** The schema of a new member: form and action share it. */
export const memberAddSchema = z.strictObject({
  email: z
    .string()
    .trim()
    .toLowerCase()
    .max(320, "must be at most 320 characters")
    .pipe(z.email("must be an email address")),
  /** Only for someone who has no account yet. */
  name: z.string().trim().max(200, "must be at most 200 characters").default(""),
  role: z.enum(roles, `must be one of ${roles.join(", ")}`),
});
