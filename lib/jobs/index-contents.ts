import { z } from "zod";
import { idSchema } from "#lib/ids";
import { defineJob } from "./define.ts";

/**
 * Brings the index over a tenant's contents up to date, after a run. Nothing waits for it: a search reads what the index
 * lacks.
 */
export const indexContentsJob = defineJob({
  name: "index-contents",
  payload: z.object({ tenant_id: idSchema }),
  queue: () => ({
    policy: "standard",
    notify: true,
    heartbeatSeconds: 30,
    retryLimit: 3,
    retryDelay: 60,
    retryBackoff: true,
    expireInSeconds: 3600,
    deleteAfterSeconds: 86_400,
  }),
});
