import { lookForChangeAuthors } from "#lib/authors/look";
import { AppError } from "#lib/errors";
import { changeAuthorsJob } from "#lib/jobs/change-authors";
import { log } from "#lib/log";
import { handles } from "../handle.ts";

/**
 * Asks Microsoft who made the changes of a set; after a night's runs of many tenants nobody waits for it. One tenant
 * takes one place at most: Entra's audit log allows so few requests that its next look could hold the others up.
 */
export const changeAuthorsHandler = handles({
  job: changeAuthorsJob,
  places: () => 2,
  perTenant: () => 1,
  oneAfterAnother: true,
  polling: { notifyPollingIntervalSeconds: 5 },
  async handle({ tenant_id, backup_set_id }, { stopping, claimLost }) {
    const signal = AbortSignal.any([stopping, claimLost]);
    const result = await lookForChangeAuthors(tenant_id, backup_set_id, signal).catch((error) => {
      // The tenant was removed meanwhile.
      if (error instanceof AppError && error.code === "NOT_FOUND") return { kind: "nothing_to_do" as const };
      throw error;
    });
    log.info({ tenant_id, backup_set_id, ...result }, "change authors");
    if (result.kind === "try_again") throw new Error(result.reason);
  },
});
