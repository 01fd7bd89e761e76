import { sayAnchors } from "#lib/audit/say-anchors";
import { watchAuditJob } from "#lib/jobs/watch-audit";
import { handles } from "../handle.ts";

/** Keeps the audit logs provable. */
export const watchAuditHandler = handles({
  job: watchAuditJob,
  oneAfterAnother: false,
  polling: { notifyPollingIntervalSeconds: 30 },
  async handle() {
    await sayAnchors();
  },
});
