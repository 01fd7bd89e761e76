import { afterEach, describe, expect, test } from "vitest";
import { getRun } from "#lib/runs/get";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { runsOf, withWorkers } from "#lib/testing/workers";
import { until, withWorld } from "#lib/testing/world";

/** A worker process whose database takes no changes when it starts: a standby that is being promoted. */

const world = withWorld({ policies: 120 });
const { start: startWorker } = withWorkers(world);
const { status, ended } = runsOf(world);

afterEach(() => {
  world.sandbox.reset();
  world.sandbox.configure({ latencyMs: 0 });
});

describe("a worker", () => {
  test("that starts while the database takes no changes works as soon as it takes them", async () => {
    const { id, actors } = world.tenant;
    const name = new URL(world.database.url).pathname.slice(1);
    const { username } = new URL(world.database.workerUrl);
    const schedule = await makeSchedule(actors.manager, id, { policy_types: ["deviceCompliancePolicy"] });
    const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
    await world.admin.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
    const starting = startWorker();
    try {
      await until("it has tried for a while", async () => {
        const { rowCount } = await world.admin.query(
          "SELECT FROM pg_stat_activity WHERE usename = $1 AND backend_start < now() - interval '3 seconds'",
          [username],
        );
        return (rowCount ?? 0) > 0;
      });
    } finally {
      await world.admin.query(
        `BEGIN READ WRITE; ALTER DATABASE "${name}" RESET default_transaction_read_only; COMMIT`,
      );
    }
    expect((await getRun(actors.readonly, id, { run_id: run.id })).started_at).toBeNull();
    await starting;
    await ended(run.id, 30);
    expect(await status(run.id)).toBe("success");
  }, 90_000);
});
