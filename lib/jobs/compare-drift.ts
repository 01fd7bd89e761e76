import { z } from "zod";
import { idSchema } from "#lib/ids";
import { defineJob } from "./define.ts";

/**
 * Compares a set with its tenant's baseline; without one, the newest set of each schedule, since the baseline is another. No
 * run waits for it, and a set of later makes good what is missed.
 */
export const compareDriftJob = defineJob({
  name: "compare-drift",
  payload: z.object({ tenant_id: idSchema, backup_set_id: idSchema.nullable() }),
  queue: () => ({
    policy: "standard",
    notify: true,
    heartbeatSeconds: 30,
    retryLimit: 5,
    retryDelay: 10,
    retryBackoff: true,
    expireInSeconds: 600,
    deleteAfterSeconds: 86_400,
  }),
});
