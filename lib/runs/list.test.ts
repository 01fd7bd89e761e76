import { beforeAll, describe, expect, test } from "vitest";
import { deleteSchedule } from "#lib/schedules/delete";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { listRuns } from "./list.ts";

const world = withWorld({ policies: 1 });
let nightly: number;
let deleted: number;
let queued: number;

/**
 * 120 ended runs of a schedule, one an hour from 2026-01-01: each fifth failed, each tenth by hand. Their ids go against
 * the time, as after a clock that was set back. A deleted schedule has one run, and one run waits for a worker.
 */
beforeAll(async () => {
  const { id, actors } = world.tenant;
  nightly = (await makeSchedule(actors.manager, id, { name: "Nightly" })).id;
  deleted = (await makeSchedule(actors.manager, id, { name: "Gone" })).id;
  const insert = `INSERT INTO backup_schedule_runs
    (tenant_id, backup_schedule_id, scheduled_for, trigger, status, started_at, finished_at)`;
  await world.admin.query(
    `${insert} SELECT $1, $2, timestamptz '2026-01-01 00:00Z' + interval '1 hour' * n,
       (CASE WHEN n % 10 = 0 THEN 'manual' ELSE 'schedule' END)::run_trigger,
       (CASE WHEN n % 5 = 0 THEN 'failed' ELSE 'success' END)::run_status, now(), now()
     FROM generate_series(119, 0, -1) n`,
    [id, nightly],
  );
  await world.admin.query(`${insert} VALUES ($1, $2, '2026-02-01Z', 'schedule', 'success', now(), now())`, [
    id,
    deleted,
  ]);
  await deleteSchedule(actors.manager, id, { schedule_id: deleted });
  const { rows } = await world.admin.query(
    `${insert} VALUES ($1, $2, '2026-03-01Z', 'manual', 'running', NULL, NULL) RETURNING id`,
    [id, nightly],
  );
  queued = rows[0].id;
});

type Filter = Parameters<typeof listRuns>[2];

/** All pages of a list, a few at a time. */
async function all(filter: Filter) {
  const runs = [];
  for (let cursor: string | undefined; ; ) {
    const page = await listRuns(world.tenant.actors.readonly, world.tenant.id, {
      limit: 7,
      ...filter,
      ...(cursor ? { cursor } : {}),
    });
    runs.push(...page.items);
    if (page.next_cursor === null) return runs;
    cursor = page.next_cursor;
  }
}

describe("the run history", () => {
  test("is newest first, every run once", async () => {
    const ids = (await all({})).map((run) => run.id);
    expect(ids).toHaveLength(122);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
  });

  test.each([
    [{ status: "failed" as const }, 24],
    [{ status: "failed" as const, trigger: "manual" as const }, 12],
    [{ status: "success" as const, trigger: "manual" as const }, 0],
    [{ trigger: "manual" as const }, 13],
    [{ trigger: "retry" as const }, 0],
  ])("of %j has what fits and nothing else", async (filter, count) => {
    const runs = await all(filter);
    expect(runs).toHaveLength(count);
    for (const run of runs) expect(run).toMatchObject(filter);
  });

  test("tells those that wait for a worker from those that have one", async () => {
    const ids = async (filter: Filter) => (await all(filter)).map((run) => run.id);
    expect(await ids({ status: "running" })).toEqual([queued]);
    expect(await ids({ status: "queued" })).toEqual([queued]);
    expect(await ids({ status: "started" })).toEqual([]);
    expect(await ids({ status: "queued", trigger: "schedule" })).toEqual([]);
    await world.admin.query("UPDATE backup_schedule_runs SET started_at = now() WHERE id = $1", [queued]);
    expect(await ids({ status: "queued" })).toEqual([]);
    expect(await ids({ status: "started", schedule_id: nightly })).toEqual([queued]);
  });

  test("refuses a cursor that is no run of the tenant, in both orders", async () => {
    for (const filter of [{}, { from: "2026-01-02T00:00:00Z" }]) {
      for (const cursor of ["c999999999", "c99999999999", "c0"]) {
        const call = listRuns(world.tenant.actors.readonly, world.tenant.id, { ...filter, cursor });
        await expect(call).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
      }
    }
  });

  test("of a deleted schedule is still there, and of another tenant's schedule is not", async () => {
    const runs = await all({ schedule_id: deleted });
    expect(runs.map((run) => run.schedule_name)).toEqual(["Gone"]);
    const theirs = await makeSchedule(world.foreign.actors.owner, world.foreign.id);
    await expect(all({ schedule_id: theirs.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("the run history of a time range", () => {
  const from = "2026-01-02T00:00:00Z";
  const to = "2026-01-03T01:00:00+01:00";

  test("goes by when runs were due, latest first; from is in, to is not", async () => {
    const due = (await all({ from, to })).map((run) => run.scheduled_for);
    expect(due).toHaveLength(24);
    expect(due[0]).toBe("2026-01-02T23:00:00.000Z");
    expect(due.at(-1)).toBe("2026-01-02T00:00:00.000Z");
    expect(due).toEqual([...due].sort().reverse());
  });

  test("is filtered as the whole, and has no end that was not asked for", async () => {
    expect(await all({ from, to, status: "failed" })).toHaveLength(5);
    expect(await all({ from, to, status: "failed", trigger: "manual", schedule_id: nightly })).toHaveLength(
      2,
    );
    expect(await all({ from: "2026-02-01T00:00:00Z", schedule_id: deleted })).toHaveLength(1);
    expect(await all({ from: "2026-03-01T00:00:00Z" })).toHaveLength(1);
    expect(await all({ to: "2026-01-01T00:00:00Z" })).toEqual([]);
  });
});
