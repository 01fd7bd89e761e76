import { expect, test } from "vitest";
import { executorActor } from "#lib/access/actor";
import { getSchedule } from "#lib/schedules/get";
import { scheduleTable } from "#lib/schedules/table";
import { tick } from "#lib/schedules/tick";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { cancelRun } from "./cancel.ts";
import { finishRun } from "./finish.ts";
import { startRun } from "./start.ts";

const world = withWorld({ policies: 10 });

const start = (schedule_id: number) =>
  startRun(world.tenant.actors.operator, world.tenant.id, { schedule_id });

const end = (run: { id: number; attempt: number }, status: "failed" | "canceled") =>
  finishRun(executorActor, world.tenant.id, {
    run_id: run.id,
    attempt: run.attempt,
    end: { status, error_code: "UNKNOWN", error_message: "Ended by the test.", types: {} },
  });

async function lastRun(schedule_id: number) {
  const { id, actors } = world.tenant;
  const { last_run_status, last_run_at } = await getSchedule(actors.readonly, id, { schedule_id });
  return { last_run_status, at: last_run_at !== null };
}

async function makeDue(scheduleId: number): Promise<void> {
  await world.admin.query(
    "UPDATE backup_schedules SET next_run_at = date_trunc('milliseconds', now()) WHERE id = $1",
    [scheduleId],
  );
}

test("a schedule's last run is the one that ended last, whatever ended it", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  expect(await lastRun(schedule.id)).toEqual({ last_run_status: null, at: false });

  await end(await start(schedule.id), "failed");
  expect(await lastRun(schedule.id)).toEqual({ last_run_status: "failed", at: true });

  const queued = await start(schedule.id);
  expect(await lastRun(schedule.id)).toEqual({ last_run_status: "failed", at: true });
  await cancelRun(actors.operator, id, { run_id: queued.id });
  expect(await lastRun(schedule.id)).toEqual({ last_run_status: "canceled", at: true });

  const active = await start(schedule.id);
  await makeDue(schedule.id);
  expect(await tick()).toMatchObject({ skipped: 1 });
  expect(await lastRun(schedule.id)).toEqual({ last_run_status: "skipped", at: true });
  await end(active, "canceled");
  expect(await lastRun(schedule.id)).toEqual({ last_run_status: "canceled", at: true });
});

test("the filter for skipped last runs finds a schedule whose occurrence was skipped", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  await start(schedule.id);
  await makeDue(schedule.id);
  await tick();
  const { rows } = await scheduleTable(actors.readonly, id, { last: "skipped" });
  expect(rows.map((row) => row.id)).toEqual([schedule.id]);
});
