import { z } from "zod";
import { idSchema } from "#lib/ids";
import { defineJob } from "./define.ts";

/**
 * Writes a restore, or goes on with it. `heartbeatSeconds` finds a dead worker's job, whose next worker goes on from the
 * rows. A restore that waits for approvals gives its job back, and has another one a minute later.
 */
export const executeRestoreJob = defineJob({
  name: "execute-restore",
  payload: z.object({ tenant_id: idSchema, restore_id: idSchema }),
  queue() {
    return {
      policy: "standard",
      notify: true,
      heartbeatSeconds: 10,
      retryLimit: 1_000,
      retryDelay: 2,
      retryBackoff: true,
      retryDelayMax: 60,
      expireInSeconds: 24 * 3_600,
      retentionSeconds: 14 * 86_400,
      deleteAfterSeconds: 86_400,
    };
  },
});
