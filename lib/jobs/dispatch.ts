import { defineJob, noPayload } from "./define.ts";

/** One tick of dispatch, every minute. A failed one is not retried: the next minute's finds the same and more. */
export const dispatchJob = defineJob({
  name: "dispatch",
  payload: noPayload,
  queue: () => ({
    policy: "standard",
    notify: true,
    retryLimit: 0,
    expireInSeconds: 300,
    retentionSeconds: 300,
    deleteAfterSeconds: 3600,
  }),
  schedule: { cron: "* * * * *", missed: "skip" },
});
