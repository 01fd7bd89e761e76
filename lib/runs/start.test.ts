import { describe, expect, test } from "vitest";
import { AppError } from "#lib/errors";
import { listNotifications, markNotificationsRead } from "#lib/notifications/list";
import { tenantAttention } from "#lib/overview/attention";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { cancelRun } from "./cancel.ts";
import { retryRun, retryRuns } from "./retry.ts";
import { startRun, startRuns } from "./start.ts";

const world = withWorld({ policies: 10 });

async function refusal(call: Promise<unknown>): Promise<AppError> {
  const error = await call.then(
    () => new Error("it was accepted"),
    (thrown) => thrown,
  );
  if (!(error instanceof AppError)) throw error;
  return error;
}

describe("Run now", () => {
  test("makes one queued run with its job, and a notification for who asked alone", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id, { name: "Mine" });
    const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
    expect(run).toMatchObject({
      status: "running",
      started_at: null,
      trigger: "manual",
      backup_schedule_id: schedule.id,
    });
    const { rows } = await world.admin.query(
      "SELECT j.state, j.data FROM pgboss.job j JOIN backup_schedule_runs r ON r.job_id = j.id WHERE r.id = $1",
      [run.id],
    );
    expect(rows).toEqual([{ state: "created", data: { run_id: run.id } }]);
    const mine = await listNotifications(actors.operator, id, {});
    expect(mine.items[0]).toMatchObject({ kind: "run.started", body: '"Mine" was started.', read_at: null });
    expect((await listNotifications(actors.owner, id, {})).items).toEqual([]);
  });

  test("while a run is active answers with that run; at once from two sides, one starts", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    const both = await Promise.allSettled([
      startRun(actors.operator, id, { schedule_id: schedule.id }),
      startRun(actors.manager, id, { schedule_id: schedule.id }),
    ]);
    expect(both.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
    const third = await refusal(startRun(actors.operator, id, { schedule_id: schedule.id }));
    expect(third.code).toBe("RUN_ACTIVE");
    expect(third.details?.run).toMatchObject({ status: "running", backup_schedule_id: schedule.id });
  });

  test("is refused to readonly and writes nothing", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    expect((await refusal(startRun(actors.readonly, id, { schedule_id: schedule.id }))).code).toBe(
      "FORBIDDEN",
    );
    const { rows } = await world.admin.query(
      "SELECT 1 FROM backup_schedule_runs WHERE backup_schedule_id = $1",
      [schedule.id],
    );
    expect(rows).toEqual([]);
  });

  test("in bulk says of each what became of it, in one notification", async () => {
    const { id, actors } = world.tenant;
    const free = await makeSchedule(actors.manager, id, { name: "Free" });
    const busy = await makeSchedule(actors.manager, id, { name: "Busy" });
    const theirs = await makeSchedule(world.foreign.actors.manager, world.foreign.id);
    const active = await startRun(actors.manager, id, { schedule_id: busy.id });
    const before = (await listNotifications(actors.operator, id, { limit: 200 })).items.length;
    const result = await startRuns(actors.operator, id, { schedule_ids: [free.id, busy.id, theirs.id] });
    expect(result).toMatchObject({ started: 1, already_running: 1, refused: 1 });
    expect(result.results).toMatchObject([
      { schedule_id: free.id, outcome: "started" },
      { schedule_id: busy.id, outcome: "already_running", run_id: active.id },
      { schedule_id: theirs.id, outcome: "refused", run_id: null },
    ]);
    const { items } = await listNotifications(actors.operator, id, { limit: 200 });
    expect(items).toHaveLength(before + 1);
    expect(items[0]).toMatchObject({
      kind: "run.bulk_started",
      body: "1 started, 1 was already running, 1 was refused.",
      data: { started: 1, already_running: 1, refused: 1 },
    });
  });
});

describe("Retry", () => {
  test("of a schedule that never ran is refused; of an ended run, makes a new one and notifies", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    expect((await refusal(retryRun(actors.operator, id, { schedule_id: schedule.id }))).code).toBe(
      "NOTHING_TO_RETRY",
    );
    const first = await startRun(actors.operator, id, { schedule_id: schedule.id });
    expect((await refusal(retryRun(actors.operator, id, { schedule_id: schedule.id }))).code).toBe(
      "RUN_ACTIVE",
    );
    await cancelRun(actors.operator, id, { run_id: first.id });
    const retry = await retryRun(actors.operator, id, { schedule_id: schedule.id, run_id: first.id });
    expect(retry).toMatchObject({ trigger: "retry", retry_of_run_id: first.id, status: "running" });
    const { items } = await listNotifications(actors.operator, id, {});
    expect(items[0]).toMatchObject({ kind: "run.started", title: "Retry started" });
  });

  test("in bulk starts what has ended, and says of the others why not", async () => {
    const { id, actors } = world.tenant;
    const ended = await makeSchedule(actors.manager, id);
    const fresh = await makeSchedule(actors.manager, id);
    const first = await startRun(actors.operator, id, { schedule_id: ended.id });
    await cancelRun(actors.operator, id, { run_id: first.id });
    const result = await retryRuns(actors.operator, id, { schedule_ids: [ended.id, fresh.id] });
    expect(result.results.map(({ outcome }) => outcome)).toEqual(["started", "refused"]);
    const { items } = await listNotifications(actors.operator, id, {});
    expect(items[0]).toMatchObject({ title: "Retry", body: "1 started, 1 was refused." });
  });
});

test("notifications are marked as read by their owner only", async () => {
  const { id, actors } = world.tenant;
  const countUnread = async () => (await tenantAttention(actors.operator, id, {})).unread_notifications;
  const unread = await countUnread();
  expect(unread).toBeGreaterThan(0);
  const { items } = await listNotifications(actors.operator, id, {});
  const ids = items.slice(0, 1).map((item) => item.id);
  expect(await markNotificationsRead(actors.manager, id, { notification_ids: ids })).toEqual({ marked: 0 });
  expect(await markNotificationsRead(actors.operator, id, { notification_ids: ids })).toEqual({ marked: 1 });
  expect(await countUnread()).toBe(unread - 1);
  await markNotificationsRead(actors.operator, id, { notification_ids: "all" });
  expect(await countUnread()).toBe(0);
});
