import { sayAnchors } from "#lib/audit/say-anchors";
import { endSecurityWindows } from "#lib/audit/security";
import { watchAuditJob } from "#lib/jobs/watch-audit";
import { handles } from "../handle.ts";

/** Has the audit logs tell what was counted, and keeps them provable. */
export const watchAuditHandler = handles({
  job: watchAuditJob,
  oneAfterAnother: false,
  polling: { notifyPollingIntervalSeconds: 30 },
  async handle() {
    await endSecurityWindows();
    await sayAnchors();
  },
});
