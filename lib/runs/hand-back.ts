import { randomUUID } from "node:crypto";
import { z } from "zod";
import { idSchema } from "#lib/ids";
import { cancelJob, enqueue } from "#lib/jobs/enqueue";
import { executeRunJob } from "#lib/jobs/execute-run";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { holdAttempt } from "./fence.ts";

/** Somebody has waited for it already: before the runs of the night's schedules. */
const priority = 10;

/**
 * Hands a run back to the queue although its attempt is not to blame: the worker stops, or the database was away. The
 * attempt does not count, and the run gets a new job that is due at once. All in one transaction, so it has one live
 * job at any time, and the old one's retries and waits are over.
 * @throws AttemptLost when the attempt is no longer the current one
 */
export const handBackRun = operation({
  name: "run.hand_back",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({ run_id: idSchema, attempt: z.int(), reason: z.string() }),
  output: z.void(),
  async run({ db, tenant }, { run_id, attempt, reason }) {
    await holdAttempt(db, run_id, attempt);
    const { job_id, trigger } = await db.backupScheduleRun.findFirstOrThrow({
      where: { id: run_id },
      select: { job_id: true, trigger: true },
    });
    // A restore's run is part of the restore's job, which goes back to the queue by itself.
    const ownJob = trigger !== "restore";
    const next = ownJob ? randomUUID() : job_id;
    await db.$executeRaw`
      UPDATE backup_schedule_runs
      SET job_id = ${next}::uuid, uncounted_attempts = uncounted_attempts + 1, worker = NULL,
          attempt_log = jsonb_set(attempt_log, '{-1}', (attempt_log -> -1)
            || jsonb_build_object('ended_at', now(), 'reason', ${reason}::text, 'counted', false))
      WHERE id = ${run_id}`;
    if (ownJob && next !== null) {
      if (job_id) await cancelJob(db, executeRunJob, job_id);
      await enqueue(db, executeRunJob, [
        { id: next, data: { run_id }, tenantId: tenant.id, priority, startAfterSeconds: 0 },
      ]);
    }
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "run", id: run_id }]);
  },
});
