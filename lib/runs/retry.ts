import { z } from "zod";
import { lockSchedule } from "#lib/db/schedule-row";
import { AppError } from "#lib/errors";
import { idListSchema, idSchema } from "#lib/ids";
import { sendNotification } from "#lib/notifications/send";
import { operation } from "#lib/operation";
import { refusal } from "./bulk.ts";
import { createRuns } from "./create.ts";
import { presentRun } from "./present.ts";
import { startMany } from "./start-many.ts";
import { bulkResultView, runView } from "./views.ts";

/**
 * Retry: starts a new run that points back to an ended one (`retry_of_run_id`); the old run stays as it was.
 * Without `run_id`, the newest ended run of the schedule is meant.
 * @throws AppError NOT_FOUND (schedule or run); RUN_ACTIVE with the active run in `run`; NOTHING_TO_RETRY
 *   when no run of the schedule has ended yet.
 */
export const retryRun = operation({
  name: "run.retry",
  permission: "run:start",
  effect: "write",
  input: z.strictObject({
    schedule_id: idSchema,
    run_id: idSchema.optional().meta({ description: "Of the schedule's; without it, its newest" }),
  }),
  output: runView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/retry",
    operationId: "retryRun",
    summary: "Create a new run as retry",
    description: "Of the run named by run_id, else of the newest one. The old run stays as it was.",
    tag: "Runs",
    status: 202,
    answer: "The run was created and its job enqueued",
    idempotent: true,
    errors: ["RUN_ACTIVE", "NOTHING_TO_RETRY"],
  },
  async run({ db, tenant, actor, audit }, { schedule_id, run_id }) {
    const schedule = await lockSchedule(db, schedule_id);
    const active = await db.backupScheduleRun.findFirst({
      where: { backup_schedule_id: schedule.id, status: "running" },
    });
    if (active) {
      throw new AppError(
        "RUN_ACTIVE",
        `A run of "${schedule.name}" is active already. Wait for it, or cancel it first.`,
        {
          details: { run: presentRun(active) },
        },
      );
    }
    const ended = await db.backupScheduleRun.findFirst({
      where: { backup_schedule_id: schedule.id, ...(run_id === undefined ? {} : { id: run_id }) },
      orderBy: { id: "desc" },
    });
    if (!ended && run_id !== undefined)
      throw new AppError("NOT_FOUND", "There is no such run of this schedule.");
    if (!ended) throw new AppError("NOTHING_TO_RETRY", `${refusal.nothingToRetry} Choose Run now instead.`);
    const requestedBy = actor.kind === "user" ? actor.id : null;
    const [run] = await createRuns(
      db,
      tenant.id,
      "retry",
      [{ backup_schedule_id: schedule.id, retry_of_run_id: ended.id }],
      requestedBy,
    );
    if (!run) throw new AppError("RUN_ACTIVE", `A run of "${schedule.name}" is active already.`);
    audit({
      action: "run.retried",
      target: { kind: "run", id: run.id },
      details: { schedule_id: schedule.id, schedule_name: schedule.name, retry_of_run_id: ended.id },
    });
    if (requestedBy !== null) {
      await sendNotification(db, tenant.id, {
        kind: "run.started",
        doer: requestedBy,
        title: "Retry started",
        body: `"${schedule.name}" was started again.`,
        link: `/tenants/${tenant.id}/runs/${run.id}`,
        data: { run_id: run.id, schedule_id: schedule.id, trigger: "retry", retry_of_run_id: ended.id },
      });
    }
    return presentRun(run);
  },
});

/** Retry for several schedules: each one's newest ended run. One notification for who asked. */
export const retryRuns = operation({
  name: "run.retry_many",
  permission: "run:start",
  effect: "write",
  input: z.strictObject({ schedule_ids: idListSchema }),
  output: bulkResultView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/backup-schedules/bulk/retry",
    operationId: "bulkRetry",
    summary: "Retry the newest run of several schedules",
    tag: "Runs",
    status: 202,
    answer: "What became of each",
    idempotent: true,
  },
  run: (context, { schedule_ids }) => startMany(context, schedule_ids, "retry"),
});
