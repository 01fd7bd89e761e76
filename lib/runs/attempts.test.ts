import { beforeEach, describe, expect, test } from "vitest";
import { executorActor } from "#lib/access/actor";
import { defaultRetryPolicy } from "#lib/graph/retry";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { beginAttempt } from "./begin-attempt.ts";
import { type ExecutionResult, executeRun } from "./execute.ts";
import { getRun } from "./get.ts";
import { startRun } from "./start.ts";

/** Which attempts count, and what a run comes to when none are left. */

const world = withWorld({ policies: 60 });

const neverStops = new AbortController().signal;

async function newRun(): Promise<number> {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  return (await startRun(actors.operator, id, { schedule_id: schedule.id })).id;
}

const look = (runId: number) => getRun(world.tenant.actors.readonly, world.tenant.id, { run_id: runId });
const execute = (runId: number, shutdown = neverStops) => executeRun(world.tenant.id, runId, shutdown);
/** With a Graph client that gives up after one quick retry. */
const executeImpatiently = (runId: number) =>
  executeRun(world.tenant.id, runId, neverStops, {
    retry: { ...defaultRetryPolicy, throttleRetries: 1, throttleBaseMs: 1 },
  });

/** The jobs that the run has had, newest last. */
async function jobs(runId: number): Promise<{ id: string; state: string; due: boolean; current: boolean }[]> {
  const { rows } = await world.admin.query(
    `SELECT j.id::text, j.state::text, j.start_after <= now() AS due, j.id = r.job_id AS current
     FROM pgboss.job j JOIN backup_schedule_runs r ON (j.data ->> 'run_id')::int = r.id
     WHERE r.id = $1 AND j.name = 'execute-run' ORDER BY j.created_on`,
    [runId],
  );
  return rows;
}

/** What the database answers to each row of a table until the returned function is called. */
async function refuse(table: string, sqlState: string, message: string): Promise<() => Promise<unknown>> {
  await world.admin.query(`
    CREATE OR REPLACE FUNCTION refuse_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '${message}' USING ERRCODE = '${sqlState}'; END $$;
    CREATE TRIGGER refuse_for_test BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_for_test()`);
  return () => world.admin.query(`DROP TRIGGER refuse_for_test ON ${table}`);
}

beforeEach(() => {
  process.env.RUN_MAX_ATTEMPTS = "1";
  world.sandbox.reset();
  world.sandbox.configure({ latencyMs: 0 });
});

describe("an attempt does not count", () => {
  test("when the worker is stopped, however often: the run goes on at once under a new job", async () => {
    const runId = await newRun();
    for (let deploy = 1; deploy <= 4; deploy += 1) {
      const shutdown = new AbortController();
      world.sandbox.configure({ latencyMs: 2_000 });
      const execution = execute(runId, shutdown.signal);
      await expect.poll(async () => (await look(runId)).attempt, { timeout: 10_000 }).toBe(deploy);
      shutdown.abort("The worker was stopped");
      expect(await execution).toEqual({ kind: "handed_back", reason: "The worker was stopped" });
      const all = await jobs(runId);
      expect(all).toHaveLength(deploy + 1);
      expect(all.filter((job) => job.state !== "cancelled")).toMatchObject([
        { state: "created", due: true, current: true },
      ]);
    }
    world.sandbox.configure({ latencyMs: 0 });
    expect(await execute(runId)).toMatchObject({ kind: "ended", status: "success" });
    const run = await look(runId);
    expect(run).toMatchObject({ status: "success", attempt: 5, summary: { attempts: 1 } });
    expect(run.attempts.map(({ counted, reason }) => [counted, reason])).toEqual([
      ...Array.from({ length: 4 }, () => [false, "The worker was stopped"]),
      [true, null],
    ]);
  }, 60_000);

  test("when the database goes away in the middle of it, also of the last one", async () => {
    const runId = await newRun();
    const repair = await refuse(
      "staged_items",
      "57P01",
      "terminating connection due to administrator command",
    );
    let result: ExecutionResult;
    try {
      result = await execute(runId);
    } finally {
      await repair();
    }
    expect(result).toEqual({ kind: "handed_back", reason: "The database could not be reached" });
    expect(await execute(runId)).toMatchObject({ kind: "ended", status: "success" });
    expect(await look(runId)).toMatchObject({ attempt: 2, summary: { attempts: 1 } });
  });

  test("when what it took over from the one before is purged just then", async () => {
    process.env.RUN_MAX_ATTEMPTS = "2";
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    const start = async () => (await startRun(actors.operator, id, { schedule_id: schedule.id })).id;
    expect(await execute(await start())).toMatchObject({ kind: "ended", status: "success" });
    const runId = await start();
    world.sandbox.fault({
      path: "deviceManagement/deviceCompliancePolicies",
      action: { kind: "status", status: 429, retryAfter: 0 },
    });
    expect(await executeImpatiently(runId)).toMatchObject({ kind: "try_again" });
    world.sandbox.reset();
    // Between the look at what there is and its taking over: the first statement of that one.
    await world.admin.query(`
      CREATE FUNCTION purge_for_test() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET session_replication_role = replica AS $$ BEGIN DELETE FROM item_ranges; RETURN NULL; END $$;
      CREATE TRIGGER purge_for_test BEFORE UPDATE ON staged_items FOR EACH STATEMENT EXECUTE FUNCTION purge_for_test()`);
    try {
      expect(await execute(runId)).toEqual({
        kind: "handed_back",
        reason: "What it had found unchanged was purged",
      });
    } finally {
      await world.admin.query("DROP FUNCTION purge_for_test CASCADE");
    }
    expect(await execute(runId)).toMatchObject({ kind: "ended", status: "success" });
    expect(await look(runId)).toMatchObject({ attempt: 3, summary: { attempts: 2 } });
  });
});

describe("an attempt counts", () => {
  test("when its worker dies; after the last one the run fails, and says what is true", async () => {
    process.env.RUN_MAX_ATTEMPTS = "2";
    const runId = await newRun();
    for (const attempt of [1, 2]) {
      // A worker that begins and is never heard of again.
      expect(await beginAttempt(executorActor, world.tenant.id, { run_id: runId })).toMatchObject({
        attempt,
      });
    }
    expect(await execute(runId)).toEqual({ kind: "released" });
    expect(await look(runId)).toMatchObject({
      status: "failed",
      error_code: "WORKER_LOST",
      error_message: "The worker stopped in the middle of the last attempt.",
      attempt: 2,
      summary: { attempts: 2 },
    });
  });
});

test("a run that was handed back is no longer the old job's", async () => {
  const runId = await newRun();
  const [old] = await jobs(runId);
  expect(await executeRun(world.tenant.id, runId, AbortSignal.abort("The worker was stopped"))).toMatchObject(
    {
      kind: "handed_back",
    },
  );
  const stale = await executeRun(world.tenant.id, runId, neverStops, {}, old?.id);
  expect(stale).toEqual({ kind: "released" });
  const current = (await jobs(runId)).find((job) => job.current);
  const fresh = await executeRun(world.tenant.id, runId, neverStops, {}, current?.id);
  expect(fresh).toMatchObject({ kind: "ended", status: "success" });
});

test("a database that is too slow to write the set ends the run with TIMEOUT: it is not captured again and again", async () => {
  process.env.RUN_MAX_ATTEMPTS = "4";
  const runId = await newRun();
  const repair = await refuse("backup_sets", "57014", "canceling statement due to statement timeout");
  try {
    expect(await execute(runId)).toMatchObject({ kind: "ended", status: "failed" });
  } finally {
    await repair();
  }
  const run = await look(runId);
  expect(run).toMatchObject({ status: "failed", error_code: "TIMEOUT", attempt: 1 });
  expect(run.error_message).toContain("database was too slow");
});
