import { z } from "zod";
import { idSchema } from "#lib/ids";
import { defineJob } from "./define.ts";

/** Verifies the sets of a tenant whose stored copies were found damaged, or healed, after their last verification. */
export const verifyAffectedJob = defineJob({
  name: "verify-affected",
  payload: z.object({ tenant_id: idSchema }),
  queue: () => ({
    policy: "standard",
    notify: true,
    heartbeatSeconds: 30,
    retryLimit: 5,
    retryDelay: 60,
    expireInSeconds: 43_200,
    deleteAfterSeconds: 86_400,
  }),
});
