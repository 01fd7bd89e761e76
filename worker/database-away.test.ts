import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorkers } from "#lib/testing/workers";
import { until, withWorld } from "#lib/testing/world";
import { type OwnDatabase, ownDatabase } from "../scripts/testing/own-database.ts";

/** A live worker whose database goes away in the middle of its runs. */

let own: OwnDatabase;
const world = withWorld({
  policies: 60,
  async database() {
    own = await ownDatabase();
    return own;
  },
});
const workers = withWorkers(world);

/** Starts runs of as many schedules, and waits until the worker has begun them. */
async function runsUnderWay(count: number): Promise<number[]> {
  const { id, actors } = world.tenant;
  world.sandbox.configure({ latencyMs: 300 });
  const ids: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const schedule = await makeSchedule(actors.manager, id, { include_foundations: true });
    ids.push((await startRun(actors.operator, id, { schedule_id: schedule.id })).id);
  }
  await until(
    "every run is under way",
    async () => {
      const { rows } = await world.admin.query(
        "SELECT count(*)::int AS count FROM backup_schedule_runs WHERE id = ANY($1) AND started_at IS NOT NULL",
        [ids],
      );
      return rows[0].count === count;
    },
    30,
  );
  return ids;
}

async function expectOneSetEach(runs: number[]): Promise<void> {
  await until(
    "the runs end",
    async () => {
      const { rows } = await world.admin
        .query("SELECT FROM backup_schedule_runs WHERE id = ANY($1) AND status = 'running'", [runs])
        .catch(() => ({ rows: [null] }));
      return rows.length === 0;
    },
    75,
  );
  const { rows } = await world.admin.query(
    `SELECT r.status::text, r.error_code, count(s.id)::int AS sets FROM backup_schedule_runs r
     LEFT JOIN backup_sets s ON s.run_id = r.id WHERE r.id = ANY($1) GROUP BY r.id`,
    [runs],
  );
  expect(rows).toEqual(runs.map(() => ({ status: "success", error_code: null, sets: 1 })));
}

describe("a worker survives, and its runs end with one set each", () => {
  test("when the database is stopped for seconds", async () => {
    const worker = await workers.start({ RUN_MAX_ATTEMPTS: "1" });
    const runs = await runsUnderWay(2);
    await own.stop();
    // As long as a restart of a managed database takes at least: the worker's own retries must not use it up.
    await delay(4_000);
    world.sandbox.configure({ latencyMs: 0 });
    await own.start();
    await expectOneSetEach(runs);
    expect(worker.exitCode).toBeNull();
  }, 110_000);

  test("when the database crashes and recovers at once", async () => {
    const worker = await workers.start({ RUN_MAX_ATTEMPTS: "1" });
    const runs = await runsUnderWay(2);
    await own.crash();
    world.sandbox.configure({ latencyMs: 0 });
    await expectOneSetEach(runs);
    expect(worker.exitCode).toBeNull();
  }, 110_000);
});
