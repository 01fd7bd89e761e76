import { z } from "zod";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { presentRunWithContext } from "./present.ts";
import type { RunWithContext } from "./schema.ts";

/**
 * One run with its schedule's name, who asked for it, and the runs that retried it.
 * @param schedule_id when given, the run must be one of this schedule
 * @throws AppError NOT_FOUND
 */
export const getRun = operation({
  name: "run.get",
  permission: "run:view",
  effect: "read",
  input: z.strictObject({ run_id: idSchema, schedule_id: idSchema.optional() }),
  async run({ db }, { run_id, schedule_id }): Promise<RunWithContext & { retried_by_run_ids: number[] }> {
    const run = await db.backupScheduleRun.findFirst({
      where: { id: run_id, ...(schedule_id === undefined ? {} : { backup_schedule_id: schedule_id }) },
      include: {
        schedule: { select: { name: true } },
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
      retried_by_run_ids: run.retries.map((retry) => retry.id),
    };
  },
});
