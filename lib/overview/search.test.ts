import { beforeAll, expect, test } from "vitest";
import { executeRun } from "#lib/runs/execute";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { searchTenant } from "./search.ts";

const world = withWorld({ policies: 30 });
let schedule: Awaited<ReturnType<typeof makeSchedule>>;
let runId: number;

beforeAll(async () => {
  const { id, actors } = world.tenant;
  schedule = await makeSchedule(actors.manager, id);
  const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
  runId = run.id;
  await executeRun(id, run.id, new AbortController().signal);
});

const search = (text: string) => searchTenant(world.tenant.actors.readonly, world.tenant.id, { text });

test("without words: schedules, and the newest runs and sets", async () => {
  const found = await search("  ");
  expect(found.schedules).toMatchObject([{ id: schedule.id, name: schedule.name, active_run_id: null }]);
  expect(found.runs).toMatchObject([{ id: runId, schedule_name: schedule.name }]);
  expect(found.sets).toHaveLength(1);
  expect(found.policies).toEqual([]);
});

test("by name: schedules, and policies of any backup set", async () => {
  expect((await search(schedule.name.slice(0, 8).toUpperCase())).schedules).toHaveLength(1);
  const { rows } = await world.admin.query(
    "SELECT policy_type, graph_id, display_name FROM backup_items WHERE kind = 'policy' ORDER BY id LIMIT 1",
  );
  const { policies, runs } = await search(rows[0].display_name);
  expect(policies).toContainEqual(expect.objectContaining(rows[0]));
  expect(policies[0]?.type_label).not.toBe(policies[0]?.policy_type);
  expect(runs).toEqual([]);
});

test("by number: the run and the set of that number, and nothing for one that is nobody's", async () => {
  expect((await search(`#${runId}`)).runs).toMatchObject([{ id: runId }]);
  expect(await search("999999999")).toMatchObject({ runs: [], sets: [] });
});

test("a percent sign is text, and another tenant's things are not there", async () => {
  expect((await search("%")).schedules).toEqual([]);
  const foreign = searchTenant(world.foreign.actors.owner, world.tenant.id, { text: "" });
  await expect(foreign).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test.each([["a\u0000b"], ["\ud800"], [null], [{}], [7]])(
  "%j is refused, and no fault of ours",
  async (text) => {
    await expect(search(text as string)).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
  },
);

test("more than 200 characters are cut off, also in the middle of one", async () => {
  expect((await search(`${"x".repeat(199)}😀`)).schedules).toEqual([]);
});
