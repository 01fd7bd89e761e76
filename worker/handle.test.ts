import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRetentionJob } from "#lib/jobs/apply-retention";
import { createWorkerBoss } from "#lib/jobs/boss";
import { until, withWorld } from "#lib/testing/world";
import { handles, work } from "./handle.ts";

const world = withWorld({ policies: 1 });
let boss: ReturnType<typeof createWorkerBoss>;

beforeAll(async () => {
  boss = createWorkerBoss({ instanceName: "handle-test", hears: true });
  await boss.start();
});
afterAll(() => boss?.stop({ graceful: false, close: true }));

test("a job reaches its handler only with what its definition says", async () => {
  const handled: unknown[] = [];
  const handler = handles({
    job: applyRetentionJob,
    oneAfterAnother: true,
    polling: { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 1 },
    async handle(payload) {
      handled.push(payload);
    },
  });
  await boss.insert("apply-retention", [
    { singletonKey: "broken", data: { tenant_id: "1; DROP TABLE tenants", backup_schedule_id: 4 } },
    { singletonKey: "whole", data: { tenant_id: 3, backup_schedule_id: 4, from_a_newer_version: true } },
  ]);
  await work(boss, handler, new AbortController().signal);
  const states = await until("both jobs are done with", async () => {
    const { rows } = await world.admin.query<{ key: string; state: string; output: unknown }>(
      `SELECT singleton_key AS key, state::text, output FROM pgboss.job
       WHERE name = 'apply-retention' AND state NOT IN ('created', 'active') ORDER BY 1`,
    );
    return rows.length === 2 && rows;
  });
  expect(states).toMatchObject([
    { key: "broken", state: "retry", output: { message: expect.stringContaining("tenant_id") } },
    { key: "whole", state: "completed" },
  ]);
  expect(handled).toEqual([{ tenant_id: 3, backup_schedule_id: 4 }]);
});
