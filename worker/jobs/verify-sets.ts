import { verifyAllTenants } from "#lib/integrity/verify";
import { verifySetsJob } from "#lib/jobs/verify-sets";
import { log } from "#lib/log";
import { handles } from "../handle.ts";

/** Verifies every backup set of every tenant. */
export const verifySetsHandler = handles({
  job: verifySetsJob,
  oneAfterAnother: false,
  polling: { notifyPollingIntervalSeconds: 30 },
  async handle(_, { stopping, claimLost }) {
    const result = await verifyAllTenants(AbortSignal.any([stopping, claimLost]));
    log.info(result, "verify");
    // Back to the queue: another worker goes on with what is left.
    if (result.stopped) throw new Error("The worker stopped before all sets were verified.");
  },
});
