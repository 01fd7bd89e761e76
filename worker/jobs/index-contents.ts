import { indexContents } from "#lib/contents/index-contents";
import { AppError } from "#lib/errors";
import { indexContentsJob } from "#lib/jobs/index-contents";
import { log } from "#lib/log";
import { handles } from "../handle.ts";

/** Keeps the index over a tenant's contents. One place: after a night's runs nobody waits for it. */
export const indexContentsHandler = handles({
  job: indexContentsJob,
  oneAfterAnother: true,
  polling: { notifyPollingIntervalSeconds: 5 },
  async handle({ tenant_id }, { stopping, claimLost }) {
    const signal = AbortSignal.any([stopping, claimLost]);
    const added = await indexContents(tenant_id, signal).catch((error) => {
      // The tenant was removed meanwhile.
      if (error instanceof AppError && error.code === "NOT_FOUND") return 0;
      throw error;
    });
    if (added > 0) log.info({ tenant_id, added }, "index contents");
  },
});
