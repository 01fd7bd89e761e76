import { AppError } from "#lib/errors";
import { verifyAffectedSets } from "#lib/integrity/verify";
import { verifyAffectedJob } from "#lib/jobs/verify-affected";
import { log } from "#lib/log";
import { handles } from "../handle.ts";

/** Verifies at once the sets that damage, or its healing, concerns. */
export const verifyAffectedHandler = handles({
  job: verifyAffectedJob,
  oneAfterAnother: false,
  polling: { notifyPollingIntervalSeconds: 30 },
  async handle({ tenant_id }, { stopping, claimLost }) {
    const signal = AbortSignal.any([stopping, claimLost]);
    const result = await verifyAffectedSets(tenant_id, signal).catch((error) => {
      // The tenant was removed meanwhile.
      if (error instanceof AppError && error.code === "NOT_FOUND") return { sets: 0, damaged: 0 };
      throw error;
    });
    log.info({ tenant_id, ...result }, "verify affected sets");
  },
});
