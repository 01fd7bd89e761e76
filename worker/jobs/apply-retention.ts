import { retentionActor } from "#lib/access/actor";
import { applyRetentionJob } from "#lib/jobs/apply-retention";
import { applyRetention } from "#lib/retention/retention";
import { handles } from "../handle.ts";

/** Applies retention to a schedule, after each of its runs and when its rules change. */
export const applyRetentionHandler = handles({
  job: applyRetentionJob,
  oneAfterAnother: true,
  polling: { notifyPollingIntervalSeconds: 5 },
  async handle({ tenant_id, backup_schedule_id }) {
    await applyRetention(retentionActor, tenant_id, { backup_schedule_id });
  },
});
