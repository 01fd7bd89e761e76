import { z } from "zod";
import { env } from "#lib/env";
import { idSchema } from "#lib/ids";
import { defineJob } from "./define.ts";

/**
 * Executes one run. Only the run's id: the tenant is read from the run's row.
 *
 * `heartbeatSeconds` finds a dead worker's job; with the monitor interval (boss.ts) that is well within a minute.
 * `expireInSeconds` only has to exceed the limit of an attempt, which ends it first. `retryLimit` only has to exceed what
 * anybody waits for: the run itself counts its attempts, and ends when they are used up. No dead letter: the sweep of
 * lost runs reads the run rows, which are the truth.
 */
export const executeRunJob = defineJob({
  name: "execute-run",
  payload: z.object({ run_id: idSchema }),
  queue() {
    const { RUN_RETRY_DELAY_SECONDS, RUN_TIMEOUT_MINUTES } = env();
    return {
      policy: "standard",
      notify: true,
      heartbeatSeconds: 10,
      retryLimit: 1_000,
      retryDelay: RUN_RETRY_DELAY_SECONDS,
      retryBackoff: RUN_RETRY_DELAY_SECONDS > 0,
      retryDelayMax: 900,
      expireInSeconds: Math.ceil(RUN_TIMEOUT_MINUTES * 60) + 300,
      retentionSeconds: 14 * 86_400,
      deleteAfterSeconds: 86_400,
    };
  },
});
