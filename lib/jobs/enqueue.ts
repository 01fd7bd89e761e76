import { fromPrisma, type JobInsert } from "pg-boss";
import type { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import { untraced } from "#lib/tracing";
import { producer } from "./boss.ts";
import type { JobDefinition } from "./define.ts";
import type { JobName } from "./jobs.ts";

export interface JobToEnqueue<Payload extends z.ZodType> {
  /** The job's id, if the caller has noted it somewhere: enqueueing the same id twice makes one job. */
  id?: string;
  data: z.output<Payload>;
  /** Whose job it is, where workers take up only some of a tenant's at once; null: no tenant's. */
  tenantId?: number | null;
  priority?: number;
  /** Not before this many seconds from now. */
  startAfterSeconds?: number;
}

/**
 * Enqueues jobs on the caller's transaction: they exist if and only if what they work on exists. One
 * statement for all of them.
 */
export async function enqueue<Payload extends z.ZodType>(
  db: Tx,
  { name, key }: JobDefinition<JobName, Payload>,
  jobs: readonly JobToEnqueue<Payload>[],
): Promise<void> {
  if (jobs.length === 0) return;
  const boss = await producer();
  const inserts: JobInsert[] = jobs.map((job) => ({
    data: job.data ?? {},
    ...(job.id ? { id: job.id } : {}),
    ...(key ? { singletonKey: key(job.data) } : {}),
    ...(typeof job.tenantId === "number" ? { group: { id: `tenant-${job.tenantId}` } } : {}),
    ...(job.priority !== undefined ? { priority: job.priority } : {}),
    ...(job.startAfterSeconds !== undefined ? { startAfter: job.startAfterSeconds } : {}),
  }));
  const insert = () => boss.insert(name, inserts, { db: fromPrisma(db) });
  // A night's runs are no part of one trace, which would have hundreds of thousands of spans: each begins its own.
  await (jobs.length === 1 ? insert() : untraced(insert));
}

/** Takes a job that has not ended out of its queue, on the caller's transaction. */
export async function cancelJob(
  db: Tx,
  { name }: JobDefinition<JobName, z.ZodType>,
  id: string,
): Promise<void> {
  const boss = await producer();
  await boss.cancel(name, id, { db: fromPrisma(db) });
}
