import type { Job, PgBoss } from "pg-boss";
import { dispatcherActor } from "#lib/access/actor";
import { env } from "#lib/env";
import type { JobPayloads } from "#lib/jobs/queues";
import { log } from "#lib/log";
import { tenantOfRun } from "#lib/runs/begin-attempt";
import { executeRun } from "#lib/runs/execute";

/**
 * Executes runs. Several at once in this process, and at most TENANT_CONCURRENCY of one tenant over all
 * workers, so that a tenant with hundreds of due schedules does not hold up the others.
 *
 * A job that fails here goes back to the queue with growing waits. How often is the run's own matter: it counts its
 * attempts.
 */
export async function workExecuteRun(boss: PgBoss, stopping: AbortSignal): Promise<void> {
  const { WORKER_CONCURRENCY } = env();
  for (let place = 0; place < WORKER_CONCURRENCY; place += 1) await workOnePlace(boss, stopping);
}

/**
 * Takes one job after another. By itself pg-boss waits out the polling interval, which would make a run a second of
 * a long queue of short ones; so each place looks for the next job as soon as it has done one, and polls only while
 * there is none. A place is a worker of its own: of those that `localConcurrency` makes, only one can be woken.
 */
async function workOnePlace(boss: PgBoss, stopping: AbortSignal): Promise<void> {
  const place: { id?: string } = {};
  place.id = await boss.work<JobPayloads["execute-run"]>(
    "execute-run",
    {
      groupConcurrency: env().TENANT_CONCURRENCY,
      pollingIntervalSeconds: 0.5,
      notifyPollingIntervalSeconds: 1,
    },
    async (jobs) => {
      try {
        for (const job of jobs) await execute(job, stopping);
      } finally {
        if (place.id !== undefined && !stopping.aborted) boss.notifyWorker(place.id);
      }
    },
  );
}

async function execute(job: Job<JobPayloads["execute-run"]>, stopping: AbortSignal): Promise<void> {
  const { run_id } = job.data;
  // Claimed at the last moment: another worker has it after the shortest of waits.
  if (stopping.aborted) throw new Error("The worker is stopping");
  const tenant_id = await tenantOfRun(dispatcherActor, { run_id });
  if (tenant_id === null) {
    log.warn({ run_id }, "run: there is no such run; its job is dropped");
    return;
  }
  const shutdown = new AbortController();
  const onStop = () => shutdown.abort("The worker was stopped");
  const onClaimLost = () => shutdown.abort("The queue lost touch with the worker");
  stopping.addEventListener("abort", onStop, { once: true });
  job.signal.addEventListener("abort", onClaimLost, { once: true });
  if (stopping.aborted) onStop();
  try {
    const result = await executeRun(tenant_id, run_id, shutdown.signal, {}, job.id);
    log.info({ run_id, tenant_id, ...result }, "run");
    if (result.kind === "try_again") throw new Error(result.reason);
  } finally {
    stopping.removeEventListener("abort", onStop);
    job.signal.removeEventListener("abort", onClaimLost);
  }
}
