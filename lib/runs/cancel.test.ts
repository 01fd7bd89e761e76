import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { executorActor } from "#lib/access/actor";
import { listAuditLog } from "#lib/audit/list";
import { defaultRetryPolicy } from "#lib/graph/retry";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { beginAttempt } from "./begin-attempt.ts";
import { cancelRun } from "./cancel.ts";
import { executeRun } from "./execute.ts";
import { getRun } from "./get.ts";
import { startRun } from "./start.ts";

const world = withWorld({ policies: 60 });

const neverStops = new AbortController().signal;

/** Starts a run of a new schedule. */
async function newRun(): Promise<{ runId: number; scheduleId: number }> {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
  return { runId: run.id, scheduleId: schedule.id };
}

const cancel = (runId: number) => cancelRun(world.tenant.actors.operator, world.tenant.id, { run_id: runId });
const look = (runId: number) => getRun(world.tenant.actors.readonly, world.tenant.id, { run_id: runId });
const begin = (runId: number) => beginAttempt(executorActor, world.tenant.id, { run_id: runId });

async function jobState(runId: number): Promise<string> {
  const { rows } = await world.admin.query(
    "SELECT state::text FROM pgboss.job j JOIN backup_schedule_runs r ON r.job_id = j.id WHERE r.id = $1",
    [runId],
  );
  return rows[0]?.state;
}

async function staged(runId: number): Promise<number> {
  const { rows } = await world.admin.query(
    "SELECT count(*)::int AS count FROM staged_items WHERE run_id = $1",
    [runId],
  );
  return rows[0].count;
}

beforeEach(() => {
  world.sandbox.reset();
  world.sandbox.configure({ latencyMs: 0 });
});

describe("a run that is canceled", () => {
  test("while it is queued ends at once, and its job does nothing", async () => {
    const { runId } = await newRun();
    const canceled = await cancel(runId);
    expect(canceled).toMatchObject({
      status: "canceled",
      started_at: null,
      summary: { attempts: 0, reason: "Canceled by operator 1 before it started." },
    });
    expect(await jobState(runId)).toBe("cancelled");
    expect(await executeRun(world.tenant.id, runId, neverStops)).toEqual({ kind: "released" });
    await expect(cancel(runId)).rejects.toMatchObject({ code: "NOT_ACTIVE" });
  });

  test("while it waits for its next attempt ends at once, and another can start", async () => {
    const { runId, scheduleId } = await newRun();
    world.sandbox.fault({ phase: ["token"], action: { kind: "status", status: 503 } });
    const retry = { ...defaultRetryPolicy, outageRetries: 0, outageBaseMs: 1 };
    const first = await executeRun(world.tenant.id, runId, neverStops, { retry });
    expect(first.kind).toBe("try_again");
    await world.admin.query(
      `UPDATE pgboss.job j SET state = 'retry', start_after = now() + interval '15 minutes'
       FROM backup_schedule_runs r WHERE r.id = $1 AND j.id = r.job_id`,
      [runId],
    );
    expect(await cancel(runId)).toMatchObject({
      status: "canceled",
      error_code: "CANCELED",
      summary: { attempts: 1 },
    });
    expect(await jobState(runId)).toBe("cancelled");
    const { id, actors } = world.tenant;
    await startRun(actors.operator, id, { schedule_id: scheduleId });
  });

  test("in the middle ends at once and makes no set; its worker stops within a second", async () => {
    world.sandbox.configure({ latencyMs: 1_000 });
    const { runId } = await newRun();
    const execution = executeRun(world.tenant.id, runId, neverStops);
    const reported = async () => Object.keys((await look(runId)).progress?.types ?? {}).length;
    await expect.poll(reported, { timeout: 20_000 }).toBeGreaterThan(0);
    const asked = Date.now();
    const canceled = await cancel(runId);
    expect(canceled).toMatchObject({
      status: "canceled",
      error_message: "Canceled by operator 1 while it ran; no backup set was made.",
      backup_set_id: null,
    });
    expect(Object.keys(canceled.summary.types ?? {})).not.toEqual([]);
    expect(await execution).toEqual({ kind: "released" });
    // A report each half second, and some for a busy machine; all that is left to read would take much longer.
    expect(Date.now() - asked).toBeLessThan(8_000);
    expect(await staged(runId)).toBe(0);
    expect(await look(runId)).toMatchObject({ status: "canceled", backup_set_id: null, progress: null });
    const audit = await listAuditLog(world.tenant.actors.readonly, world.tenant.id, { limit: 5 });
    expect(audit.items[0]).toMatchObject({ action: "run.canceled", actor_name: "operator 1" });
  });

  test("just as a worker begins it ends canceled, whoever comes first", async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      const { runId } = await newRun();
      const [attempt] = await Promise.all([
        delay(round % 4).then(() => begin(runId)),
        delay(round % 3).then(() => cancel(runId)),
      ]);
      outcomes.add(attempt ? "began" : "did not begin");
      expect(await look(runId)).toMatchObject({ status: "canceled", attempt: attempt ? 1 : 0 });
      expect(await begin(runId)).toBeNull();
      expect(await jobState(runId)).toBe("cancelled");
    }
    expect(outcomes.size).toBeGreaterThan(0);
  }, 60_000);

  test("by a version that only asked for it never begins another attempt: it ends canceled", async () => {
    const { runId } = await newRun();
    await world.admin.query("UPDATE backup_schedule_runs SET cancel_requested_at = now() WHERE id = $1", [
      runId,
    ]);
    expect(await begin(runId)).toBeNull();
    expect(await look(runId)).toMatchObject({ status: "canceled", error_code: "CANCELED", attempt: 0 });
  });
});
