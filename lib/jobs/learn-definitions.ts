import { z } from "zod";
import { idSchema } from "#lib/ids";
import { defineJob } from "./define.ts";

/**
 * Asks Microsoft what the settings in a tenant's policies are called. At most one waits for a tenant: it looks at all that
 * was not looked at. Nothing waits for it: after some tries the next set asks again.
 */
export const learnDefinitionsJob = defineJob({
  name: "learn-definitions",
  payload: z.object({ tenant_id: idSchema }),
  queue: () => ({
    policy: "short",
    notify: true,
    heartbeatSeconds: 30,
    retryLimit: 3,
    retryDelay: 300,
    retryBackoff: true,
    expireInSeconds: 300,
    deleteAfterSeconds: 86_400,
  }),
  key: ({ tenant_id }) => `tenant-${tenant_id}`,
});
