import { z } from "zod";
import { id, instant, role } from "#lib/view-fields";
import { tokenStates } from "./schema.ts";

export const tokenView = z
  .strictObject({
    id,
    name: z.string(),
    role,
    effective_role: role.meta({ description: "What it may do now: no more than its maker" }),
    state: z.enum(tokenStates).meta({ description: "`maker_gone`: who made it is no member any more" }),
    created_at: instant,
    created_by: z.strictObject({ user_id: id, name: z.string().nullable() }).nullable().meta({
      description: "Who made it, or rotated it last; null for one from the command line",
    }),
    expires_at: instant.nullable(),
    last_used_at: instant.nullable(),
    last_used_address: z.string().nullable().meta({ description: "The client's IP address" }),
    rotated_at: instant.nullable(),
    previous_expires_at: instant.nullable().meta({
      description: "Until when the secret from before the last rotation works; null when it does not",
    }),
    revoked_at: instant.nullable(),
  })
  .meta({ id: "ApiToken" });

export const newTokenView = z.strictObject({
  id,
  token: z.string().meta({ description: "The token in clear; this is the only time it can be seen" }),
  expires_at: instant,
});

export const rotatedTokenView = newTokenView.extend({
  previous_expires_at: instant.nullable().meta({
    description: "Until when the old secret works; null when it ended at once",
  }),
});
