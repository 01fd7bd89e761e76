import type { PgBoss } from "pg-boss";
import type { z } from "zod";
import type { JobDefinition } from "#lib/jobs/define";
import type { JobName } from "#lib/jobs/jobs";

/** What a handler is told beside the payload. */
export interface JobContext {
  /** The queue's id of the job. */
  id: string;
  /** Aborts when the worker is asked to stop. */
  stopping: AbortSignal;
  /** Aborts when the queue has given the job to another worker, or has lost touch with this one. */
  claimLost: AbortSignal;
}

/** How a worker process takes up the jobs of one queue, and what it does with each. */
export interface JobHandler<Name extends JobName, Payload extends z.ZodType> {
  job: JobDefinition<Name, Payload>;
  /** Jobs at one time in this process; 1 if not said. */
  places?(): number;
  /** Jobs of one tenant at one time, over all workers; any number if not said. */
  perTenant?(): number;
  /**
   * Whether a place looks for the next job as soon as it has done one, and polls only while there is none. By itself
   * pg-boss waits out the polling interval, which makes a job a second, or less, of a long queue of short ones.
   */
  oneAfterAnother: boolean;
  /** How often a place looks by itself, in seconds: without notifications, and with them (should one be lost). */
  polling: { pollingIntervalSeconds?: number; notifyPollingIntervalSeconds?: number };
  /** Does one job. What it throws sends the job back to the queue, as often as the queue's rules say. */
  handle(payload: z.output<Payload>, context: JobContext): Promise<void>;
}

/** Says what the worker does with the jobs of one queue. */
export function handles<Name extends JobName, Payload extends z.ZodType>(
  handler: JobHandler<Name, Payload>,
): JobHandler<Name, Payload> {
  return handler;
}

/**
 * Takes up jobs of one queue until `stopping`. A place is a worker of its own to pg-boss: of those that its
 * `localConcurrency` makes, only one can be woken.
 */
export async function work(
  boss: PgBoss,
  { job, places, perTenant, oneAfterAnother, polling, handle }: JobHandler<JobName, z.ZodType>,
  stopping: AbortSignal,
): Promise<void> {
  const count = places?.() ?? 1;
  const options = { ...polling, ...(perTenant ? { groupConcurrency: perTenant() } : {}) };
  for (let n = 0; n < count; n += 1) {
    const place: { id?: string } = {};
    place.id = await boss.work<unknown>(job.name, options, async (taken) => {
      try {
        for (const { id, data, signal } of taken) {
          await handle(job.payload.parse(data), { id, stopping, claimLost: signal });
        }
      } finally {
        if (oneAfterAnother && place.id !== undefined && !stopping.aborted) boss.notifyWorker(place.id);
      }
    });
  }
}
