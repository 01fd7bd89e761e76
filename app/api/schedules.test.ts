import { beforeAll, describe, expect, test } from "vitest";
import type { Role } from "#lib/access/permissions";
import { executeRun } from "#lib/runs/execute";
import { makeSchedule, plainSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { api, nextPage, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 10 });
let tokens: Record<Role, string>;
let base: string;

beforeAll(async () => {
  tokens = await tokensOf(world.tenant);
  base = `/tenants/${world.tenant.id}/backup-schedules`;
});

const as = (role: Role, body?: unknown) => ({ token: tokens[role], ...(body === undefined ? {} : { body }) });
const newSchedule = (name: string) => makeSchedule(world.tenant.actors.manager, world.tenant.id, { name });
const end = (runId: number) => executeRun(world.tenant.id, runId, new AbortController().signal);

describe("a schedule", () => {
  test("whose zone is not known any more has no preview: the answer names the field", async () => {
    const { id } = await newSchedule("Of a lost zone");
    await world.admin.query("UPDATE backup_schedules SET timezone = 'Europe/Atlantis' WHERE id = $1", [id]);
    const refused = { status: 422, json: { code: "VALIDATION_FAILED", errors: [{ path: "timezone" }] } };
    expect(await api("GET", `${base}/${id}/preview`, as("readonly"))).toMatchObject(refused);
    await world.admin.query(
      "UPDATE backup_schedules SET is_enabled = false, next_run_at = NULL WHERE id = $1",
      [id],
    );
    expect(await api("GET", `${base}/${id}/preview`, as("readonly"))).toMatchObject(refused);
  });

  test("is created, read, changed and deleted", async () => {
    const weekly = {
      ...plainSchedule,
      name: "Weekly",
      frequency: "weekly",
      days_of_week: [1, 5],
      time_of_day: "23:30",
    };
    const created = await api("POST", base, as("manager", weekly));
    expect(created.status).toBe(201);
    expect(created.headers.get("location")).toBe(`/api${base}/${created.json.id}`);
    expect(created.headers.get("cache-control")).toBe("no-store");
    expect(created.json).toMatchObject({
      name: "Weekly",
      time_of_day: "23:30:00",
      days_of_week: [1, 5],
      is_enabled: true,
    });
    expect(new Date(created.json.next_run_at).getTime()).toBeGreaterThan(Date.now());

    const path = `${base}/${created.json.id}`;
    expect((await api("GET", path, as("readonly"))).json).toEqual(created.json);

    const changed = await api("PATCH", path, as("manager", { is_enabled: false, retention_keep_last: 7 }));
    expect(changed.json).toMatchObject({
      is_enabled: false,
      retention_keep_last: 7,
      next_run_at: null,
      name: "Weekly",
    });

    const late = await api("PATCH", path, as("manager", { name: "Too late", version: created.json.version }));
    expect(late).toMatchObject({
      status: 409,
      json: { code: "EDIT_CONFLICT", current_version: changed.json.version },
    });

    expect((await api("DELETE", path, as("manager"))).status).toBe(204);
    expect(await api("GET", path, as("readonly"))).toMatchObject({
      status: 404,
      json: { code: "NOT_FOUND" },
    });
  });

  test("names a faulty field of a change as the body has it", async () => {
    const schedule = await newSchedule("Faulty change");
    const answer = await api(
      "PATCH",
      `${base}/${schedule.id}`,
      as("manager", { time_of_day: "25:00", color: "red" }),
    );
    expect(answer.json.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      "color",
      "time_of_day",
    ]);
    expect(answer.json.detail).not.toContain("changes");
    const empty = await api("PATCH", `${base}/${schedule.id}`, as("manager", {}));
    expect(empty).toMatchObject({ status: 422, json: { detail: "The body names no field to change" } });
  });
});

describe("the list", () => {
  test("is an array, and its Link headers lead through all of it, each schedule once", async () => {
    const names = ["a", "b", "c", "d", "e"].map((letter) => `Page ${letter}`);
    for (const name of names) await newSchedule(name);
    const seen: number[] = [];
    let pages = 0;
    for (let next: string | null = `${base}?limit=2`; next; pages += 1) {
      const page = await api("GET", next, as("readonly"));
      expect(page.json.length).toBeLessThanOrEqual(2);
      seen.push(...page.json.map((schedule: { id: number }) => schedule.id));
      next = nextPage(page);
    }
    const whole = await api("GET", `${base}?limit=200`, as("readonly"));
    expect(whole.headers.get("link")).toBeNull();
    expect(seen).toEqual(whole.json.map((schedule: { id: number }) => schedule.id));
    expect(pages).toBe(Math.ceil(seen.length / 2));
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=two", "limit"],
    ["cursor=tomorrow", "cursor"],
    ["page=2", "page"],
    ["limit=1&limit=2", "limit"],
  ])("refuses ?%s", async (query, path) => {
    const answer = await api("GET", `${base}?${query}`, as("readonly"));
    expect(answer).toMatchObject({ status: 422, json: { code: "VALIDATION_FAILED", errors: [{ path }] } });
  });
});

describe("a run", () => {
  test("is started, refused while active, ended, listed, read and retried", async () => {
    const { id } = await newSchedule("Run me");
    const started = await api("POST", `${base}/${id}/run-now`, as("operator"));
    expect(started).toMatchObject({
      status: 202,
      json: { status: "running", started_at: null, trigger: "manual" },
    });
    const again = await api("POST", `${base}/${id}/run-now`, as("operator"));
    expect(again).toMatchObject({ status: 409, json: { code: "RUN_ACTIVE", run: { id: started.json.id } } });
    expect((await api("POST", `${base}/${id}/retry`, as("operator"))).json.code).toBe("RUN_ACTIVE");

    await end(started.json.id);
    const ended = await api("GET", `${base}/${id}/runs/${started.json.id}`, as("readonly"));
    expect(ended.json).toMatchObject({ status: "success", schedule_name: "Run me", retried_by_run_ids: [] });

    const retry = await api("POST", `${base}/${id}/retry`, as("operator"));
    expect(retry).toMatchObject({
      status: 202,
      json: { trigger: "retry", retry_of_run_id: started.json.id },
    });
    await end(retry.json.id);
    const named = await api("POST", `${base}/${id}/retry`, as("operator", { run_id: started.json.id }));
    expect(named.json.retry_of_run_id).toBe(started.json.id);
    await end(named.json.id);

    const ids = [named.json.id, retry.json.id, started.json.id];
    const listed = await api("GET", `${base}/${id}/runs`, as("readonly"));
    expect(listed.json.map((run: { id: number }) => run.id)).toEqual(ids);
    const first = await api("GET", `${base}/${id}/runs?limit=1&trigger=retry`, as("readonly"));
    expect(first.json.map((run: { id: number }) => run.id)).toEqual([named.json.id]);
    const second = await api("GET", nextPage(first) ?? "", as("readonly"));
    expect(second.json.map((run: { id: number }) => run.id)).toEqual([retry.json.id]);
    const everywhere = await api("GET", `/tenants/${world.tenant.id}/runs?status=success`, as("readonly"));
    expect(everywhere.json.map((run: { id: number }) => run.id)).toEqual(expect.arrayContaining(ids));
    expect(
      (await api("GET", `/tenants/${world.tenant.id}/runs/${retry.json.id}`, as("readonly"))).json.id,
    ).toBe(retry.json.id);
  });

  test("is canceled, under its own schedule only", async () => {
    const [mine, other] = [await newSchedule("Cancel me"), await newSchedule("Other")];
    const { json: run } = await api("POST", `${base}/${mine.id}/run-now`, as("operator"));
    expect((await api("POST", `${base}/${other.id}/runs/${run.id}/cancel`, as("operator"))).status).toBe(404);
    expect((await api("GET", `${base}/${other.id}/runs/${run.id}`, as("operator"))).status).toBe(404);
    const canceled = await api("POST", `${base}/${mine.id}/runs/${run.id}/cancel`, as("operator"));
    expect(canceled).toMatchObject({ status: 202, json: { status: "canceled", error_code: "CANCELED" } });
    const late = await api("POST", `/tenants/${world.tenant.id}/runs/${run.id}/cancel`, as("operator"));
    expect(late).toMatchObject({ status: 409, json: { code: "NOT_ACTIVE" } });
  });

  test("cannot be retried where none has ended, nor as someone else's", async () => {
    const [mine, other] = [await newSchedule("Never ran"), await newSchedule("Ran")];
    expect((await api("POST", `${base}/${mine.id}/retry`, as("operator"))).json.code).toBe(
      "NOTHING_TO_RETRY",
    );
    const { json: run } = await api("POST", `${base}/${other.id}/run-now`, as("operator"));
    const answer = await api("POST", `${base}/${mine.id}/retry`, as("operator", { run_id: run.id }));
    expect(answer).toMatchObject({ status: 404, json: { code: "NOT_FOUND" } });
    const sly = await api("POST", `${base}/${mine.id}/retry`, as("operator", { schedule_id: other.id }));
    expect(sly).toMatchObject({ status: 422, json: { errors: [{ path: "schedule_id" }] } });
  });
});

describe("bulk", () => {
  test("runs, retries, disables, enables and deletes, and says what became of each", async () => {
    const [a, b] = [await newSchedule("Bulk a"), await newSchedule("Bulk b")];
    const ids = [a.id, b.id, 999_999];
    const all = (action: string, role: Role) =>
      api("POST", `${base}/bulk/${action}`, as(role, { schedule_ids: ids }));

    const started = await all("run-now", "operator");
    expect(started).toMatchObject({ status: 202, json: { started: 2, already_running: 0, refused: 1 } });
    for (const { run_id } of started.json.results) if (run_id) await end(run_id);
    const retried = await all("retry", "operator");
    expect(retried.json).toMatchObject({ started: 2, refused: 1 });
    expect((await all("retry", "operator")).json).toMatchObject({ started: 0, already_running: 2 });

    expect((await all("disable", "manager")).json).toEqual({ changed: [a.id, b.id], unchanged: [] });
    expect((await all("disable", "manager")).json).toEqual({ changed: [], unchanged: [a.id, b.id] });
    expect((await all("enable", "manager")).json.changed).toEqual([a.id, b.id]);

    expect(await all("delete", "operator")).toMatchObject({ status: 403, json: { code: "FORBIDDEN" } });
    expect((await api("GET", `${base}/${a.id}`, as("readonly"))).status).toBe(200);
    expect((await all("delete", "manager")).json.deleted.sort()).toEqual([a.id, b.id].sort());
    expect((await api("GET", `${base}/${a.id}`, as("readonly"))).status).toBe(404);
  });

  test("refuses no ids, a foreign field and what is no object", async () => {
    for (const body of [{ schedule_ids: [] }, { schedule_ids: [1], is_enabled: false }, [], "all", 7]) {
      const answer = await api("POST", `${base}/bulk/enable`, as("manager", body));
      expect(answer, JSON.stringify(body)).toMatchObject({
        status: 422,
        json: { code: "VALIDATION_FAILED" },
      });
    }
  });
});
