import { defineJob, noPayload } from "./define.ts";

/** Adds what the index over contents lacks of any tenant, every hour: what was restored, or is from before there was one. */
export const indexAllContentsJob = defineJob({
  name: "index-all-contents",
  payload: noPayload,
  queue: () => ({
    policy: "standard",
    notify: true,
    heartbeatSeconds: 30,
    retryLimit: 3,
    retryDelay: 60,
    expireInSeconds: 3600,
    deleteAfterSeconds: 86_400,
  }),
  schedule: { cron: "23 * * * *", missed: "once" },
});
