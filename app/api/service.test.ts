import { afterEach, describe, expect, test, vi } from "vitest";
import type { Role } from "#lib/access/permissions";
import { serviceMetrics } from "#lib/health/service-metrics";
import { clientAddressHeader } from "#lib/http/client-address";
import { startRun } from "#lib/runs/start";
import * as stopping from "#lib/stopping";
import { testDatabase } from "#lib/testing/database";
import { makeSchedule } from "#lib/testing/schedules";
import { switchDatabase } from "#lib/testing/switch-database";
import { withWorld } from "#lib/testing/world";
import { api, send, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 1 });

/** What a worker writes of itself, as pg-boss does. */
async function showWorker(secondsAgo: number, stopped = false): Promise<void> {
  await world.admin.query("DELETE FROM pgboss.instance");
  await world.admin.query(
    `INSERT INTO pgboss.instance (id, name, host, pid, version, node_version, heartbeat_seconds, supervise, schedule,
                                  migrate, persist_queue_stats, persist_warnings, heartbeat_on, stopped_on)
     VALUES (gen_random_uuid(), 'worker-host-1', 'host', 1, '1', '24', 5, true, true, false, false, false,
             now() - make_interval(secs => $1), CASE WHEN $2 THEN now() END)`,
    [secondsAgo, stopped],
  );
}

afterEach(async () => {
  delete process.env.METRICS_TOKEN;
  if (process.env.DATABASE_URL !== world.database.url) await switchDatabase(world.database.url);
});

describe("health", () => {
  test("asks nobody and needs no database", async () => {
    await switchDatabase("postgresql://nobody@127.0.0.1:1/nothing");
    expect((await api("GET", "/health")).json).toEqual({ status: "ok" });
  });
});

describe("ready", () => {
  test("is ready with database, migrations and a worker that was seen a moment ago", async () => {
    await showWorker(3);
    const answer = await api("GET", "/ready");
    expect(answer).toMatchObject({ status: 200, json: { ready: true } });
  });

  test.each([
    ["dead", 31, false],
    ["stopped", 1, true],
  ])("tells of a %s worker, and serves without one", async (_what, seconds, stopped) => {
    await showWorker(seconds, stopped);
    const answer = await api("GET", "/ready");
    expect(answer).toMatchObject({ status: 200, json: { ready: true, checks: { worker: { ok: false } } } });
  });

  test("is not ready once it has been asked to stop", async () => {
    const process = vi.spyOn(stopping, "isStopping").mockReturnValue(true);
    const answer = await api("GET", "/ready");
    process.mockRestore();
    expect(answer).toMatchObject({
      status: 503,
      json: {
        code: "UNAVAILABLE",
        detail: "process: is stopping",
        ready: false,
        checks: { process: { ok: false }, database: { ok: true }, worker: { ok: false } },
      },
    });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("names the migrations that are missing", async () => {
    const empty = await testDatabase({ empty: true });
    await switchDatabase(empty.url);
    const { json } = await api("GET", "/ready");
    expect(json.checks).toMatchObject({
      database: { ok: true },
      migrations: { ok: false },
      worker: { ok: false },
    });
    expect(json.checks.migrations.message).toContain("_tables");
    await switchDatabase(world.database.url);
    await empty.drop();
  });

  test("says so when the database is gone, as does every other endpoint", async () => {
    const { owner } = await tokensOf(world.tenant);
    await switchDatabase("postgresql://nobody@127.0.0.1:1/nothing");
    expect((await api("GET", "/ready")).json.checks.database).toEqual({
      ok: false,
      message: "does not answer",
    });
    const list = await api("GET", `/tenants/${world.tenant.id}/backup-schedules`, { token: owner });
    expect(list).toMatchObject({ status: 503, json: { code: "UNAVAILABLE" } });
    expect(list.headers.get("retry-after")).toBe("15");
  });
});

describe("metrics", () => {
  const here = { [clientAddressHeader]: "127.0.0.1" };
  const sample = async (line: RegExp) => {
    const { response } = await send("GET", "/metrics", { headers: here });
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    return Number(line.exec(await response.text())?.[1]);
  };

  test("count requests by route and status, not by address", async () => {
    const { readonly } = (await tokensOf(world.tenant)) as Record<Role, string>;
    for (const id of [1_000_001, 1_000_002]) {
      await api("GET", `/tenants/${world.tenant.id}/backup-schedules/${id}`, { token: readonly });
    }
    const line =
      /http_requests_total\{method="GET",route="\/tenants\/\{tenantId\}\/backup-schedules\/\{scheduleId\}",status="404"\} (\d+)/;
    expect(await sample(line)).toBe(2);
    expect(await sample(/process_cpu_seconds_total ([\d.]+)/)).toBeGreaterThan(0);
  });

  test("tell what waits, what is late, and how runs ended, over all tenants", async () => {
    const later = Date.now();
    for (const { id, actors } of [world.tenant, world.foreign]) {
      const schedule = await makeSchedule(actors.manager, id);
      await startRun(actors.operator, id, { schedule_id: schedule.id });
      await world.admin.query(
        "UPDATE backup_schedules SET next_run_at = now() - interval '90 seconds' WHERE id = $1",
        [schedule.id],
      );
    }
    const text = await serviceMetrics(later + 60_000);
    const value = (name: string) => Number(new RegExp(`^${name} ([\\d.]+)$`, "m").exec(text)?.[1]);
    expect(value("tenantpilot_runs_waiting")).toBe(2);
    expect(value("tenantpilot_runs_active")).toBe(0);
    expect(value("tenantpilot_schedules_due")).toBe(2);
    expect(value("tenantpilot_schedules_late_seconds")).toBeGreaterThanOrEqual(90);
    expect(value('tenantpilot_queue_jobs\\{queue="execute-run",state="created"\\}')).toBe(2);
    expect(value('tenantpilot_queue_oldest_job_seconds\\{queue="execute-run"\\}')).toBeGreaterThan(0);
    expect(value("tenantpilot_workers_alive")).toBe(0);
    expect(value("tenantpilot_schedules_overdue")).toBe(0);
    expect(value('tenantpilot_table_bytes\\{table="snapshots"\\}')).toBeGreaterThan(0);
    expect(value('tenantpilot_table_bytes\\{table="pgboss"\\}')).toBeGreaterThan(0);
    expect(value('tenantpilot_runs_ended_24h\\{status="success"\\}')).toBe(0);

    await world.admin.query("UPDATE backup_schedule_runs SET status = 'failed', finished_at = now()");
    expect(await serviceMetrics(later + 62_000)).toBe(text);
    expect(await serviceMetrics(later + 66_000)).toContain('tenantpilot_runs_ended_24h{status="failed"} 2');
  });

  test("name the tenants whose backups are oldest, no more of them than is allowed, and all in sums", async () => {
    const { rows } = await world.admin.query(
      `UPDATE backup_schedules SET next_run_at = now() + interval '1 hour', created_at = now() - interval '90 days',
         last_run_status = CASE tenant_id WHEN $1 THEN 'success'::run_status ELSE 'failed' END, last_run_at = now() - interval '3 hours'
       RETURNING tenant_id`,
      [world.tenant.id],
    );
    expect(rows).toHaveLength(2);
    await showWorker(3);
    const ages = async (later: number) => {
      const text = await serviceMetrics(Date.now() + later);
      return {
        of: [
          ...text.matchAll(/^tenantpilot_tenant_last_success_age_seconds\{tenant_id="(\d+)"\} (\d+)/gm),
        ].map(([, tenant, seconds]) => [Number(tenant), Math.round(Number(seconds) / 3_600)]),
        sums: [
          /^tenantpilot_schedules_overdue (\d+)$/m,
          /^tenantpilot_workers_alive (\d+)$/m,
          /^tenantpilot_oldest_success_age_seconds (\d+)/m,
        ].map((line) => Number(line.exec(text)?.[1])),
      };
    };
    const never = [world.foreign.id, 90 * 24];
    const all = await ages(120_000);
    expect(all.of).toEqual([never, [world.tenant.id, 3]]);
    expect(all.sums.slice(0, 2)).toEqual([1, 1]);
    // One that failed last, and succeeded five hours ago.
    await world.admin.query(
      `INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, started_at, finished_at)
       SELECT tenant_id, id, now(), 'manual', 'success', now() - interval '5 hours', now() FROM backup_schedules
       WHERE tenant_id = $1`,
      [world.foreign.id],
    );
    expect((await ages(180_000)).of[0]).toEqual([world.foreign.id, 5]);
    vi.stubEnv("METRICS_TENANT_LIMIT", "1");
    expect((await ages(240_000)).of).toHaveLength(1);
    vi.unstubAllEnvs();
  });

  test("want the token where one is set", async () => {
    process.env.METRICS_TOKEN = "scrape me";
    expect((await api("GET", "/metrics")).status).toBe(401);
    expect((await api("GET", "/metrics", { token: "scrape-me-not" })).status).toBe(401);
    process.env.METRICS_TOKEN = "scrape-me";
    const { response } = await send("GET", "/metrics", { token: "scrape-me" });
    expect(response.status).toBe(200);
  });

  test.each([
    ["127.0.0.1", "127.0.0.1", 200],
    ["::1", "::1", 200],
    ["127.0.0.1", "192.0.2.1", 401],
    ["127.0.0.1", "", 401],
    ["0.0.0.0", "127.0.0.1", 401],
    ["", "127.0.0.1", 401],
  ])("without a token, of a server on %j, for a client at %j: %i", async (host, client, status) => {
    vi.stubEnv("HOST", host);
    const { response } = await send("GET", "/metrics", { headers: { [clientAddressHeader]: client } });
    vi.unstubAllEnvs();
    expect(response.status).toBe(status);
  });
});

test("what nobody foresaw is a 500 that tells its number and nothing else", async () => {
  const { owner } = await tokensOf(world.tenant);
  await world.admin.query("ALTER TABLE backup_schedules RENAME COLUMN name TO title");
  const answer = await api("GET", `/tenants/${world.tenant.id}/backup-schedules`, { token: owner });
  await world.admin.query("ALTER TABLE backup_schedules RENAME COLUMN title TO name");
  expect(answer).toMatchObject({ status: 500, json: { code: "INTERNAL" } });
  expect(answer.text).not.toMatch(/backup_schedules|prisma|column|select/i);
});
