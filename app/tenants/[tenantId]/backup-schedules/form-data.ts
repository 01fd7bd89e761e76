import { viewerTime } from "#app/viewer-time.ts";
import type { ScheduleFormValues } from "#components/schedules/form/form-fields.ts";
import type { PermissionState } from "#components/schedules/form/policy-type-picker";
import type { Actor } from "#lib/access/actor";
import { getConnection } from "#lib/connection/connection";
import { policyTypeKeys } from "#lib/policies/catalog";
import { isKnownTimezone } from "#lib/recurrence/recurrence";
import { type Schedule, scheduleCreateSchema } from "#lib/schedules/schema";

/** What the form of a new schedule starts with: everything, nightly, in the viewer's zone. */
export async function emptySchedule(): Promise<ScheduleFormValues> {
  const { zone } = await viewerTime();
  const { name: _name, ...defaults } = scheduleCreateSchema.parse({
    name: "new",
    timezone: isKnownTimezone(zone) ? zone : "UTC",
    frequency: "daily",
    time_of_day: "02:00",
    policy_types: [...policyTypeKeys],
  });
  return { ...defaults, time_of_day: "02:00", name: "" };
}

/** A schedule's values as the form edits them. */
export function formValues(schedule: Schedule): ScheduleFormValues {
  const fields = Object.keys(scheduleCreateSchema.shape) as (keyof ScheduleFormValues)[];
  const values = Object.fromEntries(fields.map((field) => [field, schedule[field]])) as ScheduleFormValues;
  return { ...values, time_of_day: schedule.time_of_day.slice(0, 5) };
}

/** What the form says of the connection's permissions. */
export async function permissionState(actor: Actor, tenantId: number): Promise<PermissionState> {
  const connection = await getConnection(actor, tenantId, {});
  if (!connection) return { kind: "unconnected" };
  const { tested_at, test_result } = connection;
  if (!tested_at || !test_result) return { kind: "untested" };
  return test_result.ok
    ? { kind: "tested", testedAt: tested_at, missing: test_result.missing }
    : { kind: "refused", testedAt: tested_at };
}
