import { beforeEach, describe, expect, test, vi } from "vitest";
import { executorActor } from "#lib/access/actor";
import { listAuditLog } from "#lib/audit/list";
import { saveConnection } from "#lib/connection/connection";
import { defaultRetryPolicy } from "#lib/graph/retry";
import { log } from "#lib/log";
import { processMetrics } from "#lib/metrics";
import { listNotifications } from "#lib/notifications/list";
import { getSchedule } from "#lib/schedules/get";
import { updateSchedule } from "#lib/schedules/update";
import { getItemContent, listBackupItems } from "#lib/sets/items";
import { getBackupSet, listBackupSets } from "#lib/sets/sets";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { beginAttempt } from "./begin-attempt.ts";
import { type ExecutionResult, executeRun } from "./execute.ts";
import { AttemptLost } from "./fence.ts";
import { finishRun } from "./finish.ts";
import { getRun } from "./get.ts";
import { AttemptProgress } from "./progress.ts";
import { retryRun } from "./retry.ts";
import { startRun } from "./start.ts";

const world = withWorld({ policies: 60 });

/** One attempt, with a Graph client that gives up after one quick retry. */
function execute(runId: number): Promise<ExecutionResult> {
  const retry = {
    ...defaultRetryPolicy,
    throttleRetries: 1,
    throttleBaseMs: 1,
    outageRetries: 1,
    outageBaseMs: 1,
  };
  return executeRun(world.tenant.id, runId, new AbortController().signal, { retry });
}

async function count(table: string): Promise<number> {
  const { rows } = await world.admin.query(
    `SELECT count(*)::int AS count FROM ${table} WHERE tenant_id = $1`,
    [world.tenant.id],
  );
  return rows[0].count;
}

/** Starts a run of a new schedule and executes one attempt of it. */
async function runOnce(
  changes: Parameters<typeof makeSchedule>[2] = {},
): Promise<{ result: ExecutionResult; run: Awaited<ReturnType<typeof getRun>>; scheduleId: number }> {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, changes);
  const started = await startRun(actors.operator, id, { schedule_id: schedule.id });
  const result = await execute(started.id);
  return { result, run: await getRun(actors.readonly, id, { run_id: started.id }), scheduleId: schedule.id };
}

beforeEach(() => {
  world.sandbox.reset();
  process.env.RUN_MAX_ATTEMPTS = "1";
});

test("a run's end is one line of the log, as serious as it is, and counted by its code", async () => {
  const lines = { info: vi.spyOn(log, "info"), error: vi.spyOn(log, "error") };
  const ends = (level: keyof typeof lines) =>
    lines[level].mock.calls.filter(([, words]) => words === "run ended").map(([fields]) => fields);
  // The process counts for the other files' runs too.
  const before = await processMetrics();
  const { run: good, scheduleId } = await runOnce();
  const { id } = world.tenant;
  world.sandbox.fault({ phase: ["token"], action: { kind: "status", status: 503 } });
  const { run: bad } = await runOnce();
  expect(bad.status).toBe("failed");
  expect(ends("info")).toEqual([
    {
      run_id: good.id,
      tenant_id: id,
      schedule_id: scheduleId,
      job_id: expect.any(String),
      backup_set_id: good.backup_set_id,
      trigger: "manual",
      status: "success",
      error_code: null,
      duration_ms: expect.any(Number),
      items: expect.any(Number),
      attempt: 1,
      attempts: 1,
    },
  ]);
  expect(ends("error")).toMatchObject([{ run_id: bad.id, status: "failed", error_code: bad.error_code }]);
  const text = await processMetrics();
  const value = (metrics: string, name: string) =>
    Number(
      metrics
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length) ?? 0,
    );
  const counted = (name: string) => value(text, name) - value(before, name);
  expect(counted('tenantpilot_runs_ended_total{status="success",error_code="none"}')).toBe(1);
  expect(counted(`tenantpilot_runs_ended_total{status="failed",error_code="${bad.error_code}"}`)).toBe(1);
  expect(counted('tenantpilot_run_duration_seconds_count{status="success"}')).toBe(1);
  expect(counted('tenantpilot_run_start_lag_seconds_count{trigger="manual"}')).toBe(2);
  expect(text).toMatch(/tenantpilot_database_connections\{state="idle"\} [1-9]/);
  expect(text).toMatch(/tenantpilot_database_connections_max [1-9]/);
  vi.restoreAllMocks();
});

describe("a run", () => {
  test("captures everything asked for, writes one set, and proves it", async () => {
    const { result, run, scheduleId } = await runOnce({ include_foundations: true });
    expect(result).toMatchObject({ kind: "ended", status: "success" });
    expect(run).toMatchObject({
      status: "success",
      error_code: null,
      trigger: "manual",
      attempt: 1,
      progress: null,
    });
    const { tenant } = world;
    const set = await getBackupSet(tenant.actors.readonly, tenant.id, { set_id: run.backup_set_id ?? 0 });
    const types = { ...run.summary.types, ...run.summary.foundations };
    const captured = Object.values(types).reduce((sum, type) => sum + type.captured, 0);
    expect(captured).toBeGreaterThan(5);
    expect(set.item_count).toBe(captured);
    for (const type of Object.values(types))
      expect(type.captured + type.gone + type.failed).toBe(type.expected);
    expect(run.summary.changes).toEqual({ added: captured, changed: 0, removed: 0, unchanged: 0 });
    const items = await listBackupItems(tenant.actors.readonly, tenant.id, { set_id: set.id, limit: 200 });
    expect(items.items).toHaveLength(captured);
    for (const item of items.items.slice(0, 5)) {
      const content = await getItemContent(tenant.actors.readonly, tenant.id, {
        set_id: set.id,
        item_id: item.id,
      });
      expect(JSON.parse(content.json).id).toBe(item.graph_id);
    }
    const schedule = await getSchedule(tenant.actors.readonly, tenant.id, { schedule_id: scheduleId });
    expect(schedule).toMatchObject({ last_run_status: "success", last_run_at: run.started_at });
    const audit = await listAuditLog(tenant.actors.readonly, tenant.id, { limit: 200 });
    expect(audit.items.map((entry) => entry.action)).toEqual(
      expect.arrayContaining(["schedule.created", "run.requested", "run.succeeded"]),
    );
  });

  test("adds no snapshot when nothing has changed, and says so", async () => {
    const { scheduleId } = await runOnce();
    const snapshots = await count("snapshots");
    const { id, actors } = world.tenant;
    const second = await startRun(actors.operator, id, { schedule_id: scheduleId });
    await execute(second.id);
    expect(await count("snapshots")).toBe(snapshots);
    const { summary } = await getRun(actors.readonly, id, { run_id: second.id });
    expect(summary.changes).toMatchObject({ added: 0, changed: 0, removed: 0 });
    expect(summary.changes?.unchanged).toBeGreaterThan(0);
    expect(summary.bytes).toMatchObject({ added: 0 });
  });

  test("without permission for one type is partial, names the permission, and tells who is responsible", async () => {
    world.sandbox
      .tenant(world.tenant.sandbox.entraTenantId)
      .setPermissions(["DeviceManagementConfiguration.Read.All"]);
    const { run } = await runOnce({ policy_types: ["conditionalAccessPolicy", "deviceCompliancePolicy"] });
    expect(run).toMatchObject({ status: "partial", error_code: "PERMISSION_MISSING" });
    expect(run.summary.types?.conditionalAccessPolicy?.error_message).toContain("Policy.Read.All");
    expect(run.summary.types?.deviceCompliancePolicy).toMatchObject({ error_code: null, failed: 0 });
    expect(run.backup_set_id).not.toBeNull();
    const { tenant } = world;
    for (const role of ["manager", "owner"] as const) {
      const { items } = await listNotifications(tenant.actors[role], tenant.id, {});
      expect(items[0]).toMatchObject({ kind: "run.partial", link: `/tenants/${tenant.id}/runs/${run.id}` });
    }
    const { items } = await listNotifications(tenant.actors.readonly, tenant.id, {});
    expect(items).toEqual([]);
  });

  test("with a bad secret fails with AUTH_CONFIG at the first attempt, without a set", async () => {
    process.env.RUN_MAX_ATTEMPTS = "3";
    const { id, actors, sandbox } = world.tenant;
    const connection = {
      cloud: "sandbox" as const,
      entra_tenant_id: sandbox.entraTenantId,
      client_id: sandbox.clientId,
      credential_kind: "secret" as const,
    };
    await saveConnection(actors.owner, id, { ...connection, credential: "not the secret" });
    try {
      const { result, run } = await runOnce();
      expect(result).toMatchObject({ kind: "ended", status: "failed" });
      expect(run).toMatchObject({
        status: "failed",
        error_code: "AUTH_CONFIG",
        backup_set_id: null,
        attempt: 1,
      });
      expect(JSON.stringify(run)).not.toContain("not the secret");
    } finally {
      await saveConnection(actors.owner, id, { ...connection, credential: sandbox.clientSecret });
    }
  });

  test("that is throttled is tried again later, and keeps what it has", async () => {
    process.env.RUN_MAX_ATTEMPTS = "2";
    world.sandbox.fault({
      path: "deviceManagement/deviceCompliancePolicies",
      action: { kind: "status", status: 429, retryAfter: 0 },
    });
    const { result, run } = await runOnce();
    expect(result.kind).toBe("try_again");
    expect(run).toMatchObject({ status: "running", attempt: 1, backup_set_id: null });
    world.sandbox.reset();
    const { id, actors } = world.tenant;
    const again = await execute(run.id);
    expect(again).toMatchObject({ kind: "ended", status: "success" });
    const ended = await getRun(actors.readonly, id, { run_id: run.id });
    expect(ended).toMatchObject({ status: "success", attempt: 2, summary: { attempts: 2 } });
    expect(ended.attempts).toMatchObject([
      { number: 1, reason: result.kind === "try_again" ? result.reason : "", counted: true },
      { number: 2, ended_at: null, reason: null, counted: true },
    ]);
    expect(ended.attempts[0]?.ended_at).toMatch(/^2.*Z$/);
  });

  test("that is throttled to the end is partial with GRAPH_THROTTLE", async () => {
    world.sandbox.fault({
      path: "deviceManagement/deviceCompliancePolicies",
      action: { kind: "status", status: 429, retryAfter: 0 },
    });
    const { run } = await runOnce();
    expect(run).toMatchObject({ status: "partial", error_code: "GRAPH_THROTTLE" });
  });

  test("of unknown policy types only is skipped; of some, partial", async () => {
    const { id, actors } = world.tenant;
    const outcomes = [];
    for (const types of [["madeUpPolicy"], ["madeUpPolicy", "deviceCompliancePolicy"]]) {
      const schedule = await makeSchedule(actors.manager, id);
      // No operation lets an unknown type in; an older version's schedule may still name one.
      await world.admin.query("UPDATE backup_schedules SET policy_types = $1 WHERE id = $2", [
        types,
        schedule.id,
      ]);
      const started = await startRun(actors.operator, id, { schedule_id: schedule.id });
      await execute(started.id);
      const { status, error_code } = await getRun(actors.readonly, id, { run_id: started.id });
      outcomes.push([status, error_code]);
    }
    expect(outcomes).toEqual([
      ["skipped", "UNKNOWN_POLICY_TYPE"],
      ["partial", "UNKNOWN_POLICY_TYPE"],
    ]);
  });

  test("shows its progress per type while it runs, and none afterwards", async () => {
    world.sandbox.configure({ latencyMs: 400 });
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    const started = await startRun(actors.operator, id, { schedule_id: schedule.id });
    const look = () => getRun(actors.readonly, id, { run_id: started.id });
    const execution = execute(started.id);
    const known = async () =>
      Object.values((await look()).progress?.types ?? {}).some((type) => type.expected > 0);
    await expect.poll(known, { timeout: 10_000 }).toBe(true);
    expect(await look()).toMatchObject({ status: "running" });
    world.sandbox.configure({ latencyMs: 0 });
    await execution;
    expect(await look()).toMatchObject({ status: "success", progress: null });
  });

  test("tells again what a report could not tell", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    const { id: run_id } = await startRun(actors.operator, id, { schedule_id: schedule.id });
    const attempt = await beginAttempt(executorActor, id, { run_id });
    if (!attempt) throw new Error("the run was not begun");
    await world.admin.query(`
      CREATE FUNCTION refuse_progress() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
      CREATE TRIGGER refuse_progress BEFORE UPDATE OF progress ON backup_schedule_runs
        FOR EACH ROW EXECUTE FUNCTION refuse_progress()`);
    const warned = vi.spyOn(log, "warn").mockImplementation(() => {});
    const progress = new AttemptProgress(attempt, { stop() {}, share() {} });
    try {
      progress.update({
        policy_type: "settingsCatalogPolicy",
        kind: "policy",
        listed: true,
        expected: 9,
        captured: 4,
        gone: 0,
        failed: 0,
        skipped: false,
        error_code: null,
        error_message: null,
        request_id: null,
        missing: [],
      });
      await expect.poll(() => warned.mock.calls.length, { timeout: 10_000 }).toBeGreaterThan(0);
      await world.admin.query("DROP FUNCTION refuse_progress() CASCADE");
      const shown = async () => (await getRun(actors.readonly, id, { run_id })).progress?.types;
      await expect.poll(shown, { timeout: 10_000 }).toMatchObject({
        settingsCatalogPolicy: { expected: 9, captured: 4 },
      });
    } finally {
      await progress.stop();
      warned.mockRestore();
      await world.admin.query("DROP FUNCTION IF EXISTS refuse_progress() CASCADE");
    }
  });

  test("that takes longer than its limit fails with TIMEOUT", async () => {
    world.sandbox.configure({ latencyMs: 600 });
    process.env.RUN_TIMEOUT_MINUTES = String(0.3 / 60);
    try {
      const { run } = await runOnce();
      expect(run).toMatchObject({ status: "failed", error_code: "TIMEOUT", backup_set_id: null });
    } finally {
      delete process.env.RUN_TIMEOUT_MINUTES;
      world.sandbox.configure({ latencyMs: 0 });
    }
  });

  test("whose worker was overtaken cannot commit: one set, by the newer attempt", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    process.env.RUN_MAX_ATTEMPTS = "2";
    const started = await startRun(actors.operator, id, { schedule_id: schedule.id });
    const old = await beginAttempt(executorActor, id, { run_id: started.id });
    expect(old?.attempt).toBe(1);
    const newer = await execute(started.id);
    expect(newer).toMatchObject({ kind: "ended", status: "success" });
    const late = finishRun(executorActor, id, {
      run_id: started.id,
      attempt: 1,
      end: { status: "success", error_code: null, error_message: null, types: {} },
    });
    await expect(late).rejects.toBeInstanceOf(AttemptLost);
    const sets = await listBackupSets(actors.readonly, id, { schedule_id: schedule.id });
    expect(sets.items).toHaveLength(1);
  });

  test("that failed can be retried: a new run that points back, the old one untouched", async () => {
    world.sandbox.fault({ phase: ["token"], action: { kind: "status", status: 503 } });
    const { run: failed, scheduleId } = await runOnce();
    expect(failed).toMatchObject({ status: "failed", error_code: "GRAPH_UNAVAILABLE" });
    world.sandbox.reset();
    const { id, actors } = world.tenant;
    const retry = await retryRun(actors.operator, id, { schedule_id: scheduleId });
    expect(retry).toMatchObject({
      trigger: "retry",
      retry_of_run_id: failed.id,
      status: "running",
      started_at: null,
    });
    await execute(retry.id);
    expect(await getRun(actors.readonly, id, { run_id: failed.id })).toEqual({
      ...failed,
      retried_by_run_ids: [retry.id],
    });
    expect(await getRun(actors.readonly, id, { run_id: retry.id })).toMatchObject({ status: "success" });
    const { items } = await listNotifications(actors.owner, id, {});
    expect(items[0]).toMatchObject({ kind: "run.recovered" });
  });

  test("that succeeds after failures tells that its schedule is well again, also with a partial one between", async () => {
    const { id, actors, sandbox } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id, {
      policy_types: ["conditionalAccessPolicy", "deviceCompliancePolicy"],
    });
    const next = async () => {
      const started = await startRun(actors.operator, id, { schedule_id: schedule.id });
      await execute(started.id);
      return (await getRun(actors.readonly, id, { run_id: started.id })).status;
    };
    const recovered = async () =>
      (await listNotifications(actors.owner, id, {})).items
        .filter((item) => item.kind === "run.recovered" && item.data.schedule_id === schedule.id)
        .map((item) => item.body);
    world.sandbox.fault({ phase: ["token"], action: { kind: "status", status: 503 } });
    expect([await next(), await next()]).toEqual(["failed", "failed"]);
    world.sandbox.reset();
    world.sandbox.tenant(sandbox.entraTenantId).setPermissions(["DeviceManagementConfiguration.Read.All"]);
    expect(await next()).toBe("partial");
    expect(await recovered()).toEqual([]);
    world.sandbox.reset();
    expect([await next(), await next()]).toEqual(["success", "success"]);
    expect(await recovered()).toEqual(['"Nightly" succeeded again after 2 failed runs.']);
  });

  test("fails again and again until its schedule is paused", async () => {
    world.sandbox.fault({ phase: ["token"], action: { kind: "status", status: 503 } });
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id, { pause_after_failures: 2 });
    for (let i = 0; i < 2; i += 1) {
      const started = await startRun(actors.operator, id, { schedule_id: schedule.id });
      await execute(started.id);
    }
    const paused = await getSchedule(actors.readonly, id, { schedule_id: schedule.id });
    expect(paused).toMatchObject({ is_enabled: false, next_run_at: null, failure_streak: 2 });
    expect(paused.paused_reason).toContain("2 failed runs in a row");
    const { items } = await listNotifications(actors.manager, id, {});
    expect(items.map((item) => item.kind)).toContain("schedule.paused");
    const enabled = await updateSchedule(actors.manager, id, {
      schedule_id: schedule.id,
      changes: { is_enabled: true },
    });
    expect(enabled).toMatchObject({ paused_reason: null, failure_streak: 0 });
    expect(enabled.next_run_at).not.toBeNull();
  });
});
