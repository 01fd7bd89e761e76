import { expect, test } from "vitest";
import { startRun } from "#lib/runs/start";
import { getItemContent, listBackupItems } from "#lib/sets/items";
import { getBackupSet } from "#lib/sets/sets";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, makeSet } from "#lib/testing/sets";
import { withWorkers } from "#lib/testing/workers";
import { until, withWorld } from "#lib/testing/world";

/** Real worker processes against a real database and the sandbox. */

const world = withWorld({ policies: 10 });
const { start: startWorker } = withWorkers(world);

test("a worker verifies the sets of a damaged stored copy by itself, and again when a run has put it back", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  const set_id = await makeSet(world.tenant, schedule.id);
  const [item] = (await listBackupItems(actors.readonly, id, { set_id, limit: 1 })).items;
  await behindTheGuards(world.admin, "UPDATE snapshots SET content = '\\x00' WHERE sha256 = $1", [
    item?.sha256,
  ]);
  await startWorker();
  const read = () => getItemContent(actors.readonly, id, { set_id, item_id: item?.id ?? 0 });
  await expect(read()).rejects.toMatchObject({ code: "INTERNAL" });
  const verified = (state: "ok" | "damaged") =>
    until(
      `the set is found ${state}`,
      async () => (await getBackupSet(actors.readonly, id, { set_id })).verify_status === state,
      30,
    );
  await verified("damaged");
  await startRun(actors.operator, id, { schedule_id: schedule.id });
  await verified("ok");
  expect((await read()).sha256).toBe(item?.sha256);
}, 90_000);
