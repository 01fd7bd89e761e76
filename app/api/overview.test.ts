import { beforeAll, expect, test } from "vitest";
import type { Role } from "#lib/access/permissions";
import { makeSchedule } from "#lib/testing/schedules";
import { makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { api, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 6 });
let tokens: Record<Role, string>;

beforeAll(async () => {
  tokens = await tokensOf(world.tenant);
  const schedule = await makeSchedule(world.tenant.actors.manager, world.tenant.id);
  await makeSet(world.tenant, schedule.id);
});

const get = (query: string) =>
  api("GET", `/tenants/${world.tenant.id}/overview${query}`, { token: tokens.readonly });

test("the overview has thirty days of the zone that was asked for, and the run of today", async () => {
  const { status, json } = await get("?timezone=Pacific/Auckland");
  expect(status).toBe(200);
  expect(json).toMatchObject({
    timezone: "Pacific/Auckland",
    success: { succeeded: 1, attempted: 1, rate: 1 },
    success_before: { attempted: 0, rate: null },
    protection: {
      schedules: { total: 1, enabled: 1, in_breach: 0 },
      last_run_status: "success",
      breaches: [],
    },
    failures: [],
  });
  expect(json.days).toHaveLength(30);
  expect(json.days.at(-1).date).toBe(new Date().toLocaleDateString("sv", { timeZone: "Pacific/Auckland" }));
  expect(json.days.at(-1)).toMatchObject({ success: 1, added: 0 });
});

test("counts days in UTC unless told otherwise, and refuses what is no zone", async () => {
  expect((await get("")).json.timezone).toBe("UTC");
  const refused = await get("?timezone=Mars/Olympus");
  expect(refused).toMatchObject({ status: 422, json: { errors: [{ path: "timezone" }] } });
});
