import { z } from "zod";
import { idSchema } from "#lib/ids";
import { defineJob } from "./define.ts";

/**
 * Asks Microsoft who made a set's changes. Nothing waits for it, so it retries gently and then gives up: who changed what
 * is worth no more.
 */
export const changeAuthorsJob = defineJob({
  name: "change-authors",
  payload: z.object({ tenant_id: idSchema, backup_set_id: idSchema }),
  queue: () => ({
    policy: "standard",
    notify: true,
    heartbeatSeconds: 30,
    retryLimit: 3,
    retryDelay: 120,
    retryBackoff: true,
    expireInSeconds: 300,
    deleteAfterSeconds: 86_400,
  }),
});
