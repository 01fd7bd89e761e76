import { beforeAll, describe, expect, test } from "vitest";
import type { Role } from "#lib/access/permissions";
import type { AuditEntryView } from "#lib/audit/schema";
import { setMemberRole } from "#lib/members/members";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { api, nextPage, send, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 1 });
let tokens: Record<Role, string>;
let base: string;
let scheduleId: number;

beforeAll(async () => {
  tokens = await tokensOf(world.tenant);
  base = `/tenants/${world.tenant.id}/audit-log`;
  const { actors, id } = world.tenant;
  scheduleId = (await makeSchedule(actors.manager, id, { name: "=Nightly, 50%_off" })).id;
  await makeSchedule(actors.owner, id, { name: "Week 17" });
  await makeSchedule(world.foreign.actors.owner, world.foreign.id, { name: "Foreign" });
  await setMemberRole(actors.owner, id, { user_id: actors.operator.user_id, role: "manager" });
  // More than one batch of an export, of days gone by.
  await world.admin.query(
    `INSERT INTO audit_log (tenant_id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, details)
     SELECT $1, timestamptz '2026-01-01 00:00Z' + interval '1 min' * n, 'system', NULL, 'executor',
            CASE WHEN n % 2 = 0 THEN 'run.succeeded' ELSE 'run.failed' END, 'run', n, '{"schedule_name": "Old"}'
     FROM generate_series(1, 2500) n`,
    [id],
  );
});

async function list(query: string): Promise<AuditEntryView[]> {
  const all: AuditEntryView[] = [];
  for (let path: string | null = `${base}?limit=200${query}`; path !== null; ) {
    const answer = await api("GET", path, { token: tokens.readonly });
    expect(answer.status).toBe(200);
    all.push(...answer.json);
    path = nextPage(answer);
  }
  return all;
}

const actionsOf = (entries: AuditEntryView[]) => entries.map((entry) => entry.action);

describe("the list", () => {
  test("is filtered by action and by group, and a group is no beginning of another's name", async () => {
    expect(new Set(actionsOf(await list("&action=run")))).toEqual(new Set(["run.failed", "run.succeeded"]));
    expect(await list("&action=run.failed")).toHaveLength(1250);
    expect(await list("&action=ru")).toEqual([]);
    expect(await list("&action=schedule.cre%25")).toEqual([]);
  });

  test("a group has what the table puts there, and what a later version may have written", async () => {
    await world.admin.query(
      `INSERT INTO audit_log (tenant_id, at, actor_kind, actor_name, action)
       SELECT $1, '2025-01-01', 'system', 'verifier', action FROM unnest($2::text[]) AS action`,
      [world.tenant.id, ["sets.verified", "setting.changed", "set.looked_at", "tenant.renamed"]],
    );
    expect(actionsOf(await list("&action=set"))).toEqual(["set.looked_at", "sets.verified"]);
    expect(actionsOf(await list("&action=tenant"))).toContain("tenant.renamed");
  });

  test("is filtered by who did it", async () => {
    const { manager } = world.tenant.actors;
    const theirs = await list(`&actor=user:${manager.user_id}`);
    expect(theirs.map((entry) => entry.details.name)).toEqual(["=Nightly, 50%_off"]);
    expect(await list("&actor=system&action=run")).toHaveLength(2500);
    expect(await list("&actor=token")).toEqual([]);
  });

  test("is filtered by time: from is in, to is not", async () => {
    const some = await list("&from=2026-01-01T01:00:00%2B01:00&to=2026-01-01T00:10:00Z");
    expect(some.map((entry) => entry.at)).toHaveLength(9);
    expect(some.at(-1)?.at).toBe("2026-01-01T00:01:00.000Z");
    expect(some[0]?.at).toBe("2026-01-01T00:09:00.000Z");
  });

  test("finds what it was done to by a part of its name, literally, or by kind and id", async () => {
    expect((await list("&search=50%25_OFF")).map((entry) => entry.target_id)).toEqual([scheduleId]);
    expect(await list("&search=5_%25")).toEqual([]);
    expect((await list("&search=run%2017")).map((entry) => entry.target_id)).toEqual([17]);
    expect((await list("&search=%23402")).map((entry) => entry.target_id)).toEqual([402]);
    expect(await list(`&search=schedule%20${scheduleId}`)).toHaveLength(1);
    expect((await list("&search=17")).map((entry) => entry.target_name)).toEqual(["Old", "Week 17"]);
    expect((await list("&search=Week%2017")).map((entry) => entry.target_name)).toEqual(["Week 17"]);
    expect((await list("&search=operator%201")).map((entry) => entry.action)).toEqual([
      "member.role_changed",
    ]);
    expect(await list("&search=Foreign")).toEqual([]);
  });

  test.each([
    ["actor=user:0", "actor"],
    ["actor=me", "actor"],
    ["from=yesterday", "from"],
    ["from=2026-01-01", "from"],
    ["to=0000-01-01T00:00:00Z", "to"],
    [`search=${"x".repeat(201)}`, "search"],
    ["sort=at", "sort"],
  ])("refuses %s by name", async (query, path) => {
    const answer = await api("GET", `${base}?${query}`, { token: tokens.owner });
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ path }] } });
  });
});

describe("the export", () => {
  test("as JSON is what the list shows with the same filter, more than a batch of it, and is itself audited", async () => {
    const shown = await list("&action=run&actor=system");
    const answer = await api("GET", `${base}/export.json?action=run&actor=system`, { token: tokens.manager });
    expect(answer.headers.get("content-disposition")).toMatch(
      /^attachment; filename="Tenant 1 audit log \d{4}-\d\d-\d\d\.json"/,
    );
    expect(answer.json).toEqual(shown);
    expect(shown).toHaveLength(2500);
    const [newest] = await list("");
    expect(newest).toMatchObject({
      action: "audit.exported",
      details: { format: "json", action: "run", actor: "system" },
    });
  });

  test("as CSV has a line for each entry of the list, and nothing that a spreadsheet would run", async () => {
    const shown = await list("&action=schedule");
    const answer = await api("GET", `${base}/export.csv?action=schedule`, { token: tokens.manager });
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const [head, ...lines] = answer.text.trimEnd().split("\r\n");
    expect(head).toMatch(/^\u{FEFF}?id,at,/u);
    expect(lines.map((line) => Number(line.split(",")[0]))).toEqual(shown.map((entry) => entry.id));
    expect(answer.text).toContain(`,"'=Nightly, 50%_off",`);
  });

  test("of nothing is an empty array, and a head alone", async () => {
    const none = "to=1999-01-01T00:00:00Z";
    expect((await api("GET", `${base}/export.json?${none}`, { token: tokens.owner })).json).toEqual([]);
    const csv = await api("GET", `${base}/export.csv?${none}`, { token: tokens.owner });
    expect(csv.text.trimEnd().split("\r\n")).toHaveLength(1);
  });

  test("needs a manager, and reads nothing more once the reader has left", async () => {
    for (const role of ["readonly", "operator"] as const) {
      expect((await api("GET", `${base}/export.csv`, { token: tokens[role] })).status).toBe(403);
    }
    const { response } = await send("GET", `${base}/export.csv`, { token: tokens.owner });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await reader?.cancel();
    expect((await reader?.read())?.done).toBe(true);
  });
});
