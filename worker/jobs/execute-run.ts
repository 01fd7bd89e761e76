import { dispatcherActor } from "#lib/access/actor";
import { env } from "#lib/env";
import { executeRunJob } from "#lib/jobs/execute-run";
import { log } from "#lib/log";
import { tenantOfRun } from "#lib/runs/begin-attempt";
import { executeRun } from "#lib/runs/execute";
import { handles } from "../handle.ts";

/**
 * Executes runs. Several at once in this process, and at most TENANT_CONCURRENCY of one tenant over all
 * workers, so that a tenant with hundreds of due schedules does not hold up the others.
 *
 * A job that fails here goes back to the queue with growing waits. How often is the run's own matter: it counts its
 * attempts.
 */
export const executeRunHandler = handles({
  job: executeRunJob,
  places: () => env().WORKER_CONCURRENCY,
  perTenant: () => env().TENANT_CONCURRENCY,
  oneAfterAnother: true,
  polling: { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 1 },
  async handle({ run_id }, { id, stopping, claimLost }) {
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
    claimLost.addEventListener("abort", onClaimLost, { once: true });
    if (stopping.aborted) onStop();
    try {
      const result = await executeRun(tenant_id, run_id, shutdown.signal, {}, id);
      // An end says its own line, whoever ends the run.
      if (result.kind !== "ended") log.info({ run_id, tenant_id, job_id: id, ...result }, "run");
      if (result.kind === "try_again") throw new Error(result.reason);
    } finally {
      stopping.removeEventListener("abort", onStop);
      claimLost.removeEventListener("abort", onClaimLost);
    }
  },
});
