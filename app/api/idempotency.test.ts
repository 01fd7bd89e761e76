import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Role } from "#lib/access/permissions";
import { openApiDocument } from "#lib/http/openapi";
import { purgeOldIdempotencyKeys } from "#lib/http/purge-idempotency-keys";
import { cancelRun } from "#lib/runs/cancel";
import { makeSchedule, plainSchedule } from "#lib/testing/schedules";
import { until, withWorld } from "#lib/testing/world";
import { served } from "./served.ts";
import { api, browserHeaders, tokensOf } from "./testing/client.ts";

/** The same request, sent again with the same Idempotency-Key, is carried out once. */

const world = withWorld({ policies: 1 });
let tokens: Record<Role, string>;
let foreignTokens: Record<Role, string>;
let base: string;

beforeAll(async () => {
  tokens = await tokensOf(world.tenant);
  foreignTokens = await tokensOf(world.foreign);
  base = `/tenants/${world.tenant.id}/backup-schedules`;
});
beforeEach(() => world.admin.query("DELETE FROM idempotency_keys"));

const newSchedule = () => makeSchedule(world.tenant.actors.manager, world.tenant.id);
const post = (path: string, key: string, body?: unknown, role: Role = "manager") =>
  api("POST", path, {
    token: tokens[role],
    headers: { "Idempotency-Key": key },
    ...(body === undefined ? {} : { body }),
  });
const runNow = (id: number, key: string, role: Role = "manager") =>
  post(`${base}/${id}/run-now`, key, undefined, role);

async function count(sql: string, ...values: unknown[]): Promise<number> {
  const { rows } = await world.admin.query(`SELECT count(*)::int AS count FROM ${sql}`, values);
  return rows[0].count;
}
const runsOf = (id: number) => count("backup_schedule_runs WHERE backup_schedule_id = $1", id);
const keys = () => count("idempotency_keys");
const replayed = (answer: { headers: Headers }) => answer.headers.get("idempotency-replayed");

/** The processes of the database that wait for a lock. */
async function waiting(): Promise<number[]> {
  const { rows } = await world.admin.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database() ORDER BY query_start",
  );
  return rows.map(({ pid }) => pid);
}

/** Does something while another transaction holds a schedule's row. */
async function whileHeld(scheduleId: number, work: () => Promise<void>): Promise<void> {
  const holder = await world.admin.connect();
  try {
    await holder.query("BEGIN");
    await holder.query("SELECT 1 FROM backup_schedules WHERE id = $1 FOR UPDATE", [scheduleId]);
    await work();
  } finally {
    await holder.query("ROLLBACK");
    holder.release();
  }
}

describe("a repetition", () => {
  test("20 at once with one key make one run and 20 equal answers", async () => {
    const { id } = await newSchedule();
    const answers = await Promise.all(Array.from({ length: 20 }, () => runNow(id, "twenty")));
    expect(await runsOf(id)).toBe(1);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 202, json: { backup_schedule_id: id } });
    expect(answers.map(replayed).filter((value) => value === null)).toHaveLength(1);
    expect(answers.map(replayed).filter((value) => value === "true")).toHaveLength(19);
    const job = "pgboss.job WHERE name = 'execute-run' AND data->>'run_id' = $1";
    expect(await count(job, String(answers[0]?.json.id))).toBe(1);
    expect(
      await count("audit_log WHERE target_id = $1 AND action = 'run.requested'", answers[0]?.json.id),
    ).toBe(1);
  });

  test("gets status, body, Location and ETag of a schedule that was created, also once it has changed", async () => {
    const first = await post(base, "create", plainSchedule);
    expect(first.status).toBe(201);
    expect(replayed(first)).toBeNull();
    const body = { name: "Renamed" };
    await api("PATCH", `${base}/${first.json.id}`, { token: tokens.manager, body });
    const before = await count("backup_schedules");
    const again = await post(base, "create", plainSchedule);
    expect(again).toMatchObject({ status: 201, text: first.text });
    expect(replayed(again)).toBe("true");
    for (const name of ["location", "etag", "content-type"])
      expect(again.headers.get(name), name).toBe(first.headers.get(name));
    expect(await count("backup_schedules")).toBe(before);
  });

  test("of retry and of each bulk request changes nothing either", async () => {
    const { id } = await newSchedule();
    const end = async () => {
      const { rows } = await world.admin.query(
        "SELECT id FROM backup_schedule_runs WHERE backup_schedule_id = $1 AND status = 'running'",
        [id],
      );
      for (const row of rows)
        await cancelRun(world.tenant.actors.operator, world.tenant.id, { run_id: row.id });
    };
    const body = { schedule_ids: [id] };
    for (const [path, sent] of [
      ["bulk/run-now", body],
      [`${id}/retry`, {}],
      ["bulk/retry", body],
      ["bulk/disable", body],
      ["bulk/enable", body],
      ["bulk/delete", body],
    ] as const) {
      await end();
      const first = await post(`${base}/${path}`, path, sent);
      expect(first.status, path).toBeLessThan(300);
      await end();
      const state = async () =>
        (
          await world.admin.query(
            `SELECT (SELECT count(*) FROM audit_log), (SELECT count(*) FROM backup_schedule_runs),
                    (SELECT version FROM backup_schedules WHERE id = $1)`,
            [id],
          )
        ).rows;
      const before = await state();
      const again = await post(`${base}/${path}`, path, sent);
      expect(again).toMatchObject({ status: first.status, text: first.text });
      expect(replayed(again), path).toBe("true");
      expect(await state(), path).toEqual(before);
    }
  });

  test("waits for the first one while that is at work", async () => {
    const { id } = await newSchedule();
    let answers: ReturnType<typeof runNow>[] = [];
    await whileHeld(id, async () => {
      const first = runNow(id, "wait");
      await until("the first waits for the schedule", async () => (await waiting()).length === 1);
      answers = [first, runNow(id, "wait")];
      await until("the second waits for the first", async () => (await waiting()).length === 2);
    });
    const [first, second] = await Promise.all(answers);
    expect(first?.status).toBe(202);
    expect(second?.text).toBe(first?.text);
    expect([first, second].map((answer) => answer && replayed(answer))).toEqual([null, "true"]);
  });
});

describe("nothing is kept", () => {
  test("of a request whose transaction dies: neither run nor key, and the key works anew", async () => {
    const { id } = await newSchedule();
    await whileHeld(id, async () => {
      const answer = runNow(id, "crash");
      const [pid] = await until("the request waits", async () => {
        const pids = await waiting();
        return pids.length > 0 && pids;
      });
      await world.admin.query("SELECT pg_terminate_backend($1)", [pid]);
      expect((await answer).status).toBeGreaterThanOrEqual(500);
    });
    expect([await runsOf(id), await keys()]).toEqual([0, 0]);
    const again = await runNow(id, "crash");
    expect([again.status, replayed(again), await runsOf(id)]).toEqual([202, null, 1]);
  });

  test("of a request that is refused", async () => {
    const { id } = await newSchedule();
    const active = await runNow(id, "first");
    expect(await runNow(id, "refused")).toMatchObject({ status: 409, json: { code: "RUN_ACTIVE" } });
    expect((await post(base, "refused", { ...plainSchedule, name: "" })).status).toBe(422);
    expect((await runNow(id, "refused", "readonly")).status).toBe(403);
    expect(await keys()).toBe(1);
    await cancelRun(world.tenant.actors.operator, world.tenant.id, { run_id: active.json.id });
    const now = await runNow(id, "refused");
    expect([now.status, replayed(now)]).toEqual([202, null]);
  });
});

describe("a key", () => {
  test("with another body, path or method is 422, and leaves the first answer as it was", async () => {
    const { id } = await newSchedule();
    const other = await newSchedule();
    const first = await post(`${base}/bulk/run-now`, "reused", { schedule_ids: [id] });
    for (const [path, body] of [
      [`${base}/bulk/run-now`, { schedule_ids: [other.id] }],
      [`${base}/bulk/retry`, { schedule_ids: [id] }],
      [`${base}/${other.id}/run-now`, undefined],
    ] as const)
      expect(await post(path, "reused", body)).toMatchObject({
        status: 422,
        json: { code: "IDEMPOTENCY_KEY_REUSED" },
      });
    expect(await runsOf(other.id)).toBe(0);
    expect((await post(`${base}/bulk/run-now`, "reused", { schedule_ids: [id] })).text).toBe(first.text);
  });

  test("is another key for another caller, and in another tenant", async () => {
    const mine = await post(base, "same", plainSchedule);
    const others = [
      await post(base, "same", { ...plainSchedule, name: "By another token" }, "owner"),
      await api("POST", base, {
        headers: {
          ...(await browserHeaders(world.tenant.actors.manager)),
          "Idempotency-Key": "same",
        },
        body: plainSchedule,
      }),
      await api("POST", `/tenants/${world.foreign.id}/backup-schedules`, {
        token: foreignTokens.manager,
        headers: { "Idempotency-Key": "same" },
        body: plainSchedule,
      }),
    ];
    for (const answer of others) expect([answer.status, replayed(answer)]).toEqual([201, null]);
    expect(new Set([mine, ...others].map(({ json }) => json.id)).size).toBe(4);
  });

  test("shows no answer to who may not do it any more", async () => {
    const { id } = await newSchedule();
    await runNow(id, "demoted", "operator");
    await world.admin.query(
      "UPDATE api_tokens SET role = 'readonly' WHERE name = 'operator' AND tenant_id = $1",
      [world.tenant.id],
    );
    expect((await runNow(id, "demoted", "operator")).status).toBe(403);
  });

  test("is kept for 24 hours, then it is a new request, also before the sweep", async () => {
    const first = await post(base, "day", plainSchedule);
    const left = (sign: string) =>
      world.admin.query(
        `UPDATE idempotency_keys SET expires_at = expires_at - interval '24 hours' ${sign} interval '10 seconds'`,
      );
    await left("+");
    expect(replayed(await post(base, "day", plainSchedule))).toBe("true");
    await world.admin.query("UPDATE idempotency_keys SET expires_at = date_trunc('milliseconds', now())");
    const later = await post(base, "day", { ...plainSchedule, name: "The next day" });
    expect([later.status, replayed(later)]).toEqual([201, null]);
    expect(later.json.id).not.toBe(first.json.id);
    expect(replayed(await post(base, "day", { ...plainSchedule, name: "The next day" }))).toBe("true");
  });

  test.each(["", "x".repeat(256), "naïve", "tab\there"])(
    "of other characters or length is 400: %s",
    async (key) => {
      expect(await post(base, key, plainSchedule)).toMatchObject({
        status: 400,
        json: { code: "MALFORMED_REQUEST" },
      });
    },
  );

  test("of 255 printable characters is good, and only its hash is stored", async () => {
    const key = `~ "${"k".repeat(252)}`;
    expect((await post(base, key, { ...plainSchedule, name: "Told to nobody" })).status).toBe(201);
    const { rows } = await world.admin.query("SELECT * FROM idempotency_keys");
    expect(rows).toHaveLength(1);
    const { body, headers, ...stored } = rows[0];
    expect(JSON.parse(body).name).toBe("Told to nobody");
    expect(Object.keys(headers).sort()).toEqual(["content-type", "etag", "location"]);
    expect(JSON.stringify(stored)).not.toMatch(/kkk|Told/);
  });
});

test("the sweep removes what is over, of every tenant, and nothing else", async () => {
  const foreign = `/tenants/${world.foreign.id}/backup-schedules`;
  for (const key of ["old", "new"]) {
    await post(base, key, plainSchedule);
    await api("POST", foreign, {
      token: foreignTokens.manager,
      headers: { "Idempotency-Key": key },
      body: plainSchedule,
    });
  }
  await world.admin.query(
    "UPDATE idempotency_keys SET expires_at = date_trunc('milliseconds', now()) WHERE key_sha256 = encode(sha256('old'), 'hex')",
  );
  expect(await purgeOldIdempotencyKeys()).toBe(2);
  expect(await keys()).toBe(2);
  expect(replayed(await post(base, "new", plainSchedule))).toBe("true");
});

test("the OpenAPI document tells who takes a key", async () => {
  const { paths } = openApiDocument(await served());
  const takers = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { parameters }]) => parameters.some(({ name }) => name === "Idempotency-Key"))
      .map(([method]) => `${method} ${path.split("/backup-schedules").at(-1)}`),
  );
  expect(takers.sort()).toEqual(
    [
      "post ",
      "post /bulk/delete",
      "post /bulk/disable",
      "post /bulk/enable",
      "post /bulk/retry",
      "post /bulk/run-now",
      "post /{scheduleId}/retry",
      "post /{scheduleId}/run-now",
    ].sort(),
  );
  const responses = paths["/tenants/{tenantId}/backup-schedules/{scheduleId}/run-now"]?.post?.responses;
  expect(responses?.["202"]?.headers).toHaveProperty("Idempotency-Replayed");
  expect(responses?.["422"]?.description).toContain("IDEMPOTENCY_KEY_REUSED");
});
