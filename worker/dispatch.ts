import type { PgBoss } from "pg-boss";
import type { JobPayloads } from "#lib/jobs/queues";
import { tick } from "#lib/schedules/tick";

/** The cluster-wide minute tick. A failed tick is not retried: the next minute's finds the same and more. */
export async function workDispatch(boss: PgBoss, stopping: AbortSignal): Promise<void> {
  await boss.work<JobPayloads["dispatch"]>("dispatch", { pollingIntervalSeconds: 2 }, async () => {
    await tick({}, stopping);
  });
}
