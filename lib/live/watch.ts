import { z } from "zod";
import { operation } from "#lib/operation";

/**
 * Whether the actor may watch this tenant live, and as whom. A stream asks again while it lasts, since a membership
 * can end.
 */
export const watchTenant = operation({
  name: "live.watch",
  permission: "tenant:view",
  effect: "read",
  input: z.strictObject({}),
  async run({ actor }): Promise<{ user_id: number | null }> {
    return { user_id: actor.kind === "user" ? actor.id : null };
  },
});
