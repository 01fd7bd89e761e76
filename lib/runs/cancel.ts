import { z } from "zod";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { cancelJob } from "#lib/jobs/enqueue";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { lockScheduleOfRun } from "#lib/schedules/find";
import { recordLastRuns } from "./last-run.ts";
import { presentRun } from "./present.ts";

/**
 * Cancels a run. One that still waits for a worker ends at once; one that a worker has begun is told to stop
 * and ends `canceled` within a few seconds, without a backup set.
 * @param schedule_id when given, the run must be one of this schedule
 * @throws AppError NOT_FOUND; NOT_ACTIVE when it has ended already.
 */
export const cancelRun = operation({
  name: "run.cancel",
  permission: "run:cancel",
  effect: "write",
  input: z.strictObject({ run_id: idSchema, schedule_id: idSchema.optional() }),
  async run({ db, tenant, actor, audit }, { run_id, schedule_id }) {
    await lockScheduleOfRun(db, run_id);
    // The clock under the lock, not the transaction's: what dispatch decided while this waited came before.
    const [locked] = await db.$queryRaw<{ now: Date }[]>`
      SELECT clock_timestamp() AS now FROM backup_schedule_runs WHERE id = ${run_id} FOR UPDATE`;
    const run = await db.backupScheduleRun.findFirst({
      where: { id: run_id, ...(schedule_id === undefined ? {} : { backup_schedule_id: schedule_id }) },
    });
    if (!run || !locked) throw new AppError("NOT_FOUND", "There is no such run in this tenant.");
    if (run.status !== "running") {
      throw new AppError(
        "NOT_ACTIVE",
        `The run has ended already (${run.status}); there is nothing to cancel.`,
      );
    }
    const { now } = locked;
    const waiting = run.started_at === null;
    const after = await db.backupScheduleRun.update({
      where: { tenant_id_id: { tenant_id: run.tenant_id, id: run.id } },
      data: {
        cancel_requested_at: run.cancel_requested_at ?? now,
        ...(waiting
          ? {
              status: "canceled",
              finished_at: now,
              error_code: "CANCELED",
              error_message: `Canceled by ${actor.name} before it started.`,
              summary: {
                trigger: run.trigger,
                attempts: 0,
                reason: `Canceled by ${actor.name} before it started.`,
              },
            }
          : {}),
      },
    });
    if (waiting) await recordLastRuns(db, [run.id]);
    if (waiting && run.job_id) await cancelJob(db, "execute-run", run.job_id);
    audit({
      action: waiting ? "run.canceled" : "run.cancel_requested",
      target: { kind: "run", id: run.id },
      details: { schedule_id: run.backup_schedule_id },
    });
    await notifyLive(db, [
      { tenant_id: tenant.id, topic: "run", id: run.id },
      ...(waiting ? [{ tenant_id: tenant.id, topic: "schedule" as const, id: run.backup_schedule_id }] : []),
    ]);
    return presentRun(after);
  },
});
