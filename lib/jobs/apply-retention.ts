import { z } from "zod";
import { idSchema } from "#lib/ids";
import { defineJob } from "./define.ts";

/**
 * Applies retention to one schedule. At most one job waits for each: it looks at all of the schedule's sets. Should a set
 * be written just as the one that waits is taken up, the next run's or the daily sweep finds it.
 */
export const applyRetentionJob = defineJob({
  name: "apply-retention",
  payload: z.object({ tenant_id: idSchema, backup_schedule_id: idSchema }),
  queue: () => ({
    policy: "short",
    notify: true,
    heartbeatSeconds: 30,
    retryLimit: 5,
    retryDelay: 30,
    retryBackoff: true,
    expireInSeconds: 900,
    deleteAfterSeconds: 86_400,
  }),
  // Jobs fold by their key alone: without it those of all schedules would be folded into one.
  key: ({ backup_schedule_id }) => `schedule-${backup_schedule_id}`,
});
