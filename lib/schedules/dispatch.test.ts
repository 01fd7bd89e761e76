import pg from "pg";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { dispatcherActor } from "#lib/access/actor";
import { listAuditLog } from "#lib/audit/list";
import { listRuns } from "#lib/runs/list";
import { startRun } from "#lib/runs/start";
import { sweepLostRuns } from "#lib/runs/sweep";
import { lookedAfter } from "#lib/testing/looked-after";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { dispatchBatch } from "./dispatch.ts";
import { getSchedule } from "./get.ts";
import { previewDispatch } from "./preview-dispatch.ts";
import { tick } from "./tick.ts";

const world = withWorld({ policies: 10 });

/** Makes schedules due, `ago` seconds ago by the database's clock. */
async function makeDue(ids: number[], ago = 1): Promise<void> {
  await world.admin.query(
    "UPDATE backup_schedules SET next_run_at = date_trunc('milliseconds', now() - make_interval(secs => $2)) WHERE id = ANY($1)",
    [ids, ago],
  );
}

beforeEach(async () => {
  await world.admin.query("UPDATE backup_schedules SET next_run_at = NULL, is_enabled = false");
  await world.admin.query(
    "UPDATE backup_schedule_runs SET status = 'canceled', finished_at = now() WHERE status = 'running'",
  );
});

async function newSchedules(
  count: number,
  changes: Parameters<typeof makeSchedule>[2] = {},
): Promise<number[]> {
  const { id, actors } = world.tenant;
  const ids: number[] = [];
  // A few at once: on a busy machine the last of many would wait for a connection longer than anybody may.
  while (ids.length < count) {
    const made = await Promise.all(
      Array.from({ length: Math.min(8, count - ids.length) }, () =>
        makeSchedule(actors.manager, id, changes),
      ),
    );
    ids.push(...made.map((schedule) => schedule.id));
  }
  return ids;
}

describe("a tick", () => {
  test("makes one run and one job for each due schedule, advances it, and audits it", async () => {
    const ids = await newSchedules(3);
    await makeDue(ids);
    expect(await tick()).toMatchObject({ claimed: 3, started: 3, skipped: 0 });
    const { rows } = await world.admin.query(
      `SELECT r.backup_schedule_id, r.status::text, r.trigger::text, j.state::text AS job, j.group_id
       FROM backup_schedule_runs r JOIN pgboss.job j ON j.id = r.job_id WHERE r.backup_schedule_id = ANY($1)`,
      [ids],
    );
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      expect(row).toMatchObject({
        status: "running",
        trigger: "schedule",
        job: "created",
        group_id: `tenant-${world.tenant.id}`,
      });
    }
    const schedule = await getSchedule(world.tenant.actors.readonly, world.tenant.id, {
      schedule_id: ids[0] ?? 0,
    });
    expect(new Date(schedule.next_run_at ?? 0).getTime()).toBeGreaterThan(Date.now());
    const audit = await listAuditLog(world.tenant.actors.readonly, world.tenant.id, {
      action: "run.dispatched",
    });
    expect(audit.items).toHaveLength(3);
    expect(await tick()).toMatchObject({ claimed: 0 });
  });

  test("that finds an occurrence dispatched before does nothing but advance", async () => {
    const [id = 0] = await newSchedules(1);
    await makeDue([id]);
    const due = (await world.admin.query("SELECT next_run_at FROM backup_schedules WHERE id = $1", [id]))
      .rows[0].next_run_at;
    await tick();
    await world.admin.query(
      "UPDATE backup_schedule_runs SET status = 'canceled', finished_at = now() WHERE backup_schedule_id = $1",
      [id],
    );
    // A restored backup of the database, or a hand, may set the due time back.
    await world.admin.query("UPDATE backup_schedules SET next_run_at = $2 WHERE id = $1", [id, due]);
    expect(await tick()).toMatchObject({ claimed: 1, started: 0, skipped: 0 });
    const runs = await listRuns(world.tenant.actors.readonly, world.tenant.id, { schedule_id: id });
    expect(runs.items).toHaveLength(1);
  });

  test("skips, visibly, while a run is active", async () => {
    const [id = 0] = await newSchedules(1);
    await startRun(world.tenant.actors.operator, world.tenant.id, { schedule_id: id });
    await makeDue([id]);
    expect(await tick()).toMatchObject({ claimed: 1, started: 0, skipped: 1 });
    const { items } = await listRuns(world.tenant.actors.readonly, world.tenant.id, { schedule_id: id });
    expect(items[0]).toMatchObject({ status: "skipped", error_code: "CONCURRENT_RUN", started_at: null });
    expect(items[0]?.summary.reason).toContain("still active");
  });

  test("leaves disabled and deleted schedules alone", async () => {
    const ids = await newSchedules(2);
    await expect(
      world.admin.query(
        "UPDATE backup_schedules SET is_enabled = false, next_run_at = date_trunc('milliseconds', now()) WHERE id = ANY($1)",
        [ids],
      ),
    ).rejects.toMatchObject({ constraint: "due_only_when_live" });
  });

  test("pauses a schedule whose zone this runtime does not know, and goes on with the others", async () => {
    const [bad = 0, good = 0] = await newSchedules(2);
    await world.admin.query("UPDATE backup_schedules SET timezone = 'Europe/Atlantis' WHERE id = $1", [bad]);
    await makeDue([bad, good]);
    expect(await tick()).toMatchObject({ claimed: 2, started: 1 });
    const { rows } = await world.admin.query(
      "SELECT is_enabled, next_run_at, paused_reason FROM backup_schedules WHERE id = $1",
      [bad],
    );
    expect(rows[0]).toMatchObject({
      is_enabled: false,
      next_run_at: null,
      paused_reason: expect.stringContaining("timezone"),
    });
  });

  test("by many dispatchers at once still makes one run and one job an occurrence", async () => {
    const ids = await newSchedules(120);
    await makeDue(ids);
    const results = await Promise.all(Array.from({ length: 6 }, () => tick({ batch: 7 })));
    expect(results.reduce((sum, result) => sum + result.started, 0)).toBe(120);
    const { rows } = await world.admin.query(
      `SELECT count(*)::int AS runs, count(DISTINCT backup_schedule_id)::int AS schedules,
              (SELECT count(*)::int FROM pgboss.job j WHERE j.name = 'execute-run'
               AND j.id IN (SELECT job_id FROM backup_schedule_runs WHERE backup_schedule_id = ANY($1))) AS jobs
       FROM backup_schedule_runs WHERE backup_schedule_id = ANY($1)`,
      [ids],
    );
    expect(rows[0]).toEqual({ runs: 120, schedules: 120, jobs: 120 });
  });

  test("gives a tenant's runs later turns the more runs it has, so that one with few does not wait", async () => {
    const { foreign } = world;
    const first = await newSchedules(3);
    await makeDue(first);
    await tick();
    const second = await newSchedules(2);
    const other = await makeSchedule(foreign.actors.manager, foreign.id);
    await makeDue([...second, other.id]);
    await tick({ batch: 2 });
    const { rows } = await world.admin.query(
      `SELECT r.tenant_id = $1 AS other, j.priority FROM backup_schedule_runs r JOIN pgboss.job j ON j.id = r.job_id
       WHERE r.status = 'running' ORDER BY other, j.priority DESC`,
      [foreign.id],
    );
    expect(rows.filter((row) => !row.other).map((row) => row.priority)).toEqual([0, -1, -2, -3, -4]);
    expect(rows.filter((row) => row.other).map((row) => row.priority)).toEqual([0]);
  });

  test("takes a number of statements that does not grow with the schedules", async () => {
    const statementsOf = async (count: number) => {
      const ids = await newSchedules(count);
      await makeDue(ids);
      const query = vi.spyOn(pg.Client.prototype, "query");
      await dispatchBatch(dispatcherActor, { batch: 1000 });
      const statements = query.mock.calls.length;
      query.mockRestore();
      return statements;
    };
    const few = await statementsOf(2);
    const many = await statementsOf(60);
    expect(few).toBeGreaterThan(5);
    expect(many).toBe(few);
  });

  test("can be previewed without doing anything, and played at another instant", async () => {
    const [id = 0] = await newSchedules(1);
    const at = "2031-05-01T12:00:00.000Z";
    const [run] = await previewDispatch(dispatcherActor, { at });
    expect(run).toMatchObject({ backup_schedule_id: id, status: "running" });
    expect(
      (await listRuns(world.tenant.actors.readonly, world.tenant.id, { schedule_id: id })).items,
    ).toEqual([]);
    await dispatchBatch(dispatcherActor, { at });
    const { items } = await listRuns(world.tenant.actors.readonly, world.tenant.id, { schedule_id: id });
    expect(items[0]?.scheduled_for).toBe("2031-05-01T00:00:00.000Z");
  });
});

test("a run whose job was lost ends as WORKER_LOST, and who is responsible is told", async () => {
  const [id = 0] = await newSchedules(1);
  const run = await startRun(world.tenant.actors.operator, world.tenant.id, { schedule_id: id });
  expect(await lookedAfter("runs", sweepLostRuns)).toBe(0);
  await world.admin.query(
    "DELETE FROM pgboss.job WHERE id = (SELECT job_id FROM backup_schedule_runs WHERE id = $1)",
    [run.id],
  );
  expect(await lookedAfter("runs", sweepLostRuns)).toBe(1);
  const { items } = await listRuns(world.tenant.actors.readonly, world.tenant.id, { schedule_id: id });
  expect(items[0]).toMatchObject({ id: run.id, status: "failed", error_code: "WORKER_LOST" });
});
