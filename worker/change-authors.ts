import type { PgBoss } from "pg-boss";
import { lookForChangeAuthors } from "#lib/authors/look";
import { AppError } from "#lib/errors";
import type { JobPayloads } from "#lib/jobs/queues";
import { log } from "#lib/log";

/** Looks at one time in this process. */
const places = 2;

/**
 * Asks Microsoft who made the changes of a set; after a night's runs of many tenants nobody waits for it. One tenant
 * takes one place at most: Entra's audit log allows so few requests that its next look could hold the others up. A place
 * looks for the next set as soon as it has done one, and polls only while there is none.
 */
export async function workChangeAuthors(boss: PgBoss, stopping: AbortSignal): Promise<void> {
  for (let n = 0; n < places; n += 1) {
    const place: { id?: string } = {};
    place.id = await boss.work<JobPayloads["change-authors"]>(
      "change-authors",
      { groupConcurrency: 1, notifyPollingIntervalSeconds: 5 },
      async (jobs) => {
        try {
          for (const job of jobs) await look(job.data, AbortSignal.any([stopping, job.signal]));
        } finally {
          if (place.id !== undefined) boss.notifyWorker(place.id);
        }
      },
    );
  }
}

async function look(job: JobPayloads["change-authors"], signal: AbortSignal): Promise<void> {
  const { tenant_id, backup_set_id } = job;
  const result = await lookForChangeAuthors(tenant_id, backup_set_id, signal).catch((error) => {
    // The tenant was removed meanwhile.
    if (error instanceof AppError && error.code === "NOT_FOUND") return { kind: "nothing_to_do" as const };
    throw error;
  });
  log.info({ tenant_id, backup_set_id, ...result }, "change authors");
  if (result.kind === "try_again") throw new Error(result.reason);
}
