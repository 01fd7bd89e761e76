import { AppError } from "#lib/errors";
import { executeRestoreJob } from "#lib/jobs/execute-restore";
import { log } from "#lib/log";
import { executeRestore } from "#lib/restore/execute-restore";
import { handles } from "../handle.ts";

/** Writes restores: one of a tenant at a time, over all workers. */
export const executeRestoreHandler = handles({
  job: executeRestoreJob,
  places: () => 2,
  perTenant: () => 1,
  oneAfterAnother: true,
  polling: { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 2 },
  async handle({ tenant_id, restore_id }, { id, stopping, claimLost }) {
    const signal = AbortSignal.any([stopping, claimLost]);
    const result = await executeRestore(tenant_id, restore_id, id, signal).catch((error: unknown) => {
      // The tenant was removed meanwhile.
      if (error instanceof AppError && error.code === "NOT_FOUND") return { kind: "released" as const };
      throw error;
    });
    log.info({ tenant_id, restore_id, ...result }, "restore");
    if (result.kind === "try_again") throw new Error(result.reason);
  },
});
