import { z } from "zod";
import { bigIdSchema, idSchema } from "#lib/ids";
import { defineJob } from "./define.ts";

/** Finds the targets of one event. A job that is lost is enqueued anew by the dispatcher's tick. */
export const routeAlertJob = defineJob({
  name: "route-alert",
  payload: z.object({ tenant_id: idSchema.nullable(), event_id: bigIdSchema }),
  queue: () => ({
    policy: "standard",
    notify: true,
    retryLimit: 10,
    retryDelay: 5,
    retryBackoff: true,
    retryDelayMax: 900,
    expireInSeconds: 120,
    deleteAfterSeconds: 3_600,
  }),
});
