import { z } from "zod";
import { operation } from "#lib/operation";
import { decodeIdCursor, type Page, pageFields, toPage } from "#lib/pagination";
import { presentSchedule } from "./present.ts";
import type { Schedule } from "./schema.ts";

/** The tenant's live schedules in the order of their ids, a page at a time: the list of the API. */
export const listSchedules = operation({
  name: "schedule.list",
  permission: "schedule:view",
  effect: "read",
  input: z.strictObject(pageFields),
  async run({ db }, { limit, cursor }): Promise<Page<Schedule>> {
    const after = decodeIdCursor(cursor);
    const rows = await db.backupSchedule.findMany({
      where: { deleted_at: null, ...(after === null ? {} : { id: { gt: after } }) },
      orderBy: { id: "asc" },
      take: limit + 1,
    });
    return toPage(rows, limit, presentSchedule);
  },
});
