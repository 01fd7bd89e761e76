import { dispatchJob } from "#lib/jobs/dispatch";
import { tick } from "#lib/schedules/tick";
import { handles } from "../handle.ts";

/** The cluster-wide minute tick. */
export const dispatchHandler = handles({
  job: dispatchJob,
  oneAfterAnother: false,
  polling: { pollingIntervalSeconds: 2 },
  async handle(_, { stopping }) {
    await tick({}, stopping);
  },
});
