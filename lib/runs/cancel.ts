import { z } from "zod";
import type { TypeSummary } from "#lib/capture/summary";
import { lockScheduleOfRun } from "#lib/db/schedule-row";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { cancelJob } from "#lib/jobs/enqueue";
import { executeRunJob } from "#lib/jobs/execute-run";
import { operation } from "#lib/operation";
import { finishRun } from "./finish.ts";
import { presentRun } from "./present.ts";
import type { RunProgress } from "./schema.ts";
import { runView } from "./views.ts";

/**
 * Cancels a run: it ends now, whatever it is doing, without a backup set, and its job is taken out of the queue. A
 * worker that is in the middle of it can write nothing more, and stops at its next report, within a second.
 * @param schedule_id when given, the run must be one of this schedule
 * @throws AppError NOT_FOUND; NOT_ACTIVE when it has ended already.
 */
export const cancelRun = operation({
  name: "run.cancel",
  permission: "run:cancel",
  effect: "write",
  input: z.strictObject({ run_id: idSchema, schedule_id: idSchema.optional() }),
  output: runView,
  http: [
    {
      method: "POST",
      path: "/tenants/{tenantId}/runs/{runId}/cancel",
      operationId: "cancelRun",
      summary: "Cancel a run",
      tag: "Runs",
      body: null,
      status: 202,
      answer: "A waiting run has ended; an active one ends within seconds",
      errors: ["NOT_ACTIVE"],
    },
    {
      method: "POST",
      path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/runs/{runId}/cancel",
      operationId: "cancelScheduleRun",
      summary: "Cancel a run",
      tag: "Runs",
      status: 202,
      answer: "A waiting run has ended; an active one ends within seconds",
      errors: ["NOT_ACTIVE"],
    },
  ],
  async run(context, { run_id, schedule_id }) {
    const { db, actor } = context;
    await lockScheduleOfRun(db, run_id);
    await db.$queryRaw`SELECT id FROM backup_schedule_runs WHERE id = ${run_id} FOR UPDATE`;
    const find = () =>
      db.backupScheduleRun.findFirst({
        where: { id: run_id, ...(schedule_id === undefined ? {} : { backup_schedule_id: schedule_id }) },
      });
    const run = await find();
    if (!run) throw new AppError("NOT_FOUND", "There is no such run in this tenant.");
    if (run.status !== "running") {
      throw new AppError(
        "NOT_ACTIVE",
        `The run has ended already (${run.status}); there is nothing to cancel.`,
      );
    }
    await db.$executeRaw`
      UPDATE backup_schedule_runs SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp())
      WHERE id = ${run_id}`;
    await finishRun.within(context, {
      run_id,
      attempt: run.attempt,
      end: {
        status: "canceled",
        error_code: "CANCELED",
        error_message: run.started_at
          ? `Canceled by ${actor.name} while it ran; no backup set was made.`
          : `Canceled by ${actor.name} before it started.`,
        types: typesSoFar(run.progress as RunProgress | null),
      },
    });
    if (run.job_id) await cancelJob(db, executeRunJob, run.job_id);
    return presentRun((await find()) ?? run);
  },
});

/** What the worker had reported when the run was canceled. */
function typesSoFar(progress: RunProgress | null): Record<string, TypeSummary> {
  return Object.fromEntries(
    Object.entries(progress?.types ?? {}).map(([key, { kind, expected, captured, failed, done, listed }]) => [
      key,
      {
        kind,
        expected,
        captured,
        gone: 0,
        failed,
        skipped: false,
        // A worker of the version before does not say.
        listed: listed ?? done,
        error_code: null,
        error_message: null,
        request_id: null,
        missing: [],
      },
    ]),
  );
}
