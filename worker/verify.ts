import type { PgBoss } from "pg-boss";
import { AppError } from "#lib/errors";
import { verifyAffectedSets, verifyAllTenants } from "#lib/integrity/verify";
import type { JobPayloads } from "#lib/jobs/queues";
import { log } from "#lib/log";

/** Verifies every backup set of every tenant, weekly; and those that damage, or its healing, concerns, at once. */
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
  await boss.work<JobPayloads["verify-affected"]>(
    "verify-affected",
    { notifyPollingIntervalSeconds: 30 },
    async (jobs) => {
      for (const job of jobs) {
        const { tenant_id } = job.data;
        const result = await verifyAffectedSets(tenant_id, AbortSignal.any([stopping, job.signal])).catch(
          (error) => {
            // The tenant was removed meanwhile.
            if (error instanceof AppError && error.code === "NOT_FOUND") return { sets: 0, damaged: 0 };
            throw error;
          },
        );
        log.info({ tenant_id, ...result }, "verify affected sets");
      }
    },
  );
}
