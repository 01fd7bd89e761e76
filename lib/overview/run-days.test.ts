import { expect, test } from "vitest";
import { makeSchedule } from "#lib/testing/schedules";
import { makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { getTenantOverview } from "./overview.ts";

const world = withWorld();

const told = async () => {
  const { compared, days } = await getTenantOverview(world.tenant.actors.readonly, world.tenant.id, {});
  return { compared, changes: days.reduce((sum, day) => sum + day.added + day.changed + day.removed, 0) };
};

test("that nothing has changed is known from a schedule's second backup on, whatever others have", async () => {
  const { id, actors } = world.tenant;
  expect(await told()).toEqual({ compared: false, changes: 0 });
  const first = await makeSchedule(actors.manager, id, { name: "First" });
  const second = await makeSchedule(actors.manager, id, { name: "Second" });
  await makeSet(world.tenant, first.id);
  await makeSet(world.tenant, second.id);
  expect(await told()).toEqual({ compared: false, changes: 0 });
  await makeSet(world.tenant, first.id);
  expect(await told()).toEqual({ compared: true, changes: 0 });
});
