import type { APIRequestContext } from "@playwright/test";
import { person } from "./people.ts";

/**
 * Makes a schedule that no other test touches, through the API.
 * @returns its id and name, and the id of its tenant
 */
export async function ownSchedule(
  request: APIRequestContext,
  label: string,
): Promise<{ id: number; name: string; tenantId: number }> {
  const { tenant, token } = person("manager");
  const name = `${label} ${Date.now()}`;
  const answer = await request.post(`/api/tenants/${tenant.id}/backup-schedules`, {
    headers: { authorization: `Bearer ${token}` },
    data: {
      name,
      is_enabled: false,
      timezone: "UTC",
      frequency: "daily",
      time_of_day: "03:00",
      policy_types: ["deviceCompliancePolicy"],
      include_foundations: false,
      retention_keep_last: 3,
    },
  });
  if (!answer.ok()) throw new Error(`The schedule was not made: ${answer.status()} ${await answer.text()}`);
  return { id: (await answer.json()).id, name, tenantId: tenant.id };
}
