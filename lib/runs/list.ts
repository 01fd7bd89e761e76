import { z } from "zod";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { decodeCursor, type Page, pageFields, toPage } from "#lib/pagination";
import { scheduleNotFound } from "#lib/schedules/find";
import { presentRunWithContext } from "./present.ts";
import { type RunWithContext, runFilterSchema } from "./schema.ts";

/**
 * The tenant's runs, newest first: of one schedule or of all, filtered, a page at a time. A deleted
 * schedule's runs are listed as well; only an id that never was a schedule of this tenant is refused.
 * @throws AppError NOT_FOUND for such a `schedule_id`.
 */
export const listRuns = operation({
  name: "run.list",
  permission: "run:view",
  effect: "read",
  input: z.strictObject({ ...pageFields, ...runFilterSchema, schedule_id: idSchema.optional() }),
  async run({ db }, { limit, cursor, schedule_id, status, trigger }): Promise<Page<RunWithContext>> {
    const before = decodeCursor(cursor);
    if (
      schedule_id !== undefined &&
      !(await db.backupSchedule.findFirst({ where: { id: schedule_id }, select: { id: true } }))
    ) {
      throw scheduleNotFound();
    }
    const rows = await db.backupScheduleRun.findMany({
      where: {
        ...(before === null ? {} : { id: { lt: Number(before) } }),
        ...(schedule_id === undefined ? {} : { backup_schedule_id: schedule_id }),
        ...(status ? { status } : {}),
        ...(trigger ? { trigger } : {}),
      },
      include: { schedule: { select: { name: true } } },
      orderBy: { id: "desc" },
      take: limit + 1,
    });
    const people = await db.user.findMany({
      where: { id: { in: rows.flatMap((row) => row.requested_by ?? []) } },
      select: { id: true, name: true },
    });
    const names = new Map(people.map((person) => [person.id, person.name]));
    return toPage(rows, limit, (row) => presentRunWithContext(row, names.get(row.requested_by ?? 0) ?? null));
  },
});
