import { cookies } from "next/headers";
import type { Actor } from "#lib/access/actor";
import { policyTypeKeys } from "#lib/policies/catalog";
import { isKnownTimezone } from "#lib/schedules/recurrence";
import { type Schedule, scheduleCreateSchema } from "#lib/schedules/schema";
import { getConnection } from "#lib/tenants/connection";
import type { ScheduleFormValues } from "../../../../components/schedules/schedule-form.tsx";
import { usableZone, zoneCookie } from "../../../../components/time/zone-cookie.ts";

/** What the form of a new schedule starts with: everything, nightly, in the viewer's zone. */
export async function emptySchedule(): Promise<ScheduleFormValues> {
  const zone = usableZone((await cookies()).get(zoneCookie)?.value);
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

/** The permissions that the last test of the connection found missing, by policy type. */
export async function missingPermissions(actor: Actor, tenantId: number): Promise<Record<string, string>> {
  const connection = await getConnection(actor, tenantId, {});
  return connection?.test_result?.missing ?? {};
}
