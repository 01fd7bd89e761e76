import { z } from "zod";
import { nameSchema } from "#lib/name-schema";

/** What a person without an account chooses. Whether the password fits the person is `newPasswordFault`. */
export const newPersonSchema = z.strictObject({
  name: nameSchema,
  password: z.string().min(1, "must not be empty").max(1_000, "must be at most 1000 characters"),
});
