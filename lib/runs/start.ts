import { z } from "zod";
import { AppError } from "#lib/errors";
import { idListSchema, idSchema } from "#lib/ids";
import { sendNotification } from "#lib/notifications/send";
import { operation } from "#lib/operation";
import { lockSchedule } from "#lib/schedules/find";
import { type BulkResult, bulkSentence, refusal } from "./bulk.ts";
import { createRuns } from "./create.ts";
import { presentRun } from "./present.ts";

/**
 * Run now: starts a run of one schedule at once, enabled or not. Who asked gets a notification.
 * @throws AppError NOT_FOUND; RUN_ACTIVE with the active run in `run`.
 */
export const startRun = operation({
  name: "run.start",
  permission: "run:start",
  effect: "write",
  input: z.strictObject({ schedule_id: idSchema }),
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
      await sendNotification(db, tenant.id, [requestedBy], {
        kind: "run.started",
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
  async run({ db, tenant, actor, audit, unchanged }, { schedule_ids }): Promise<BulkResult> {
    // In the order of ids: two bulk requests never wait for each other in a circle.
    await db.$queryRaw`SELECT id FROM backup_schedules WHERE id = ANY(${schedule_ids}::int[]) ORDER BY id FOR UPDATE`;
    const schedules = await db.backupSchedule.findMany({
      where: { id: { in: schedule_ids }, deleted_at: null },
    });
    const active = await db.backupScheduleRun.findMany({
      where: { backup_schedule_id: { in: schedule_ids }, status: "running" },
      select: { id: true, backup_schedule_id: true },
    });
    const activeRun = new Map(active.map((run) => [run.backup_schedule_id, run.id]));
    const requestedBy = actor.kind === "user" ? actor.id : null;
    const runs = await createRuns(
      db,
      tenant.id,
      "manual",
      schedules.flatMap((s) =>
        activeRun.has(s.id) ? [] : [{ backup_schedule_id: s.id, retry_of_run_id: null }],
      ),
      requestedBy,
    );
    const started = new Map(runs.map((run) => [run.backup_schedule_id, run.id]));
    const known = new Map(schedules.map((schedule) => [schedule.id, schedule.name]));
    const results = schedule_ids.map((id): BulkResult["results"][number] => {
      const name = known.get(id) ?? null;
      const run_id = started.get(id) ?? activeRun.get(id) ?? null;
      if (name === null)
        return { schedule_id: id, name, outcome: "refused", run_id: null, reason: refusal.notFound };
      if (started.has(id)) return { schedule_id: id, name, outcome: "started", run_id, reason: null };
      return { schedule_id: id, name, outcome: "already_running", run_id, reason: refusal.active };
    });
    for (const run of runs) {
      audit({
        action: "run.requested",
        target: { kind: "run", id: run.id },
        details: {
          schedule_id: run.backup_schedule_id,
          schedule_name: known.get(run.backup_schedule_id),
          bulk: true,
        },
      });
    }
    if (runs.length === 0) unchanged();
    const summary = bulkSentence(results);
    if (requestedBy !== null) {
      await sendNotification(db, tenant.id, [requestedBy], {
        kind: "run.bulk_started",
        title: "Run now",
        body: summary.sentence,
        link: `/tenants/${tenant.id}/runs`,
        data: { ...summary.counts, trigger: "manual" },
      });
    }
    return { ...summary.counts, results };
  },
});
