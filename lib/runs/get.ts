import { z } from "zod";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { presentRunWithContext } from "./present.ts";
import type { RunAttempt } from "./schema.ts";
import { runDetailsView } from "./views.ts";

/**
 * One run with its schedule's name, who asked for it, its attempts, and the runs that retried it.
 * @param schedule_id when given, the run must be one of this schedule
 * @throws AppError NOT_FOUND
 */
export const getRun = operation({
  name: "run.get",
  permission: "run:view",
  effect: "read",
  input: z.strictObject({ run_id: idSchema, schedule_id: idSchema.optional() }),
  output: runDetailsView,
  http: [
    {
      method: "GET",
      path: "/tenants/{tenantId}/runs/{runId}",
      operationId: "getRun",
      summary: "One run",
      tag: "Runs",
      query: z.strictObject({}),
      answer: "The run",
    },
    {
      method: "GET",
      path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/runs/{runId}",
      operationId: "getScheduleRun",
      summary: "One run of a schedule",
      tag: "Runs",
      answer: "The run",
    },
  ],
  async run({ db }, { run_id, schedule_id }) {
    const run = await db.backupScheduleRun.findFirst({
      where: { id: run_id, ...(schedule_id === undefined ? {} : { backup_schedule_id: schedule_id }) },
      include: {
        schedule: { select: { name: true, deleted_at: true } },
        retries: { select: { id: true }, orderBy: { id: "asc" } },
      },
    });
    if (!run) throw new AppError("NOT_FOUND", "There is no such run in this tenant.");
    const person =
      run.requested_by === null
        ? null
        : await db.user.findFirst({ where: { id: run.requested_by }, select: { name: true } });
    return {
      ...presentRunWithContext(run, person?.name ?? null),
      schedule_is_deleted: run.schedule.deleted_at !== null,
      retried_by_run_ids: run.retries.map((retry) => retry.id),
      requested:
        run.include_foundations === null
          ? null
          : { policy_types: run.policy_types, include_foundations: run.include_foundations },
      attempts: (run.attempt_log as unknown as StoredAttempt[]).map(presentAttempt),
    };
  },
});

/** As begin-attempt.ts, end-attempt.ts and hand-back.ts write it. */
type StoredAttempt = Pick<RunAttempt, "number" | "began_at"> & Partial<RunAttempt>;

function presentAttempt({ number, began_at, ended_at, reason, counted }: StoredAttempt): RunAttempt {
  const instant = (text: string) => new Date(text).toISOString();
  return {
    number,
    began_at: instant(began_at),
    ended_at: ended_at ? instant(ended_at) : null,
    reason: reason ?? null,
    counted: counted ?? true,
  };
}
