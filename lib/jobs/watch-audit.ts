import { auditWatchMinutes } from "#lib/limits";
import { defineJob, noPayload } from "./define.ts";

/** Tells in the audit logs what happened too often to be told at once, and says the heads of the audit logs' chains in the service's log, as far as they have moved. */
export const watchAuditJob = defineJob({
  name: "watch-audit",
  payload: noPayload,
  queue: () => ({
    policy: "standard",
    notify: true,
    retryLimit: 2,
    retryDelay: 60,
    expireInSeconds: 600,
    deleteAfterSeconds: 86_400,
  }),
  schedule: { cron: `*/${auditWatchMinutes} * * * *`, missed: "skip" },
});
