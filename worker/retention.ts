import type { PgBoss } from "pg-boss";
import { retentionActor } from "#lib/access/actor";
import { applyRetention, sweepRetention } from "#lib/backups/retention";
import type { JobPayloads } from "#lib/jobs/queues";
import { purgeOldNotifications } from "#lib/notifications/purge";

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
      try {
        await sweepRetention({ signal: stopping });
      } finally {
        await purgeOldNotifications(stopping);
      }
    },
  );
}
