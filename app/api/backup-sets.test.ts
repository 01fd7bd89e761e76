import { buffer } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "vitest";
import type { Role } from "#lib/access/permissions";
import { makeSchedule } from "#lib/testing/schedules";
import { insertSets } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { api, browserHeaders, nextPage, send, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 1 });
let tokens: Record<Role, string>;
let base: string;
let scheduleId: number;
let sets: number[];

beforeAll(async () => {
  const { id, actors } = world.tenant;
  tokens = await tokensOf(world.tenant);
  base = `/tenants/${id}`;
  scheduleId = (await makeSchedule(actors.manager, id)).id;
  sets = await insertSets(world.admin, {
    tenantId: id,
    scheduleId,
    sets: [1, 2, 3, 4].map((day) => ({ created_at: new Date(Date.UTC(2026, 0, day)) })),
    items: 6,
    changed: 2,
  });
});

const as = (role: Role, method: string, path: string, body?: unknown) =>
  api(method, `${base}${path}`, { token: tokens[role], ...(body === undefined ? {} : { body }) });
const newest = () => sets.at(-1) ?? 0;

describe("a backup set", () => {
  test("is verified on demand by an operator, and says so", async () => {
    expect((await as("readonly", "POST", `/backup-sets/${newest()}/verify`)).status).toBe(403);
    const verified = await as("operator", "POST", `/backup-sets/${newest()}/verify`);
    expect(verified.json).toMatchObject({ set_id: newest(), status: "ok", fault_count: 0, faults: [] });
    const set = await as("readonly", "GET", `/backup-sets/${newest()}`);
    expect(set.json).toMatchObject({ verify_status: "ok", verified_at: verified.json.verified_at });
    expect((await as("operator", "POST", "/backup-sets/999999/verify")).status).toBe(404);
  });

  test("is pinned, unpinned, removed, listed in the bin and restored by a manager", async () => {
    const path = `/backup-sets/${sets[0]}`;
    expect((await as("operator", "PUT", `${path}/pin`)).status).toBe(403);
    expect((await as("manager", "PUT", `${path}/pin`)).json.pinned_at).not.toBeNull();
    expect((await as("manager", "DELETE", path)).json.code).toBe("CONFLICT");
    expect((await as("manager", "DELETE", `${path}/pin`)).json.pinned_at).toBeNull();
    expect((await as("operator", "DELETE", path)).status).toBe(403);
    expect((await as("manager", "DELETE", path)).json.deleted_at).not.toBeNull();
    const binned = await as("readonly", "GET", "/backup-sets?bin=true");
    expect(binned.json.map((set: { id: number }) => set.id)).toEqual([sets[0]]);
    expect((await as("readonly", "GET", "/backup-sets")).json).toHaveLength(3);
    expect((await as("readonly", "GET", "/backup-sets?bin=perhaps")).json.errors[0].path).toBe("bin");
    expect((await as("manager", "POST", `${path}/restore`, { pin: "yes" })).status).toBe(422);
    expect((await as("manager", "POST", `${path}/restore`, { pin: false })).json).toMatchObject({
      deleted_at: null,
      pinned_at: null,
    });
    expect((await as("manager", "DELETE", `/backup-sets/${newest()}`)).status).toBe(409);
  });

  test("is exported by a manager as a ZIP with a name", async () => {
    expect((await as("operator", "GET", `/backup-sets/${newest()}/export`)).status).toBe(403);
    const { response } = await send("GET", `${base}/backup-sets/${newest()}/export`, {
      token: tokens.manager,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/zip");
    expect(response.headers.get("content-disposition")).toMatch(
      /^attachment; filename="Tenant 1 Nightly .*\.zip"; filename\*=UTF-8''/,
    );
    if (!response.body) throw new Error("there is no archive");
    const archive = await buffer(response.body);
    expect(archive.subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
    expect(archive.toString("latin1")).toContain("DeviceConfiguration/policy-");
  });
});

describe("comparison", () => {
  test("with the set before, with any, page by page, and of one policy", async () => {
    const before = await as("readonly", "GET", `/backup-sets/${newest()}/comparison`);
    expect(before.json).toMatchObject({ left: { id: sets[2] }, counts: { changed: 2, unchanged: 4 } });
    const all = `/backup-sets/${newest()}/comparison?with_set_id=${sets[0]}&changes=changed,unchanged&limit=4`;
    const first = await as("readonly", "GET", all);
    const rest = await as("readonly", "GET", `${all}&cursor=${first.json.next_cursor}`);
    expect([...first.json.items, ...rest.json.items]).toHaveLength(6);
    expect((await as("readonly", "GET", `/backup-sets/${newest()}/comparison?changes=better`)).status).toBe(
      422,
    );
    const { left, right } = before.json.items[0];
    const item = await as(
      "readonly",
      "GET",
      `/backup-sets/${newest()}/items/${right.item_id}/comparison?with_set_id=${sets[2]}&with_item_id=${left.item_id}`,
    );
    expect(item.json.changes.map((change: { path: string[] }) => change.path)).toEqual([
      ["settings"],
      ["version"],
    ]);
  });

  test("with another tenant needs a role in both", async () => {
    const { actors, id } = world.foreign;
    const schedule = await makeSchedule(actors.manager, id);
    const [theirs] = await insertSets(world.admin, {
      tenantId: id,
      scheduleId: schedule.id,
      sets: [{ created_at: new Date() }],
      items: 3,
    });
    const path = `/backup-sets/${newest()}/comparison-by-name?with_tenant_id=${id}&with_set_id=${theirs}`;
    expect((await as("owner", "GET", path)).status).toBe(404);
    await world.admin.query(
      "INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'readonly')",
      [id, world.tenant.actors.owner.user_id],
    );
    const both = await api("GET", `${base}${path}`, {
      headers: await browserHeaders(world.tenant.actors.owner),
    });
    expect(both.json).toMatchObject({
      left: { tenant_id: id },
      right: { id: newest() },
      counts: { added: 6 },
    });
  });
});

describe("policies over time", () => {
  test("are found by name, and each has its versions", async () => {
    const found = await as("readonly", "GET", "/policies?search=policy&limit=4");
    expect(found.json).toHaveLength(4);
    const rest = await api("GET", nextPage(found) ?? "", { token: tokens.readonly });
    expect(rest.json).toHaveLength(2);
    const [policy] = rest.json;
    const history = await as(
      "readonly",
      "GET",
      `/policy-history?policy_type=${policy.policy_type}&graph_id=${encodeURIComponent(policy.graph_id)}`,
    );
    expect(history.json.versions).toHaveLength(policy.versions);
    expect((await as("readonly", "GET", "/policy-history?policy_type=x&graph_id=y")).status).toBe(404);
  });
});

describe("storage and retention", () => {
  test("the overview adds up", async () => {
    const { json } = await as("readonly", "GET", "/storage");
    expect(json).toMatchObject({ sets: 4, items: 24 });
    expect(json.bytes_logical).toBeGreaterThan(json.bytes_unique);
  });

  test("a preview names what a lower N would remove, and changes nothing", async () => {
    const path = `/backup-schedules/${scheduleId}/retention-preview`;
    const { json } = await as("readonly", "GET", `${path}?retention_keep_last=1&retention_keep_daily=2`);
    expect(json.removed.map((set: { id: number }) => set.id)).toEqual([sets[1], sets[0]]);
    expect(json.kept.map((set: { reasons: string[] }) => set.reasons)).toEqual([
      ["last_success", "last", "daily"],
      ["daily"],
    ]);
    expect((await as("readonly", "GET", path)).json.removed).toEqual([]);
    for (const wrong of ["retention_keep_last=0", "retention_keep_daily=x", "keep=1"]) {
      expect((await as("readonly", "GET", `${path}?${wrong}`)).status, wrong).toBe(422);
    }
  });
});
