import type { Actor } from "#lib/access/actor";
import { createSchedule } from "#lib/schedules/create";
import type { Schedule, ScheduleCreateInput } from "#lib/schedules/schema";

/** A valid schedule to vary. */
export const plainSchedule: ScheduleCreateInput = {
  name: "Nightly",
  timezone: "Europe/Berlin",
  frequency: "daily",
  time_of_day: "02:00",
  policy_types: ["deviceCompliancePolicy", "settingsCatalogPolicy"],
  include_foundations: false,
};

/** Creates a schedule that differs from the plain one only in `changes`. */
export function makeSchedule(
  actor: Actor,
  tenantId: number,
  changes: Partial<ScheduleCreateInput> = {},
): Promise<Schedule> {
  return createSchedule(actor, tenantId, { ...plainSchedule, ...changes });
}
