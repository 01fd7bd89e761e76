import { dispatcherActor } from "#lib/access/actor";
import { endAcceptances } from "#lib/drift/end-acceptances";
import { dispatchJob } from "#lib/jobs/dispatch";
import { log } from "#lib/log";
import { sweepRestores } from "#lib/restore/sweep";
import { tick } from "#lib/schedules/tick";
import { handles } from "../handle.ts";

/** The cluster-wide minute tick. */
export const dispatchHandler = handles({
  job: dispatchJob,
  oneAfterAnother: false,
  polling: { pollingIntervalSeconds: 2 },
  async handle(_, { stopping }) {
    try {
      await tick({}, stopping);
    } finally {
      await sweepRestores().catch((error: unknown) => {
        log.error({ err: error }, "lost restores were not looked for; the next tick tries again");
      });
      await endAcceptances(dispatcherActor, {}).catch((error: unknown) => {
        log.error(
          { err: error },
          "acceptances whose time is over were not looked for; the next tick tries again",
        );
      });
    }
  },
});
