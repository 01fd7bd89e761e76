import { fromPrisma, type JobInsert } from "pg-boss";
import type { Tx } from "#lib/db/transaction";
import { producer } from "./boss.ts";
import type { JobPayloads, QueueName } from "./queues.ts";

export interface JobToEnqueue<N extends QueueName> {
  /** The job's id, if the caller has noted it somewhere: enqueueing the same id twice makes one job. */
  id?: string;
  data: JobPayloads[N];
  /** Of jobs with the same key that wait, the queue keeps one (if its policy says so). */
  key?: string;
  /** Jobs of one group run at most TENANT_CONCURRENCY at once. */
  group?: string;
  priority?: number;
  /** Not before so many seconds from now. */
  startAfterSeconds?: number;
}

/**
 * Enqueues jobs on the caller's transaction: they exist if and only if what they work on exists. One
 * statement for all of them.
 */
export async function enqueue<N extends QueueName>(
  db: Tx,
  queue: N,
  jobs: readonly JobToEnqueue<N>[],
): Promise<void> {
  if (jobs.length === 0) return;
  const boss = await producer();
  const inserts: JobInsert[] = jobs.map((job) => ({
    data: job.data,
    ...(job.id ? { id: job.id } : {}),
    ...(job.key ? { singletonKey: job.key } : {}),
    ...(job.group ? { group: { id: job.group } } : {}),
    ...(job.priority !== undefined ? { priority: job.priority } : {}),
    ...(job.startAfterSeconds !== undefined ? { startAfter: job.startAfterSeconds } : {}),
  }));
  await boss.insert(queue, inserts, { db: fromPrisma(db) });
}

/** Takes a job that has not ended out of its queue, on the caller's transaction. */
export async function cancelJob(db: Tx, queue: QueueName, id: string): Promise<void> {
  const boss = await producer();
  await boss.cancel(queue, id, { db: fromPrisma(db) });
}
