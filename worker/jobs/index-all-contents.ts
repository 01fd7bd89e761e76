import { indexAllContents } from "#lib/contents/index-contents";
import { indexAllContentsJob } from "#lib/jobs/index-all-contents";
import { log } from "#lib/log";
import { handles } from "../handle.ts";

/** Adds what the index lacks of any tenant. */
export const indexAllContentsHandler = handles({
  job: indexAllContentsJob,
  oneAfterAnother: false,
  polling: { notifyPollingIntervalSeconds: 30 },
  async handle(_, { stopping, claimLost }) {
    const added = await indexAllContents(AbortSignal.any([stopping, claimLost]));
    if (added > 0) log.info({ added }, "index contents");
  },
});
