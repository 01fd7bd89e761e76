import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Role } from "#lib/access/permissions";
import { startRun } from "#lib/runs/start";
import { makeSchedule, plainSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { api, type RequestOptions, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 1 });
let tokens: Record<Role, string>;
let base: string;
let mine: number;
let theirs: number;
let before: string;

beforeAll(async () => {
  tokens = await tokensOf(world.tenant);
  base = `/tenants/${world.tenant.id}/backup-schedules`;
  mine = (await makeSchedule(world.tenant.actors.manager, world.tenant.id)).id;
  theirs = (await makeSchedule(world.foreign.actors.manager, world.foreign.id)).id;
});

/** Every table's rows with their versions: nothing that was refused may change any of it. */
async function everything(): Promise<string> {
  const { rows } = await world.admin.query(`
    SELECT (SELECT jsonb_agg(to_jsonb(s) ORDER BY id) FROM backup_schedules s) AS schedules,
           (SELECT count(*) FROM backup_schedule_runs) AS runs, (SELECT count(*) FROM audit_log) AS audit,
           (SELECT count(*) FROM notifications) AS notifications, (SELECT count(*) FROM api_tokens) AS tokens,
           (SELECT count(*) FROM memberships) AS members, (SELECT count(*) FROM pgboss.job) AS jobs,
           (SELECT jsonb_agg(to_jsonb(c)) FROM connections c) AS connections`);
  return JSON.stringify(rows);
}

beforeEach(async () => {
  before = await everything();
});

async function expectRefused(
  method: string,
  path: string,
  options: RequestOptions,
  expected: { status: number; code: string; field?: string },
): Promise<void> {
  const answer = await api(method, path, { token: tokens.manager, ...options });
  expect(answer).toMatchObject({ status: expected.status, json: { code: expected.code } });
  if (expected.field !== undefined) {
    expect(answer.json.errors.map((error: { path: string }) => error.path)).toContain(expected.field);
  }
  expect(answer.json.detail.length).toBeGreaterThan(10);
  expect(await everything()).toBe(before);
}

const weekly = { ...plainSchedule, frequency: "weekly" as const, days_of_week: [1] };
const json = { "Content-Type": "application/json" };

describe("a field that is not valid is 422, named, and nothing is written", () => {
  const bodies: [string, unknown, string][] = [
    [
      "an unknown policy type",
      { ...plainSchedule, policy_types: ["settingsCatalogPolicy", "nope"] },
      "policy_types.1",
    ],
    ["no policy type", { ...plainSchedule, policy_types: [] }, "policy_types"],
    ["an unknown zone", { ...plainSchedule, timezone: "Europe/Atlantis" }, "timezone"],
    ["a day 0", { ...weekly, days_of_week: [0] }, "days_of_week.0"],
    ["a day 8", { ...weekly, days_of_week: [8] }, "days_of_week.0"],
    ["no day of a weekly schedule", { ...weekly, days_of_week: [] }, "days_of_week"],
    ["days of a daily schedule", { ...plainSchedule, days_of_week: [1] }, "days_of_week"],
    ["25:00", { ...plainSchedule, time_of_day: "25:00" }, "time_of_day"],
    ["seconds", { ...plainSchedule, time_of_day: "02:00:30" }, "time_of_day"],
    ["a frequency of our imagination", { ...plainSchedule, frequency: "hourly" }, "frequency"],
    ["keeping none", { ...plainSchedule, retention_keep_last: 0 }, "retention_keep_last"],
    ["keeping a half", { ...plainSchedule, retention_keep_last: 1.5 }, "retention_keep_last"],
    ["a name of 10,000 characters", { ...plainSchedule, name: "n".repeat(10_000) }, "name"],
    ["an empty name", { ...plainSchedule, name: "   " }, "name"],
    ["a number for a name", { ...plainSchedule, name: 7 }, "name"],
    ["an unknown field", { ...plainSchedule, color: "red" }, "color"],
    ["a missing field", { name: "Only a name" }, "timezone"],
    ["the tenant in the body", { ...plainSchedule, tenant_id: 1 }, "tenant_id"],
  ];
  test.each(bodies)("%s", (_what, body, field) =>
    expectRefused("POST", base, { body }, { status: 422, code: "VALIDATION_FAILED", field }),
  );
  test.each(bodies.filter(([what]) => !/missing|no day of|days of a daily/.test(what)))(
    "%s, in a change",
    (_what, body, field) =>
      expectRefused("PATCH", `${base}/${mine}`, { body }, { status: 422, code: "VALIDATION_FAILED", field }),
  );
  test.each([[[]], ["text"], [7], [null], [true]])("a body that is %j", (body) =>
    expectRefused("POST", base, { body }, { status: 422, code: "VALIDATION_FAILED" }),
  );
});

describe("a request that cannot be read says why, and nothing is written", () => {
  const name = (value: string) => JSON.stringify({ ...plainSchedule, name: value });
  const cases: [string, RequestOptions, number, string][] = [
    ["broken JSON", { rawBody: '{"name": "Nightly"', headers: json }, 400, "MALFORMED_REQUEST"],
    ["no body", {}, 400, "MALFORMED_REQUEST"],
    ["an empty body", { rawBody: "", headers: json }, 400, "MALFORMED_REQUEST"],
    ["a key twice", { rawBody: '{"name":"a","na\\u006de":"b"}', headers: json }, 400, "MALFORMED_REQUEST"],
    ["not UTF-8", { rawBody: new Uint8Array([0x22, 0xff, 0x22]), headers: json }, 400, "MALFORMED_REQUEST"],
    ["NUL in a text", { rawBody: name("a\u0000b"), headers: json }, 400, "MALFORMED_REQUEST"],
    [
      "half a character",
      { rawBody: name("a").replace('"a"', '"\\ud800"'), headers: json },
      400,
      "MALFORMED_REQUEST",
    ],
    [
      "nested without end",
      { rawBody: "[".repeat(200_000) + "]".repeat(200_000), headers: json },
      400,
      "MALFORMED_REQUEST",
    ],
    [
      "a form",
      { rawBody: "name=Nightly", headers: { "Content-Type": "application/x-www-form-urlencoded" } },
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    ["no type", { rawBody: new TextEncoder().encode(name("a")) }, 415, "UNSUPPORTED_MEDIA_TYPE"],
    [
      "UTF-16",
      { rawBody: name("a"), headers: { "Content-Type": "application/json; charset=utf-16" } },
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    [
      "compressed",
      { rawBody: name("a"), headers: { ...json, "Content-Encoding": "gzip" } },
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    ["5 MB", { rawBody: name("n".repeat(5_000_000)), headers: json }, 413, "PAYLOAD_TOO_LARGE"],
    [
      "5 MB announced",
      { rawBody: "{}", headers: { ...json, "Content-Length": "5000000" } },
      413,
      "PAYLOAD_TOO_LARGE",
    ],
  ];
  test.each(cases)("%s", (_what, options, status, code) =>
    expectRefused("POST", base, options, { status, code }),
  );

  test.each([
    '{"credential": MARKERSECRET}',
    '{"credential": "MARKERSECRET',
    '{"credential": "MARKER\nSECRET"}',
    '{"credential": "x" MARKERSECRET}',
    "MARKERSECRET",
  ])("%s, without quoting it", async (rawBody) => {
    const answer = await api("POST", base, { token: tokens.manager, rawBody, headers: json });
    expect(answer).toMatchObject({ status: 400, json: { code: "MALFORMED_REQUEST" } });
    expect(answer.text).not.toMatch(/MARKER|SECRET|credential/);
  });

  test("a body without end is refused after the first megabyte, and let go", async () => {
    let sent = 0;
    let canceled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
      cancel() {
        canceled = true;
      },
    });
    await expectRefused(
      "POST",
      base,
      { rawBody: endless, headers: json },
      { status: 413, code: "PAYLOAD_TOO_LARGE" },
    );
    expect(sent).toBeLessThan(1_400_000);
    expect(canceled).toBe(true);
  });

  test.each(["%00", "%ED%A0%80x%00"])("NUL in the query (?action=%s)", (action) =>
    expectRefused(
      "GET",
      `/tenants/${world.tenant.id}/audit-log?action=${action}`,
      {},
      { status: 400, code: "MALFORMED_REQUEST" },
    ),
  );
});

describe("a body where none is expected", () => {
  const run = () => startRun(world.tenant.actors.operator, world.tenant.id, { schedule_id: mine });
  const refusals: [string, RequestOptions, { status: number; code: string; field?: string }][] = [
    ["a field", { body: { color: "red" } }, { status: 422, code: "VALIDATION_FAILED", field: "color" }],
    ["a list", { body: [] }, { status: 422, code: "VALIDATION_FAILED" }],
    ["broken JSON", { rawBody: '{"a"', headers: json }, { status: 400, code: "MALFORMED_REQUEST" }],
    [
      "a form",
      { rawBody: "a=1", headers: { "Content-Type": "application/x-www-form-urlencoded" } },
      { status: 415, code: "UNSUPPORTED_MEDIA_TYPE" },
    ],
  ];
  test.each(refusals)("is refused, and nothing is done: %s", async (_what, options, expected) => {
    await expectRefused("POST", `${base}/${mine}/run-now`, options, expected);
    await expectRefused("DELETE", `${base}/${mine}`, options, expected);
  });

  test("has no field that the operation takes elsewhere", async () => {
    const { id } = await run();
    before = await everything();
    await expectRefused(
      "POST",
      `/tenants/${world.tenant.id}/runs/${id}/cancel`,
      { body: { schedule_id: mine } },
      { status: 422, code: "VALIDATION_FAILED", field: "schedule_id" },
    );
    const canceled = await api("POST", `/tenants/${world.tenant.id}/runs/${id}/cancel`, {
      token: tokens.manager,
      body: {},
    });
    expect(canceled.status).toBe(202);
  });

  test.each<[string, RequestOptions]>([
    ["nothing", {}],
    ["nothing that has a type", { rawBody: "", headers: json }],
    ["an empty object", { body: {} }],
  ])("may be %s", async (_what, options) => {
    const started = await api("POST", `${base}/${mine}/run-now`, { token: tokens.manager, ...options });
    expect(started.status).toBe(202);
    await world.admin.query(
      "UPDATE backup_schedule_runs SET status = 'canceled', finished_at = now() WHERE id = $1",
      [started.json.id],
    );
  });
});

describe("what is not there, or not the caller's, is 404, and nothing is written", () => {
  const ids = [
    "0",
    "-1",
    "007",
    "1e3",
    "1.5",
    "abc",
    "2147483648",
    "99999999999999999999",
    "1%00",
    "%F0%9F%92%A9",
    " 1",
  ];
  test.each(ids)("a schedule %s", (id) =>
    expectRefused("DELETE", `${base}/${id}`, {}, { status: 404, code: "NOT_FOUND" }),
  );
  test.each(ids)("a tenant %s", (id) =>
    expectRefused(
      "POST",
      `/tenants/${id}/backup-schedules`,
      { body: plainSchedule },
      { status: 404, code: "NOT_FOUND" },
    ),
  );

  test("another tenant's schedule, whatever is done with it", async () => {
    const path = `${base}/${theirs}`;
    const refused = { status: 404, code: "NOT_FOUND" };
    await expectRefused("GET", path, {}, refused);
    await expectRefused("PATCH", path, { body: { name: "Mine now" } }, refused);
    await expectRefused("DELETE", path, {}, refused);
    await expectRefused("POST", `${path}/run-now`, {}, refused);
    await expectRefused("POST", `${path}/retry`, {}, refused);
    await expectRefused("GET", `${path}/runs`, {}, refused);
  });

  test("another tenant and one that does not exist are the same answer", async () => {
    const ask = async (tenantId: number) => {
      const { request_id: _, ...rest } = (
        await api("GET", `/tenants/${tenantId}/backup-schedules`, { token: tokens.owner })
      ).json;
      return rest;
    };
    expect(await ask(world.foreign.id)).toEqual(await ask(999_999));
    expect(await ask(world.foreign.id)).toMatchObject({ status: 404, code: "NOT_FOUND" });
  });

  test("another tenant's schedules in a bulk request are not found, and not told apart", async () => {
    const answer = await api("POST", `${base}/bulk/run-now`, {
      token: tokens.operator,
      body: { schedule_ids: [theirs, 999_999] },
    });
    expect(answer.json).toMatchObject({ started: 0, refused: 2 });
    const [first, second] = answer.json.results;
    expect({ ...first, schedule_id: 0 }).toEqual({ ...second, schedule_id: 0 });
    expect(await everything()).toBe(before);
  });
});

describe("addresses and methods", () => {
  test.each([
    ["GET", ""],
    ["GET", "/nope"],
    ["POST", "/tenants/1/nope"],
    ["DELETE", "/tenants/1/backup-schedules/1/runs/1/nope"],
  ])("%s /api%s is a 404 problem", (method, path) =>
    expectRefused(method, path || "/", {}, { status: 404, code: "NOT_FOUND" }),
  );

  test("a method that an address does not know is 405 and says which it knows", async () => {
    const answer = await api("PUT", base, { token: tokens.manager, body: plainSchedule });
    expect(answer).toMatchObject({ status: 405, json: { code: "METHOD_NOT_ALLOWED" } });
    expect(answer.headers.get("allow")).toBe("GET, POST, HEAD, OPTIONS");
    expect(
      (await api("GET", `${base}/${mine}/run-now`, { token: tokens.manager })).headers.get("allow"),
    ).toBe("POST, OPTIONS");
    expect(await everything()).toBe(before);
  });
});
