import { z } from "zod";
import { operation } from "#lib/operation";
import { decodeIdCursor, pageFields, toPage } from "#lib/pagination";
import { pageOf } from "#lib/view-fields";
import { presentSchedule } from "./present.ts";
import { scheduleView } from "./views.ts";

/** The tenant's live schedules in the order of their ids, a page at a time: the list of the API. */
export const listSchedules = operation({
  name: "schedule.list",
  permission: "schedule:view",
  effect: "read",
  input: z.strictObject(pageFields),
  output: pageOf(scheduleView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-schedules",
    operationId: "listBackupSchedules",
    summary: "List backup schedules for a tenant",
    tag: "Backup schedules",
    answer: "In the order of their ids",
    paged: true,
  },
  async run({ db, tenant }, { limit, cursor }) {
    const after = decodeIdCursor(cursor);
    const rows = await db.backupSchedule.findMany({
      where: { deleted_at: null, ...(after === null ? {} : { id: { gt: after } }) },
      orderBy: { id: "asc" },
      take: limit + 1,
    });
    return toPage(rows, limit, (row) => presentSchedule(row, tenant));
  },
});
