import { beforeAll, expect, test } from "vitest";
import type { Role } from "#lib/access/permissions";
import { makeSchedule } from "#lib/testing/schedules";
import { insertSets } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { api, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 1 });
let tokens: Record<Role, string>;
let sets: number[];

beforeAll(async () => {
  const { id, actors } = world.tenant;
  tokens = await tokensOf(world.tenant);
  const schedule = await makeSchedule(actors.manager, id);
  sets = await insertSets(world.admin, {
    tenantId: id,
    scheduleId: schedule.id,
    sets: [1, 2, 3].map((day) => ({ created_at: new Date(Date.UTC(2026, 0, day)) })),
    items: 3,
  });
  for (const [event, policy, at] of [
    ["a", "policy-1", "2026-01-01T12:00:00Z"],
    ["b", "policy-1", "2026-01-02T12:00:00Z"],
    ["c", "policy-2", "2026-01-02T13:00:00Z"],
  ]) {
    await world.admin.query(
      `INSERT INTO policy_changes (tenant_id, source, event_id, graph_id, occurred_at, activity, operation, actor_kind, actor_name)
       VALUES ($1, 'intune', $2, $3, $4, 'Patch DeviceConfiguration', 'update', 'user', 'marta@contoso.example')`,
      [id, event, policy, at],
    );
  }
});

const ask = (query = "", token = tokens.readonly) =>
  api("GET", `/tenants/${world.tenant.id}/backup-sets/${sets.at(-1)}/change-authors${query}`, { token });

test("tells who changed what since the set before, or another", async () => {
  const one = {
    who: "marta@contoso.example",
    kind: "user",
    at: "2026-01-02T12:00:00.000Z",
    activity: "Patch DeviceConfiguration",
    operation: "update",
  };
  const { json } = await ask();
  expect(json).toEqual({
    authors: { "policy-1": [one], "policy-2": [{ ...one, at: "2026-01-02T13:00:00.000Z" }] },
    looked_at: null,
    logs: {},
  });
  const wider = await ask(`?with_set_id=${sets[0]}&graph_ids=policy-1,policy-3`);
  expect(wider.json.authors).toEqual({ "policy-1": [one, { ...one, at: "2026-01-01T12:00:00.000Z" }] });
});

test("refuses what is wrong, by name", async () => {
  for (const [query, field] of [
    ["?with_set_id=x", "with_set_id"],
    ["?graph_ids=", "graph_ids.0"],
    [`?graph_ids=${Array.from({ length: 501 }, (_, n) => n).join(",")}`, "graph_ids"],
    ["?since=yesterday", "since"],
  ]) {
    const { status, json } = await ask(query);
    expect([status, json.errors?.[0]?.path], query).toEqual([422, field]);
  }
  expect((await ask("?with_set_id=999999")).status).toBe(404);
});
