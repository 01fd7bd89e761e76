import { expect, test } from "vitest";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { getPlatformStatus } from "./status.ts";

const world = withWorld({ policies: 1 });

test("the status says what waits, since when, and who would have to do it", async () => {
  const { id, actors } = world.tenant;
  const { owner, manager, operator } = actors;
  await expect(getPlatformStatus(owner, {})).rejects.toMatchObject({ code: "FORBIDDEN" });
  await world.admin.query("UPDATE users SET is_platform_admin = true WHERE id = $1", [
    owner.kind === "user" ? owner.user_id : 0,
  ]);
  expect(await getPlatformStatus(owner, {})).toMatchObject({
    ready: true,
    last_dispatch_at: null,
    oldest_waiting_run_at: null,
    runs_waiting: 0,
    workers: [],
  });

  const schedule = await makeSchedule(manager, id);
  const run = await startRun(operator, id, { schedule_id: schedule.id });
  await world.admin.query(
    "UPDATE pgboss.job SET created_on = created_on - interval '90 s', start_after = start_after - interval '90 s'",
  );
  await world.admin.query(
    `INSERT INTO pgboss.job (name, state, completed_on) VALUES ('dispatch', 'completed', now() - interval '20 s');
     INSERT INTO pgboss.instance (id, name, host, pid, version, node_version, heartbeat_seconds, supervise, schedule,
                                  migrate, persist_queue_stats, persist_warnings, heartbeat_on)
     SELECT gen_random_uuid(), name, 'host', 1, '1', '24', 5, true, true, false, false, false, now() - ago
     FROM (VALUES ('worker-alive', interval '3 s'), ('worker-gone', interval '5 min'), ('worker-past', interval '2 h'),
                  ('web', interval '1 s')) AS shown (name, ago)`,
  );
  const status = await getPlatformStatus(owner, {});
  expect(status).toMatchObject({
    schedules_enabled: 1,
    schedules_due: 0,
    runs_waiting: 1,
    runs_active: 0,
    oldest_waiting_run_at: run.created_at,
  });
  expect(Date.now() - new Date(status.last_dispatch_at ?? 0).getTime()).toBeGreaterThanOrEqual(19_000);
  expect(status.workers.map(({ name, is_alive }) => [name, is_alive])).toEqual([
    ["worker-alive", true],
    ["worker-gone", false],
  ]);
  expect(status.checks.find(({ part }) => part === "worker")).toMatchObject({ ok: true, message: "1 alive" });
  const queue = status.queues.find(({ name }) => name === "execute-run");
  expect(queue).toMatchObject({ waiting: 1, active: 0 });
  expect(queue?.oldest_waiting_seconds).toBeGreaterThanOrEqual(89);
  expect(status.queues.find(({ name }) => name === "dispatch")).toMatchObject({
    waiting: 0,
    oldest_waiting_seconds: null,
  });
});

test("as many who look at once as there are connections do not wait for each other's", async () => {
  const { owner } = world.tenant.actors;
  const all = await Promise.all(Array.from({ length: 12 }, () => getPlatformStatus(owner, {})));
  expect(all.map(({ ready }) => ready)).toEqual(all.map(() => true));
});
