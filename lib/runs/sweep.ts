import { z } from "zod";
import { dispatcherActor, executorActor } from "#lib/access/actor";
import { Prisma } from "#lib/db/generated/client";
import { isUnreachable } from "#lib/db/transaction";
import { log } from "#lib/log";
import { platformOperation } from "#lib/operation";
import { id } from "#lib/view-fields";
import { AttemptLost } from "./fence.ts";
import { finishRun } from "./finish.ts";

/** At most this many lost runs are ended in a tick, oldest first; the next minute's tick goes on. */
const sweepBatch = 1_000;

/** Whether any run is active, and could be lost: said as the index has it that finds them (migration "alert_indexes"). */
export const runsAreActive = Prisma.sql`EXISTS (SELECT FROM backup_schedule_runs WHERE finished_at IS NULL)`;

/**
 * Active runs that nobody will ever end: their job has failed for good, or is gone. The queue hands out the job of a
 * dead worker again, and whoever gets it ends the run when its attempts are used up; so this is for what else may happen
 * to a job.
 *
 * A run is written with its job in one transaction, so the job of a new run is always there to be seen.
 */
const findLostRuns = platformOperation({
  name: "run.find_lost",
  permission: "dispatch:tick",
  input: z.strictObject({}),
  output: z.array(z.strictObject({ id, tenant_id: id, attempt: z.int() })),
  async run({ db }) {
    // EXCEPT, not NOT EXISTS: right after a large dispatch the planner still believes the queue is empty, and
    // would compare each run with every job. A set difference is hashed or sorted whatever it believes.
    return db.$queryRaw<{ id: number; tenant_id: number; attempt: number }[]>`
      WITH lost AS MATERIALIZED (
        SELECT job_id FROM backup_schedule_runs WHERE finished_at IS NULL
        EXCEPT
        SELECT id FROM pgboss.job WHERE name IN ('execute-run', 'plan-restore', 'execute-restore') AND state IN ('created', 'retry', 'active')
      )
      SELECT r.id, r.tenant_id, r.attempt FROM lost
      JOIN backup_schedule_runs r ON r.job_id IS NOT DISTINCT FROM lost.job_id AND r.finished_at IS NULL
      ORDER BY r.id LIMIT ${sweepBatch}`;
  },
});

/** This many ends in a row that do not reach the database say that it is away, and not that one run is at fault. */
const givesUpAfter = 3;

/**
 * Ends lost runs as failed (WORKER_LOST). One that cannot be ended does not keep it from the others.
 * @returns how many were ended
 * @throws AppError UNAVAILABLE when the database is away
 */
export async function sweepLostRuns(): Promise<number> {
  const lost = await findLostRuns(dispatcherActor, {});
  let ended = 0;
  let unreached = 0;
  for (const run of lost) {
    try {
      await endLostRun(run);
      ended += 1;
      unreached = 0;
    } catch (error) {
      // It ended, or an attempt began, after we looked.
      if (error instanceof AttemptLost) continue;
      unreached = isUnreachable(error) ? unreached + 1 : 0;
      if (unreached === givesUpAfter) throw error;
      log.error({ err: error, run_id: run.id }, "a lost run was not ended; the next tick tries again");
    }
  }
  return ended;
}

async function endLostRun(run: { id: number; tenant_id: number; attempt: number }): Promise<void> {
  await finishRun(executorActor, run.tenant_id, {
    run_id: run.id,
    attempt: run.attempt,
    end: {
      status: "failed",
      error_code: "WORKER_LOST",
      error_message: "The run's job is gone from the queue; no worker would have taken it up.",
      types: {},
    },
  });
}
