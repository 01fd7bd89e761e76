import { z } from "zod";
import { bigIdSchema, idSchema } from "#lib/ids";
import { defineJob } from "./define.ts";

/**
 * One attempt to deliver an event to a target. The delivery's row counts its attempts and knows when the next one is due;
 * the queue repeats only what died before it was noted there.
 */
export const deliverAlertJob = defineJob({
  name: "deliver-alert",
  payload: z.object({ tenant_id: idSchema.nullable(), delivery_id: bigIdSchema }),
  queue: () => ({
    policy: "standard",
    notify: true,
    heartbeatSeconds: 10,
    retryLimit: 10,
    retryDelay: 5,
    retryBackoff: true,
    retryDelayMax: 900,
    expireInSeconds: 120,
    deleteAfterSeconds: 3_600,
  }),
});
