import { defineJob, noPayload } from "./define.ts";

/** Applies retention to every schedule of every tenant and purges the bin and old records, daily. */
export const sweepRetentionJob = defineJob({
  name: "sweep-retention",
  payload: noPayload,
  queue: () => ({
    policy: "standard",
    notify: true,
    retryLimit: 2,
    retryDelay: 60,
    expireInSeconds: 3600,
    deleteAfterSeconds: 86_400,
  }),
  schedule: { cron: "17 3 * * *", missed: "once" },
});
