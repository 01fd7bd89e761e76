import { expect, test } from "vitest";
import { makeSchedule } from "#lib/testing/schedules";
import { makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { installQueues } from "./install.ts";

const world = withWorld({ policies: 5 });

async function waitingRetention(): Promise<{ schedule: number; jobs: number }[]> {
  const { rows } = await world.admin.query(
    `SELECT (data ->> 'backup_schedule_id')::int AS schedule, count(*)::int AS jobs FROM pgboss.job
     WHERE name = 'apply-retention' AND state = 'created' GROUP BY 1 ORDER BY 1`,
  );
  return rows;
}

test("jobs of one schedule's retention that wait fold into one", async () => {
  const { id, actors } = world.tenant;
  const first = await makeSchedule(actors.manager, id);
  const second = await makeSchedule(actors.manager, id);
  for (const schedule of [first, first, second, first]) await makeSet(world.tenant, schedule.id);
  expect(await waitingRetention()).toEqual([
    { schedule: first.id, jobs: 1 },
    { schedule: second.id, jobs: 1 },
  ]);
});

test("a queue that an earlier version created gets the policy of this one", async () => {
  await world.admin.query("UPDATE pgboss.queue SET policy = 'standard' WHERE name = 'apply-retention'");
  await installQueues(world.database.ownerUrl);
  const { rows } = await world.admin.query("SELECT policy FROM pgboss.queue WHERE name = 'apply-retention'");
  expect(rows).toEqual([{ policy: "short" }]);
});
