import pg from "pg";
import { describe, expect, test } from "vitest";
import { executorActor } from "#lib/access/actor";
import { savePreferences } from "#lib/access/preferences";
import { type LiveEvent, liveChannel } from "#lib/live/notify";
import { listNotifications } from "#lib/notifications/list";
import { finishRun } from "#lib/runs/finish";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { until, withWorld } from "#lib/testing/world";
import { getSchedule } from "./get.ts";
import type { Schedule } from "./schema.ts";
import { setScheduleEnabled } from "./set-enabled.ts";
import { tick } from "./tick.ts";
import { updateSchedule } from "./update.ts";

const world = withWorld({ policies: 10 });

/** Pauses a schedule by a failed run. */
async function byFailure(schedule: Schedule): Promise<void> {
  const { id, actors } = world.tenant;
  const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
  await finishRun(executorActor, id, {
    run_id: run.id,
    attempt: run.attempt,
    end: { status: "failed", error_code: "UNKNOWN", error_message: "Ended by the test.", types: {} },
  });
}

/** Pauses a schedule by a zone that this runtime does not know. */
async function byZone(schedule: Schedule): Promise<void> {
  await world.admin.query(
    "UPDATE backup_schedules SET timezone = 'Europe/Atlantis', next_run_at = date_trunc('milliseconds', now()) WHERE id = $1",
    [schedule.id],
  );
  await tick();
}

describe.each([
  ["after failures", byFailure],
  ["because its zone is not known any more", byZone],
])("a schedule that is paused %s", (_, pause) => {
  const make = () => makeSchedule(world.tenant.actors.manager, world.tenant.id, { pause_after_failures: 1 });
  const paused = async () => {
    const schedule = await make();
    await pause(schedule);
    return schedule;
  };

  test("is not enabled again by a form that was open before", async () => {
    const { id, actors } = world.tenant;
    const schedule = await paused();
    const saved = updateSchedule(actors.manager, id, {
      schedule_id: schedule.id,
      changes: { name: "Renamed", is_enabled: true, version: schedule.version },
    });
    await expect(saved).rejects.toMatchObject({ code: "EDIT_CONFLICT" });
    const now = await getSchedule(actors.readonly, id, { schedule_id: schedule.id });
    expect(now).toMatchObject({ is_enabled: false, next_run_at: null, version: schedule.version + 1 });
    expect(now.paused_reason).toMatch(/^Paused/);
  });

  test("tells the managers and owners who want to know", async () => {
    const { id, actors } = world.tenant;
    const muted = actors.owner;
    await savePreferences(muted, { notification: { kind: "schedule.paused", is_wanted: false } });
    const schedule = await paused();
    const about = async (actor: typeof actors.owner) =>
      (await listNotifications(actor, id, {})).items.filter(
        (item) => item.kind === "schedule.paused" && item.data.schedule_id === schedule.id,
      );
    expect(await about(actors.manager)).toHaveLength(1);
    expect(await about(muted)).toEqual([]);
    expect(await about(actors.operator)).toEqual([]);
  });

  test("ends its incident when an edit enables it, and its next pause is told as the first was", async () => {
    const { id, actors } = world.tenant;
    const told = async (scheduleId: number) => {
      const { rows } = await world.admin.query<{ kind: string; is_over: boolean }>(
        `SELECT e.kind, i.closed_at IS NOT NULL AS is_over FROM alert_events e JOIN incidents i ON i.id = e.incident_id
         WHERE e.schedule_id = $1 AND i.cause LIKE '%:paused' ORDER BY e.id`,
        [scheduleId],
      );
      return rows.map(({ kind, is_over }) => `${kind}, ${is_over ? "over" : "open"}`);
    };
    const schedule = await paused();
    expect(await told(schedule.id)).toEqual(["schedule.paused, open"]);
    await updateSchedule(actors.manager, id, {
      schedule_id: schedule.id,
      changes: { timezone: "UTC", is_enabled: true },
    });
    const over = ["schedule.paused, over", "schedule.resumed, over"];
    expect(await told(schedule.id)).toEqual(over);
    await pause(schedule);
    expect(await told(schedule.id)).toEqual([...over, "schedule.paused, open"]);
  });

  test("is heard of by open pages", async () => {
    const { id } = world.tenant;
    const schedule = await make();
    const heard: LiveEvent[] = [];
    const listener = new pg.Client({ connectionString: world.database.adminUrl });
    // The connection is cut when a failed test leaves it behind.
    listener.on("error", () => {});
    await listener.connect();
    listener.on("notification", ({ payload }) => heard.push(JSON.parse(payload ?? "{}")));
    await listener.query(`LISTEN ${liveChannel}`);
    await pause(schedule);
    await until("the live event of the pause", async () =>
      heard.some((event) => event.topic === "schedule" && event.id === schedule.id && event.tenant_id === id),
    );
    await listener.end();
  });
});

test("a schedule whose zone is not known is not enabled again: the answer names the field", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  await byZone(schedule);
  const refusal = { code: "VALIDATION_FAILED", errors: [{ path: "timezone" }] };
  const schedule_id = schedule.id;
  await expect(
    updateSchedule(actors.manager, id, { schedule_id, changes: { is_enabled: true } }),
  ).rejects.toMatchObject(refusal);
  await expect(
    setScheduleEnabled(actors.manager, id, { schedule_id, is_enabled: true }),
  ).rejects.toMatchObject(refusal);
  const fixed = await updateSchedule(actors.manager, id, {
    schedule_id,
    changes: { timezone: "UTC", is_enabled: true },
  });
  expect(fixed).toMatchObject({ is_enabled: true, paused_reason: null, next_run_at: expect.any(String) });
});
