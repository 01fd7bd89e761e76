import { afterEach, describe, expect, test } from "vitest";
import { getRun } from "#lib/runs/get";
import { startRun } from "#lib/runs/start";
import { listBackupSets } from "#lib/sets/sets";
import { makeSchedule } from "#lib/testing/schedules";
import { runsOf, withWorkers } from "#lib/testing/workers";
import { until, withWorld } from "#lib/testing/world";

/** Worker processes that end in the middle of a run: killed without warning, or asked to stop. */

const world = withWorld({ policies: 120 });
const { start: startWorker, kill } = withWorkers(world);
const { ended } = runsOf(world);

afterEach(() => {
  world.sandbox.reset();
  world.sandbox.configure({ latencyMs: 0 });
});

describe("a worker", () => {
  test("that is killed in the middle of a run loses nothing: another takes it up, and there is one set", async () => {
    const { id, actors } = world.tenant;
    world.sandbox.configure({ latencyMs: 300 });
    const first = await startWorker();
    const schedule = await makeSchedule(actors.manager, id, { include_foundations: true });
    const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
    await until("some items are staged", async () => {
      const { rows } = await world.admin.query("SELECT 1 FROM staged_items WHERE run_id = $1 LIMIT 1", [
        run.id,
      ]);
      return rows.length > 0;
    });
    await kill(first, "SIGKILL");
    world.sandbox.configure({ latencyMs: 0 });
    const killedAt = Date.now();
    await startWorker();
    await ended(run.id, 70);
    expect(Date.now() - killedAt).toBeLessThan(60_000);
    const after = await getRun(actors.readonly, id, { run_id: run.id });
    expect(after).toMatchObject({ status: "success", attempt: 2 });
    expect((await listBackupSets(actors.readonly, id, { schedule_id: schedule.id })).items).toHaveLength(1);
    const { rows } = await world.admin.query(
      "SELECT count(*)::int AS staged FROM staged_items WHERE run_id = $1",
      [run.id],
    );
    expect(rows[0].staged).toBe(0);
  }, 120_000);

  test("that is asked to stop hands its run back: the next one goes on at once, and no attempt is spent", async () => {
    const { id, actors } = world.tenant;
    const settings = { RUN_MAX_ATTEMPTS: "1" };
    world.sandbox.configure({ latencyMs: 500 });
    const schedule = await makeSchedule(actors.manager, id, { include_foundations: true });
    const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
    const look = () => getRun(actors.readonly, id, { run_id: run.id });
    for (let deploy = 1; deploy <= 4; deploy += 1) {
      const worker = await startWorker(settings);
      const ready = Date.now();
      await until("the run goes on", async () => (await look()).attempt === deploy);
      // The queue's own waits between attempts begin at ten seconds; a busy machine needs some of these.
      expect(Date.now() - ready).toBeLessThan(9_000);
      expect(await kill(worker, "SIGTERM")).toBe(0);
      const { rows } = await world.admin.query(
        "SELECT state::text, start_after <= now() AS due FROM pgboss.job WHERE id = (SELECT job_id FROM backup_schedule_runs WHERE id = $1)",
        [run.id],
      );
      expect(rows).toEqual([{ state: "created", due: true }]);
    }
    world.sandbox.configure({ latencyMs: 0 });
    await startWorker(settings);
    await ended(run.id, 30);
    const after = await look();
    expect(after).toMatchObject({ status: "success", attempt: 5, summary: { attempts: 1 } });
    expect(after.attempts.slice(0, 4).map(({ counted, reason }) => ({ counted, reason }))).toEqual(
      Array.from({ length: 4 }, () => ({ counted: false, reason: "The worker was stopped" })),
    );
  }, 240_000);
});
