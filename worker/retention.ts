import type { PgBoss } from "pg-boss";
import { retentionActor } from "#lib/access/actor";
import { applyRetention, sweepRetention } from "#lib/backups/retention";
import type { JobPayloads } from "#lib/jobs/queues";

/** Applies retention: after each run to its schedule, and daily to all. */
export async function workRetention(boss: PgBoss, stopping: AbortSignal): Promise<void> {
  await boss.work<JobPayloads["apply-retention"]>(
    "apply-retention",
    { notifyPollingIntervalSeconds: 5 },
    async (jobs) => {
      for (const job of jobs) {
        const { tenant_id, backup_schedule_id } = job.data;
        await applyRetention(retentionActor, tenant_id, { backup_schedule_id });
      }
    },
  );
  await boss.work<JobPayloads["sweep-retention"]>(
    "sweep-retention",
    { notifyPollingIntervalSeconds: 30 },
    async () => {
      await sweepRetention({ signal: stopping });
    },
  );
}
