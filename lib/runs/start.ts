import { z } from "zod";
import { lockSchedule } from "#lib/db/schedule-row";
import { AppError } from "#lib/errors";
import { idListSchema, idSchema } from "#lib/ids";
import { sendNotification } from "#lib/notifications/send";
import { operation } from "#lib/operation";
import { createRuns } from "./create.ts";
import { presentRun } from "./present.ts";
import { startMany } from "./start-many.ts";
import { bulkResultView, runView } from "./views.ts";

/**
 * Run now: starts a run of one schedule at once, enabled or not. Who asked gets a notification.
 * @throws AppError NOT_FOUND; RUN_ACTIVE with the active run in `run`.
 */
export const startRun = operation({
  name: "run.start",
  permission: "run:start",
  effect: "write",
  input: z.strictObject({ schedule_id: idSchema }),
  output: runView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/run-now",
    operationId: "runNow",
    summary: "Trigger a run immediately",
    description:
      "Enabled or not. While a run of the schedule is active: 409 RUN_ACTIVE, with that run as `run`.",
    tag: "Runs",
    status: 202,
    answer: "The run was created and its job enqueued",
    idempotent: true,
    errors: ["RUN_ACTIVE"],
  },
  async run({ db, tenant, actor, audit }, { schedule_id }) {
    const schedule = await lockSchedule(db, schedule_id);
    const requestedBy = actor.kind === "user" ? actor.id : null;
    const [run] = await createRuns(
      db,
      tenant.id,
      "manual",
      [{ backup_schedule_id: schedule.id, retry_of_run_id: null }],
      requestedBy,
    );
    if (!run) {
      const active = await db.backupScheduleRun.findFirst({
        where: { backup_schedule_id: schedule.id, status: "running" },
      });
      throw new AppError(
        "RUN_ACTIVE",
        `A run of "${schedule.name}" is active already. Wait for it, or cancel it first.`,
        {
          ...(active ? { details: { run: presentRun(active) } } : {}),
        },
      );
    }
    audit({
      action: "run.requested",
      target: { kind: "run", id: run.id },
      details: { schedule_id: schedule.id, schedule_name: schedule.name },
    });
    if (requestedBy !== null) {
      await sendNotification(db, tenant.id, {
        kind: "run.started",
        doer: requestedBy,
        title: "Backup started",
        body: `"${schedule.name}" was started.`,
        link: `/tenants/${tenant.id}/runs/${run.id}`,
        data: { run_id: run.id, schedule_id: schedule.id, trigger: "manual" },
      });
    }
    return presentRun(run);
  },
});

/**
 * Run now for several schedules. Who asked gets one notification that says how many started, were active
 * already, or were refused.
 */
export const startRuns = operation({
  name: "run.start_many",
  permission: "run:start",
  effect: "write",
  input: z.strictObject({ schedule_ids: idListSchema }),
  output: bulkResultView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/backup-schedules/bulk/run-now",
    operationId: "bulkRunNow",
    summary: "Run now, for several schedules",
    tag: "Runs",
    status: 202,
    answer: "What became of each",
    idempotent: true,
  },
  run: (context, { schedule_ids }) => startMany(context, schedule_ids, "manual"),
});
