import { expect, test } from "vitest";
import { executorActor } from "#lib/access/actor";
import { listIncidents } from "#lib/alerts/incidents";
import { deleteSchedule } from "#lib/schedules/delete";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { finishRun, type RunEnd } from "./finish.ts";
import { getRun } from "./get.ts";
import { startRun } from "./start.ts";

const world = withWorld({ policies: 1 });

const failed: RunEnd = {
  status: "failed",
  error_code: "GRAPH_UNAVAILABLE",
  error_message: null,
  types: {
    deviceCategory: {
      kind: "policy",
      listed: false,
      expected: 0,
      captured: 0,
      gone: 0,
      failed: 0,
      skipped: false,
      error_code: "PERMISSION_MISSING",
      error_message: "Forbidden",
      request_id: null,
      missing: [],
    },
  },
};

test("what a run found of the whole tenant stays when its schedule is deleted, as long as another can find it right again", async () => {
  const { id, actors } = world.foreign;
  const open = async () => (await listIncidents(actors.readonly, id, {})).items.map(({ cause }) => cause);
  const [first, second] = [await makeSchedule(actors.manager, id), await makeSchedule(actors.manager, id)];
  const run = await startRun(actors.operator, id, { schedule_id: first.id });
  const refused = { ...failed, error_code: "AUTH_CONFIG" as const };
  await finishRun(executorActor, id, { run_id: run.id, attempt: 0, end: refused });
  expect(await open()).toContain("connection");
  await deleteSchedule(actors.manager, id, { schedule_id: first.id });
  expect(await open()).toEqual(["connection"]);
  await deleteSchedule(actors.manager, id, { schedule_id: second.id });
  expect(await open()).toEqual([]);
});

test("a run that fails after its schedule was deleted ends as it would, and leaves nothing open that nobody could end", async () => {
  const { id, actors } = world.tenant;
  const causes = async () =>
    (await listIncidents(actors.readonly, id, {})).items.map(({ cause }) => cause).toSorted();
  const schedules = [await makeSchedule(actors.manager, id), await makeSchedule(actors.manager, id)];
  const [kept, gone] = schedules.map((schedule) => schedule.id);
  for (const schedule_id of [kept ?? 0, gone ?? 0]) {
    const run = await startRun(actors.operator, id, { schedule_id });
    if (schedule_id === gone) await deleteSchedule(actors.manager, id, { schedule_id });
    await finishRun(executorActor, id, { run_id: run.id, attempt: 0, end: failed });
    expect(await getRun(actors.readonly, id, { run_id: run.id })).toMatchObject({ status: "failed" });
  }
  expect(await causes()).toEqual([`schedule:${kept}:backup`, `schedule:${kept}:permissions`]);
});
