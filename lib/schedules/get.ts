import { z } from "zod";
import { findSchedule } from "#lib/db/schedule-row";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { presentSchedule } from "./present.ts";
import { scheduleView } from "./views.ts";

/** One live schedule. @throws AppError NOT_FOUND */
export const getSchedule = operation({
  name: "schedule.get",
  permission: "schedule:view",
  effect: "read",
  input: z.strictObject({ schedule_id: idSchema }),
  output: scheduleView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}",
    operationId: "getBackupSchedule",
    summary: "One backup schedule",
    tag: "Backup schedules",
    answer: "The schedule",
    version: (schedule) => schedule.version,
  },
  async run({ db, tenant }, { schedule_id }) {
    return presentSchedule(await findSchedule(db, schedule_id), tenant);
  },
});
