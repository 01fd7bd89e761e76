import { z } from "zod";

/** What a person without an account chooses. Whether the password fits the person is `passwordFault`. */
export const newPersonSchema = z.strictObject({
  name: z.string().trim().min(1, "must not be empty").max(200, "must be at most 200 characters"),
  password: z.string().min(1, "must not be empty").max(1_000, "must be at most 1000 characters"),
});
