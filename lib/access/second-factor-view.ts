import { z } from "zod";
import { instant } from "#lib/view-fields";

/** What a person sees of their own two-step sign-in. */
export const secondFactorView = z.strictObject({
  since: instant.nullable().meta({ description: "Null while it is off" }),
  recovery_codes_left: z.int(),
  is_required: z.boolean().meta({ description: "The settings of the installation ask for it" }),
  comes_first: z.boolean().meta({ description: "While it is off, this session can do nothing else" }),
});
export type SecondFactorView = z.infer<typeof secondFactorView>;
