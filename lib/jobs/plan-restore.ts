import { z } from "zod";
import { idSchema } from "#lib/ids";
import { defineJob } from "./define.ts";

/** Reads what is live, and works out what a restore would do. Tried again while Graph or the database is away. */
export const planRestoreJob = defineJob({
  name: "plan-restore",
  payload: z.object({ tenant_id: idSchema, restore_id: idSchema }),
  queue() {
    return {
      policy: "standard",
      notify: true,
      heartbeatSeconds: 10,
      retryLimit: 100,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: 120,
      expireInSeconds: 6 * 3_600,
      retentionSeconds: 14 * 86_400,
      deleteAfterSeconds: 86_400,
    };
  },
});
