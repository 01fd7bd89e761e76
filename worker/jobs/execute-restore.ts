import { executeRestoreJob } from "#lib/jobs/execute-restore";
import { log } from "#lib/log";
import { handles } from "../handle.ts";

/** Writes restores: one of a tenant at a time, over all workers. */
export const executeRestoreHandler = handles({
  job: executeRestoreJob,
  places: () => 2,
  perTenant: () => 1,
  oneAfterAnother: true,
  polling: { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 2 },
  async handle({ tenant_id, restore_id }) {
    log.info({ tenant_id, restore_id }, "restore");
  },
});
