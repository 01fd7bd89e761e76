import { learnDefinitions } from "#lib/definitions/learn";
import { AppError } from "#lib/errors";
import { learnDefinitionsJob } from "#lib/jobs/learn-definitions";
import { log } from "#lib/log";
import { handles } from "../handle.ts";

/** Asks Microsoft what settings are called; one tenant takes one place at most, and nobody waits for it. */
export const learnDefinitionsHandler = handles({
  job: learnDefinitionsJob,
  places: () => 1,
  perTenant: () => 1,
  oneAfterAnother: true,
  polling: { notifyPollingIntervalSeconds: 5 },
  async handle({ tenant_id }, { stopping, claimLost }) {
    const signal = AbortSignal.any([stopping, claimLost]);
    const result = await learnDefinitions(tenant_id, signal).catch((error) => {
      // The tenant was removed meanwhile.
      if (error instanceof AppError && error.code === "NOT_FOUND") return { kind: "nothing_to_do" as const };
      throw error;
    });
    log.info({ tenant_id, ...result }, "setting definitions");
    if (result.kind === "try_again") throw new Error(result.reason);
  },
});
