import { compareDrift } from "#lib/drift/compare-drift";
import { AppError } from "#lib/errors";
import { compareDriftJob } from "#lib/jobs/compare-drift";
import { log } from "#lib/log";
import { handles } from "../handle.ts";

/** Compares what a run found with the tenant's baseline. Of one tenant one at a time: the sets come one after the other. */
export const compareDriftHandler = handles({
  job: compareDriftJob,
  perTenant: () => 1,
  oneAfterAnother: true,
  polling: { notifyPollingIntervalSeconds: 5 },
  async handle({ tenant_id, backup_set_id }) {
    const result = await compareDrift(tenant_id, backup_set_id).catch((error) => {
      // The tenant was removed meanwhile.
      if (error instanceof AppError && error.code === "NOT_FOUND") return null;
      throw error;
    });
    log.info({ tenant_id, backup_set_id, ...result }, "drift compared");
  },
});
