import type { Queue } from "pg-boss";
import { env } from "#lib/env";

/** The contract of each queue: name and payload. Who enqueues loads no worker code. */
export interface JobPayloads {
  /** One tick of dispatch; a schedule of pg-boss sends it every minute, cluster-wide. */
  dispatch: Record<string, never>;
  /** Executes one run. Only the run's id: the tenant is read from the run's row. */
  "execute-run": { run_id: number };
  /** Applies retention to one schedule. */
  "apply-retention": { tenant_id: number; backup_schedule_id: number };
  /** Applies retention to every schedule of every tenant and purges the bin; daily. */
  "sweep-retention": Record<string, never>;
  /** Asks Microsoft who made a set's changes. Optional: nothing waits for it. */
  "change-authors": { tenant_id: number; backup_set_id: number };
  /** Verifies the backup sets of every tenant; weekly. */
  "verify-sets": Record<string, never>;
  /** Verifies the sets of a tenant whose stored copies were found damaged, or healed, after their last verification. */
  "verify-affected": { tenant_id: number };
}

export type QueueName = keyof JobPayloads;

/**
 * The queues as pg-boss shall have them.
 *
 * execute-run: `heartbeatSeconds` finds a dead worker's job; with the monitor interval (boss.ts) that is
 * well within a minute. `expireInSeconds` only has to exceed the limit of an attempt, which ends it first. `retryLimit`
 * only has to exceed what anybody waits for: the run itself counts its attempts, and ends when they are used up.
 * No dead letter: the sweep of lost runs reads the run rows, which are the truth.
 */
export function queueDefinitions(): Record<QueueName, Omit<Queue, "name">> {
  const { RUN_RETRY_DELAY_SECONDS, RUN_TIMEOUT_MINUTES } = env();
  return {
    dispatch: {
      policy: "standard",
      notify: true,
      retryLimit: 0,
      expireInSeconds: 300,
      retentionSeconds: 300,
      deleteAfterSeconds: 3600,
    },
    "execute-run": {
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
    },
    // At most one waits for each schedule: it looks at all of the schedule's sets. Should a set be written just as the
    // one that waits is taken up, the next run's or the daily sweep finds it.
    "apply-retention": {
      policy: "short",
      notify: true,
      heartbeatSeconds: 30,
      retryLimit: 5,
      retryDelay: 30,
      retryBackoff: true,
      expireInSeconds: 900,
      deleteAfterSeconds: 86_400,
    },
    // Retries gently, and then gives up: who changed what is worth no more.
    "change-authors": {
      policy: "standard",
      notify: true,
      heartbeatSeconds: 30,
      retryLimit: 3,
      retryDelay: 120,
      retryBackoff: true,
      expireInSeconds: 300,
      deleteAfterSeconds: 86_400,
    },
    "sweep-retention": {
      policy: "standard",
      notify: true,
      retryLimit: 2,
      retryDelay: 60,
      expireInSeconds: 3600,
      deleteAfterSeconds: 86_400,
    },
    // A retry goes on where the last attempt ended: sets that it has verified are passed over.
    "verify-sets": {
      policy: "standard",
      notify: true,
      heartbeatSeconds: 30,
      retryLimit: 5,
      retryDelay: 60,
      expireInSeconds: 43_200,
      deleteAfterSeconds: 86_400,
    },
    "verify-affected": {
      policy: "standard",
      notify: true,
      heartbeatSeconds: 30,
      retryLimit: 5,
      retryDelay: 60,
      expireInSeconds: 43_200,
      deleteAfterSeconds: 86_400,
    },
  };
}
