import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { Role } from "#lib/access/permissions";
import { executeRun } from "#lib/runs/execute";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { type Answer, api, browserHeaders, nextPage, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 40 });
let tokens: Record<Role, string>;
let base: string;
let scheduleId: number;
let runId: number;
let setId: number;

beforeAll(async () => {
  tokens = await tokensOf(world.tenant);
  const { id, actors } = world.tenant;
  base = `/tenants/${id}`;
  scheduleId = (await makeSchedule(actors.manager, id, { name: "Backed up", include_foundations: true })).id;
  runId = (await startRun(actors.operator, id, { schedule_id: scheduleId })).id;
  const result = await executeRun(id, runId, new AbortController().signal);
  if (result.kind !== "ended" || !result.backup_set_id) throw new Error("The run made no set");
  setId = result.backup_set_id;
});

const get = (path: string): Promise<Answer> => api("GET", `${base}${path}`, { token: tokens.readonly });

describe("backup sets", () => {
  test("are listed, filtered by schedule and read", async () => {
    const listed = await get("/backup-sets");
    expect(listed.json).toMatchObject([
      { id: setId, run_id: runId, schedule_name: "Backed up", status: "success" },
    ]);
    expect((await get(`/backup-sets?schedule_id=${scheduleId}`)).json).toHaveLength(1);
    expect((await get("/backup-sets?schedule_id=999999")).json).toEqual([]);
    expect((await get("/backup-sets?schedule_id=mine")).json.errors[0].path).toBe("schedule_id");
    const set = await get(`/backup-sets/${setId}`);
    expect(set.json.item_count).toBe(listed.json[0].item_count);
    expect(Object.keys(set.json.types)).toContain("settingsCatalogPolicy");
    expect((await get("/backup-sets/999999")).status).toBe(404);
  });

  test("hand out every item once over the pages, and each one's stored bytes", async () => {
    const items: {
      id: number;
      sha256: string;
      display_name: string;
      policy_type: string;
      graph_id: string;
    }[] = [];
    for (let next: string | null = `${base}/backup-sets/${setId}/items?limit=3`; next; ) {
      const page = await api("GET", next, { token: tokens.readonly });
      items.push(...page.json);
      next = nextPage(page);
    }
    const { item_count } = (await get(`/backup-sets/${setId}`)).json;
    expect(items).toHaveLength(item_count);
    expect(new Set(items.map((item) => item.id)).size).toBe(item_count);

    for (const item of items) {
      const content = await get(`/backup-sets/${setId}/items/${item.id}/content`);
      expect(content.headers.get("content-type")).toBe("application/json");
      expect(createHash("sha256").update(content.text).digest("hex")).toBe(item.sha256);
      if (item.policy_type === "settingsCatalogPolicy")
        expect(content.json).toMatchObject({ id: item.graph_id, name: item.display_name });
    }

    const [first] = items;
    const type = await get(`/backup-sets/${setId}/items?policy_type=${first?.policy_type}&limit=200`);
    expect(type.json.length).toBe(items.filter((item) => item.policy_type === first?.policy_type).length);
    const found = await get(
      `/backup-sets/${setId}/items?search=${encodeURIComponent(first?.display_name ?? "")}`,
    );
    expect(found.json.map((item: { id: number }) => item.id)).toContain(first?.id);
    expect((await get(`/backup-sets/${setId}/items/9007199254740991/content`)).status).toBe(404);
    expect((await get(`/backup-sets/${setId}/items/9007199254740993/content`)).status).toBe(404);
  });

  test("are not another tenant's", async () => {
    const token = (await tokensOf(world.foreign)).owner;
    for (const path of [`/backup-sets/${setId}`, `/backup-sets/${setId}/items`]) {
      expect((await api("GET", `/tenants/${world.foreign.id}${path}`, { token })).status).toBe(404);
    }
  });
});

describe("the audit log", () => {
  test("says who did what, page by page, and one action when asked", async () => {
    const requested = await get("/audit-log?action=run.requested");
    expect(requested.json).toMatchObject([
      { actor_kind: "user", actor_name: "operator 1", target_kind: "run", target_id: runId },
    ]);
    const page = await get("/audit-log?limit=1");
    expect(page.json).toHaveLength(1);
    const next = await api("GET", nextPage(page) ?? "", { token: tokens.readonly });
    expect(next.json[0].id).toBeLessThan(page.json[0].id);
  });
});

describe("notifications", () => {
  test("are the caller's own, and can be marked as read", async () => {
    const headers = await browserHeaders(world.tenant.actors.operator);
    const path = `${base}/notifications`;
    const unread = await api("GET", `${path}?unread=true`, { headers });
    expect(unread.json).toMatchObject([
      { kind: "run.ended", read_at: null, data: { run_id: runId } },
      { kind: "run.started", read_at: null, data: { run_id: runId } },
    ]);
    expect((await get("/notifications")).json).toEqual([]);
    const other = await api("GET", path, { headers: await browserHeaders(world.tenant.actors.manager) });
    expect(other.json.map((n: { id: number }) => n.id)).not.toContain(unread.json[0].id);

    const marked = await api("POST", `${path}/read`, {
      headers,
      body: { notification_ids: [unread.json[0].id] },
    });
    expect(marked.json).toEqual({ marked: 1 });
    const [newest, oldest] = unread.json.map((n: { id: number }) => n.id);
    const ids = async (query: string) =>
      (await api("GET", `${path}${query}`, { headers })).json.map((n: { id: number }) => n.id);
    expect(await ids("?unread=true")).toEqual([oldest]);
    expect(await ids("?unread=false")).toEqual([newest]);
    expect(await ids("")).toEqual([newest, oldest]);
    expect((await api("POST", `${path}/read`, { headers, body: { notification_ids: "all" } })).json).toEqual({
      marked: 1,
    });
    expect((await api("GET", `${path}?unread=true`, { headers })).json).toEqual([]);
    expect((await api("GET", `${path}?unread=false`, { headers })).json).toHaveLength(2);
    expect((await api("GET", `${path}?unread=maybe`, { headers })).json.errors[0].path).toBe("unread");
    expect((await api("POST", `${path}/read`, { headers, body: { notification_ids: "some" } })).status).toBe(
      422,
    );
  });
});
