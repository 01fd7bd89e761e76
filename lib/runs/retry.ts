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
 * Retry: starts a new run that points back to an ended one (`retry_of_run_id`); the old run stays as it was.
 * Without `run_id`, the newest ended run of the schedule is meant.
 * @throws AppError NOT_FOUND (schedule or run); RUN_ACTIVE with the active run in `run`; NOTHING_TO_RETRY
 *   when no run of the schedule has ended yet.
 */
export const retryRun = operation({
  name: "run.retry",
  permission: "run:start",
  effect: "write",
  input: z.strictObject({ schedule_id: idSchema, run_id: idSchema.optional() }),
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
      await sendNotification(db, tenant.id, [requestedBy], {
        kind: "run.started",
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
  async run({ db, tenant, actor, audit, unchanged }, { schedule_ids }): Promise<BulkResult> {
    await db.$queryRaw`SELECT id FROM backup_schedules WHERE id = ANY(${schedule_ids}::int[]) ORDER BY id FOR UPDATE`;
    const schedules = await db.backupSchedule.findMany({
      where: { id: { in: schedule_ids }, deleted_at: null },
    });
    const newest = await db.$queryRaw<{ schedule_id: number; run_id: number; active: boolean }[]>`
      SELECT s.id AS schedule_id, r.id AS run_id, r.status = 'running' AS active
      FROM unnest(${schedule_ids}::int[]) AS s(id)
      CROSS JOIN LATERAL (
        SELECT id, status FROM backup_schedule_runs WHERE backup_schedule_id = s.id
        ORDER BY (status = 'running') DESC, id DESC LIMIT 1
      ) r`;
    const newestRun = new Map(newest.map((run) => [run.schedule_id, run]));
    const requestedBy = actor.kind === "user" ? actor.id : null;
    const runs = await createRuns(
      db,
      tenant.id,
      "retry",
      schedules.flatMap((schedule) => {
        const last = newestRun.get(schedule.id);
        return last && !last.active
          ? [{ backup_schedule_id: schedule.id, retry_of_run_id: last.run_id }]
          : [];
      }),
      requestedBy,
    );
    const started = new Map(runs.map((run) => [run.backup_schedule_id, run.id]));
    const known = new Map(schedules.map((schedule) => [schedule.id, schedule.name]));
    const results = schedule_ids.map((id): BulkResult["results"][number] => {
      const name = known.get(id) ?? null;
      const last = newestRun.get(id);
      if (name === null)
        return { schedule_id: id, name, outcome: "refused", run_id: null, reason: refusal.notFound };
      if (!last)
        return { schedule_id: id, name, outcome: "refused", run_id: null, reason: refusal.nothingToRetry };
      const run_id = started.get(id);
      if (run_id !== undefined) return { schedule_id: id, name, outcome: "started", run_id, reason: null };
      return {
        schedule_id: id,
        name,
        outcome: "already_running",
        run_id: last.run_id,
        reason: refusal.active,
      };
    });
    for (const run of runs) {
      audit({
        action: "run.retried",
        target: { kind: "run", id: run.id },
        details: {
          schedule_id: run.backup_schedule_id,
          schedule_name: known.get(run.backup_schedule_id),
          retry_of_run_id: run.retry_of_run_id,
          bulk: true,
        },
      });
    }
    if (runs.length === 0) unchanged();
    const summary = bulkSentence(results);
    if (requestedBy !== null) {
      await sendNotification(db, tenant.id, [requestedBy], {
        kind: "run.bulk_started",
        title: "Retry",
        body: summary.sentence,
        link: `/tenants/${tenant.id}/runs`,
        data: { ...summary.counts, trigger: "retry" },
      });
    }
    return { ...summary.counts, results };
  },
});
