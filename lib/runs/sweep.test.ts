import { expect, test } from "vitest";
import { tick } from "#lib/schedules/tick";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { startRun } from "./start.ts";

const world = withWorld({ policies: 10 });

/** Runs whose jobs are gone; the first of them cannot be ended. */
async function threeLostRuns(): Promise<number[]> {
  const { id, actors } = world.tenant;
  const ids: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const schedule = await makeSchedule(actors.manager, id);
    ids.push((await startRun(actors.operator, id, { schedule_id: schedule.id })).id);
  }
  await world.admin.query("DELETE FROM pgboss.job WHERE name = 'execute-run'");
  await world.admin.query(`
    CREATE FUNCTION refuse_end() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'this run cannot be ended'; END $$;
    CREATE TRIGGER refuse_end BEFORE UPDATE ON backup_schedule_runs FOR EACH ROW
      WHEN (OLD.id = ${ids[0]}) EXECUTE FUNCTION refuse_end()`);
  return ids;
}

test("a lost run that cannot be ended keeps neither the others from it, nor the tick from its housekeeping", async () => {
  const ids = await threeLostRuns();
  const { rows: counted } = await world.admin.query(
    `INSERT INTO run_counts (tenant_id, quarter, success, partial, failed, canceled, skipped, added, changed, removed)
     VALUES ($1, date_bin('15 min', now() - interval '5 hours', '1970-01-01T00:00:00Z'), 1, 0, 0, 0, 0, 0, 0, 0)
     RETURNING id`,
    [world.tenant.id],
  );
  expect(await tick()).toMatchObject({ lost: 2 });
  const { rows } = await world.admin.query(
    "SELECT status::text, error_code FROM backup_schedule_runs WHERE id = ANY($1) ORDER BY id",
    [ids],
  );
  expect(rows).toEqual([
    { status: "running", error_code: null },
    { status: "failed", error_code: "WORKER_LOST" },
    { status: "failed", error_code: "WORKER_LOST" },
  ]);
  const unfolded = await world.admin.query("SELECT FROM run_counts WHERE id = $1", [counted[0].id]);
  expect(unfolded.rowCount).toBe(0);
});

test("a dispatch that fails is told, and keeps the tick from nothing else", async () => {
  const { id, actors } = world.tenant;
  await world.admin.query("DROP TRIGGER IF EXISTS refuse_end ON backup_schedule_runs");
  const schedule = await makeSchedule(actors.manager, id);
  const lost = await startRun(actors.operator, id, { schedule_id: schedule.id });
  await world.admin.query("DELETE FROM pgboss.job WHERE name = 'execute-run'");
  const due = await makeSchedule(actors.manager, id);
  await world.admin.query(
    "UPDATE backup_schedules SET next_run_at = date_trunc('milliseconds', now()) WHERE id = $1",
    [due.id],
  );
  await world.admin.query(`
    CREATE FUNCTION refuse_dispatch() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'nothing is dispatched'; END $$;
    CREATE TRIGGER refuse_dispatch BEFORE INSERT ON backup_schedule_runs FOR EACH ROW EXECUTE FUNCTION refuse_dispatch()`);
  await expect(tick()).rejects.toThrow("nothing is dispatched");
  const { rows } = await world.admin.query("SELECT error_code FROM backup_schedule_runs WHERE id = $1", [
    lost.id,
  ]);
  expect(rows).toEqual([{ error_code: "WORKER_LOST" }]);
  await world.admin.query("DROP TRIGGER refuse_dispatch ON backup_schedule_runs");
  expect(await tick()).toMatchObject({ started: 1 });
});
