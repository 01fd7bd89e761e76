import { defineJob, noPayload } from "./define.ts";

/**
 * Verifies the backup sets of every tenant, weekly. A retry goes on where the last attempt ended: sets that it has
 * verified are passed over.
 */
export const verifySetsJob = defineJob({
  name: "verify-sets",
  payload: noPayload,
  queue: () => ({
    policy: "standard",
    notify: true,
    heartbeatSeconds: 30,
    retryLimit: 5,
    retryDelay: 60,
    expireInSeconds: 43_200,
    deleteAfterSeconds: 86_400,
  }),
  schedule: { cron: "41 4 * * 0", missed: "once" },
});
