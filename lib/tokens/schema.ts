import { z } from "zod";
import { roles } from "#lib/access/permissions";

/** The schema of a new token: form, action and route share it. */
export const tokenCreateSchema = z.strictObject({
  name: z.string().trim().min(1, "must not be empty").max(200, "must be at most 200 characters"),
  role: z.enum(roles, `must be one of ${roles.join(", ")}`),
  expires_at: z.iso.datetime("must be an ISO 8601 instant").nullable().default(null),
});
