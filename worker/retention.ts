import type { PgBoss } from "pg-boss";
import { retentionActor } from "#lib/access/actor";
import { purgeAllChangeAuthors } from "#lib/authors/purge";
import type { JobPayloads } from "#lib/jobs/queues";
import { purgeOldNotifications } from "#lib/notifications/purge";
import { applyRetention, sweepRetention } from "#lib/retention/retention";

/**
 * Applies retention: after each run to its schedule, and daily to all. A worker looks for the next schedule as soon as it
 * has done one, and polls only while there is none.
 */
export async function workRetention(boss: PgBoss, stopping: AbortSignal): Promise<void> {
  const place: { id?: string } = {};
  place.id = await boss.work<JobPayloads["apply-retention"]>(
    "apply-retention",
    { notifyPollingIntervalSeconds: 5 },
    async (jobs) => {
      try {
        for (const job of jobs) {
          const { tenant_id, backup_schedule_id } = job.data;
          await applyRetention(retentionActor, tenant_id, { backup_schedule_id });
        }
      } finally {
        if (place.id !== undefined && !stopping.aborted) boss.notifyWorker(place.id);
      }
    },
  );
  await boss.work<JobPayloads["sweep-retention"]>(
    "sweep-retention",
    { notifyPollingIntervalSeconds: 30 },
    async () => {
      // Whatever becomes of the sets: what lies before the oldest of them, and what was read long ago, is of no use.
      const steps = [
        () => sweepRetention({ signal: stopping }),
        () => purgeAllChangeAuthors(stopping),
        () => purgeOldNotifications(stopping),
      ];
      const errors: unknown[] = [];
      for (const step of steps) await step().catch((error: unknown) => errors.push(error));
      if (errors.length > 0) throw new AggregateError(errors, "The daily sweep met trouble");
    },
  );
}
