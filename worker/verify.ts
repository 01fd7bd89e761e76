import type { PgBoss } from "pg-boss";
import { verifyAllTenants } from "#lib/backups/verify";
import type { JobPayloads } from "#lib/jobs/queues";
import { log } from "#lib/log";

/** Verifies every backup set of every tenant, weekly. */
export async function workVerify(boss: PgBoss, stopping: AbortSignal): Promise<void> {
  await boss.work<JobPayloads["verify-sets"]>(
    "verify-sets",
    { notifyPollingIntervalSeconds: 30 },
    async (jobs) => {
      for (const job of jobs) {
        const result = await verifyAllTenants(AbortSignal.any([stopping, job.signal]));
        log.info(result, "verify");
        // Back to the queue: another worker goes on with what is left.
        if (result.stopped) throw new Error("The worker stopped before all sets were verified.");
      }
    },
  );
}
