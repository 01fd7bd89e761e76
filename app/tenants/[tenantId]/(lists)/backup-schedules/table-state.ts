import { param } from "#app/page-data.ts";
import { type ScheduleTableState, scheduleTableSchema } from "#lib/schedules/table";

/** The table's state in the address. What is not valid there counts as not given: an old link still works. */
export function parseTableState(params: Record<string, string | string[] | undefined>): ScheduleTableState {
  const valid = Object.entries(scheduleTableSchema.shape).flatMap(([name, schema]) => {
    const value = param(params, name);
    return value !== undefined && schema.safeParse(value).success ? [[name, value]] : [];
  });
  return scheduleTableSchema.parse(Object.fromEntries(valid));
}
