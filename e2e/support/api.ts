import { randomBytes } from "node:crypto";
import { expect } from "@playwright/test";
import type { Role } from "#lib/access/permissions";
import type { Run } from "#lib/runs/schema";
import type { ScheduleCreateInput } from "#lib/schedules/schema";
import { demo } from "./demo.ts";
import { person } from "./people.ts";

/** Where the TenantPilot under test answers. */
export function baseUrl(): string {
  return process.env.TENANTPILOT_E2E_URL ?? demo().url;
}

/** Calls the API with the demo's token of this role. @param path below the tenant, as `/backup-schedules` */
export async function api<T = unknown>(
  role: Role,
  method: string,
  path: string,
  body?: unknown,
  tenantIndex = 0,
): Promise<{ status: number; json: T }> {
  const { tenant, token } = person(role, tenantIndex);
  const answer = await fetch(`${baseUrl()}/api/tenants/${tenant.id}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, json: (text ? JSON.parse(text) : null) as T };
}

/** A name that no other test and no earlier run of this one has used. */
export function uniqueName(label: string): string {
  return `${label} ${randomBytes(4).toString("hex")}`;
}

export type ScheduleWish = Partial<ScheduleCreateInput>;

/** A schedule that runs in a second: one small policy type, and no foundations. */
export function wishedSchedule(wish: ScheduleWish = {}): ScheduleCreateInput {
  return {
    name: uniqueName("Test schedule"),
    timezone: "Europe/Berlin",
    frequency: "daily",
    time_of_day: "03:15",
    policy_types: ["windowsDriverUpdateProfile"],
    include_foundations: false,
    ...wish,
  };
}

/** Runs a schedule once and waits until the run has ended. @returns the ended run */
export async function runOnce(scheduleId: number, tenantIndex = 0): Promise<Run> {
  const path = `/backup-schedules/${scheduleId}`;
  const started = await api<Run>("operator", "POST", `${path}/run-now`, undefined, tenantIndex);
  expect(started.status).toBe(202);
  let run = started.json;
  await expect
    .poll(
      async () => {
        run = (await api<Run>("readonly", "GET", `${path}/runs/${run.id}`, undefined, tenantIndex)).json;
        return run.status;
      },
      { timeout: 45_000, intervals: [100, 200, 300] },
    )
    .not.toBe("running");
  return run;
}
