import { z } from "zod";
import { findSchedule } from "#lib/db/schedule-row";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { presentSchedule } from "./present.ts";

/** One live schedule. @throws AppError NOT_FOUND */
export const getSchedule = operation({
  name: "schedule.get",
  permission: "schedule:view",
  effect: "read",
  input: z.strictObject({ schedule_id: idSchema }),
  async run({ db }, { schedule_id }) {
    return presentSchedule(await findSchedule(db, schedule_id));
  },
});
