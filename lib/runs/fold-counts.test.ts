import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { dispatcherActor } from "#lib/access/actor";
import { lookedAfter } from "#lib/testing/looked-after";
import { makeSchedule } from "#lib/testing/schedules";
import { makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { foldRunCounts } from "./fold-counts.ts";

const world = withWorld();
const statuses = ["success", "partial", "failed", "canceled", "skipped"] as const;
let schedules: { tenantId: number; id: number }[] = [];
let occurrences = 0;

beforeAll(async () => {
  for (const tenant of [world.tenant, world.foreign]) {
    const { id } = await makeSchedule(tenant.actors.manager, tenant.id, { name: "Counted" });
    schedules = [...schedules, { tenantId: tenant.id, id }];
  }
});

/** Where the counts differ from what the runs themselves say. */
async function differences(): Promise<unknown[]> {
  const { rows } = await world.admin.query(`
    WITH counted AS (
      SELECT tenant_id, quarter, sum(success) AS success, sum(partial) AS partial, sum(failed) AS failed,
             sum(canceled) AS canceled, sum(skipped) AS skipped, sum(added) AS added, sum(changed) AS changed,
             sum(removed) AS removed
      FROM run_counts GROUP BY tenant_id, quarter
      HAVING (sum(success), sum(partial), sum(failed), sum(canceled), sum(skipped), sum(added), sum(changed), sum(removed))
             <> (0, 0, 0, 0, 0, 0, 0, 0)
    ), recounted AS (
      SELECT tenant_id, date_bin('15 min', finished_at, '1970-01-01T00:00:00Z') AS quarter,
             count(*) FILTER (WHERE status = 'success') AS success, count(*) FILTER (WHERE status = 'partial') AS partial,
             count(*) FILTER (WHERE status = 'failed') AS failed, count(*) FILTER (WHERE status = 'canceled') AS canceled,
             count(*) FILTER (WHERE status = 'skipped') AS skipped, sum(changes_added) AS added,
             sum(changes_changed) AS changed, sum(changes_removed) AS removed
      FROM backup_schedule_runs WHERE finished_at IS NOT NULL GROUP BY 1, 2
    )
    (TABLE counted EXCEPT TABLE recounted) UNION ALL (TABLE recounted EXCEPT TABLE counted)`);
  return rows;
}

const rowsOf = async (where: string) =>
  (await world.admin.query<{ n: number }>(`SELECT count(*)::int AS n FROM run_counts WHERE ${where}`)).rows[0]
    ?.n;

interface Ended {
  schedule: number;
  status: (typeof statuses)[number];
  hoursAgo: number;
  changes: { added: number; changed: number; removed: number; unchanged: number } | null;
}

/** Inserts runs by one statement; a run that is to end later is still running. @returns their ids */
async function insertRuns(runs: readonly Ended[], running: boolean): Promise<number[]> {
  const rows = runs.map((run) => ({
    tenant_id: schedules[run.schedule]?.tenantId,
    schedule_id: schedules[run.schedule]?.id,
    scheduled_for: new Date(Date.UTC(2000, 0, 1) + ++occurrences * 60_000),
    status: running ? "running" : run.status,
    finished_at: running ? null : new Date(Date.now() - run.hoursAgo * 3_600_000),
    summary: run.changes && !running ? { changes: run.changes } : {},
  }));
  const inserted = await world.admin.query<{ id: number }>(
    `INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at, summary)
     SELECT tenant_id, schedule_id, scheduled_for, 'schedule', status::run_status, finished_at, summary
     FROM jsonb_to_recordset($1::jsonb) AS r(tenant_id int, schedule_id int, scheduled_for timestamptz, status text,
                                             finished_at timestamptz, summary jsonb)
     RETURNING id`,
    [JSON.stringify(rows)],
  );
  return inserted.rows.map((row) => row.id);
}

/** A run begins, notes its progress, and ends. */
async function runAndEnd(run: Ended): Promise<void> {
  const [id] = await insertRuns([run], true);
  await world.admin.query("UPDATE backup_schedule_runs SET progress = '{}', attempt = 1 WHERE id = $1", [id]);
  await world.admin.query(
    "UPDATE backup_schedule_runs SET status = $2::run_status, finished_at = $3, summary = $4 WHERE id = $1",
    [
      id,
      run.status,
      new Date(Date.now() - run.hoursAgo * 3_600_000),
      JSON.stringify(run.changes ? { changes: run.changes } : {}),
    ],
  );
}

/** What history refuses, and a repair by hand may do. */
async function repair(sql: string): Promise<void> {
  const client = await world.admin.connect();
  try {
    await client.query("BEGIN; ALTER TABLE backup_schedule_runs DISABLE TRIGGER history");
    await client.query(sql);
    await client.query(
      "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE backup_schedule_runs ENABLE TRIGGER history; COMMIT",
    );
  } finally {
    client.release();
  }
}

const fold = () => lookedAfter("counts", () => foldRunCounts(dispatcherActor, {}));

test("counts equal a recount after any history, folded at any time, by several at once", async () => {
  const number = fc.integer({ min: 0, max: 9 });
  const ended = fc.record({
    schedule: fc.constantFrom(0, 1),
    status: fc.constantFrom(...statuses),
    hoursAgo: fc.constantFrom(0, 0.1, 1, 1.2, 1.3, 2, 30, 30.2),
    changes: fc.option(fc.record({ added: number, changed: number, removed: number, unchanged: number })),
  });
  const step = fc.oneof(
    fc.record({
      kind: fc.constant("insert" as const),
      runs: fc.array(ended, { minLength: 1, maxLength: 8 }),
    }),
    fc.record({ kind: fc.constant("run" as const), runs: fc.array(ended, { minLength: 1, maxLength: 2 }) }),
    fc.record({ kind: fc.constantFrom("fold", "roll back", "restate", "remove") }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
      for (const each of steps) {
        if ("runs" in each && each.kind === "insert") await insertRuns(each.runs, false);
        else if ("runs" in each) for (const run of each.runs) await runAndEnd(run);
        else if (each.kind === "fold") await Promise.all([fold(), fold(), fold()]);
        else if (each.kind === "restate") {
          await repair(`UPDATE backup_schedule_runs SET finished_at = finished_at - interval '20 min', status = 'failed',
                               summary = '{"changes": {"changed": 3}}' WHERE status = 'success' AND id % 3 = 0`);
        } else if (each.kind === "remove") {
          await world.admin.query("DELETE FROM backup_schedule_runs WHERE id % 7 = 0");
        } else {
          const client = await world.admin.connect();
          await client.query("BEGIN; UPDATE backup_schedule_runs SET backup_set_id = NULL");
          await client.query("DELETE FROM backup_schedule_runs; ROLLBACK");
          client.release();
        }
        expect(await differences()).toEqual([]);
      }
    }),
    { numRuns: 12 },
  );
  expect(await rowsOf("true")).toBeGreaterThan(0);
});

test("what is folded is one row a quarter; what has just ended waits, and what comes late is folded later", async () => {
  const at = (hoursAgo: number): Ended => ({ schedule: 0, status: "success", hoursAgo, changes: null });
  const days = "quarter < now() - interval '99 days'";
  await insertRuns(
    Array.from({ length: 40 }, () => at(2400)),
    false,
  );
  expect(await rowsOf(days)).toBe(40);
  await fold();
  expect(await rowsOf(days)).toBe(1);
  await insertRuns([at(2400), at(2400)], false);
  await fold();
  expect(await rowsOf(days)).toBe(2);
  await insertRuns([at(0)], false);
  await fold();
  expect(await rowsOf("NOT is_folded AND quarter > now() - interval '75 min'")).toBeGreaterThan(0);
  expect(await rowsOf("NOT is_folded AND quarter < now() - interval '75 min'")).toBe(0);
  expect(await differences()).toEqual([]);
});

test("a run of our own is counted with its end", async () => {
  const schedule = await makeSchedule(world.tenant.actors.manager, world.tenant.id, { name: "Real" });
  const before = await world.admin.query("SELECT sum(success) AS n FROM run_counts WHERE tenant_id = $1", [
    world.tenant.id,
  ]);
  await makeSet(world.tenant, schedule.id);
  const after = await world.admin.query("SELECT sum(success) AS n FROM run_counts WHERE tenant_id = $1", [
    world.tenant.id,
  ]);
  expect(Number(after.rows[0].n) - Number(before.rows[0].n)).toBe(1);
  expect(await differences()).toEqual([]);
});
