import { beforeEach, describe, expect, test } from "vitest";
import { savePreferences } from "#lib/access/preferences";
import { hashToken, newToken } from "#lib/access/secret-token";
import { listNotifications, markNotificationsRead } from "#lib/notifications/list";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { deleteSchedule, deleteSchedules } from "./delete.ts";
import { setScheduleEnabled, setSchedulesEnabled } from "./set-enabled.ts";

const world = withWorld({ policies: 1 });

/** What the manager is told in the tenant, newest first. */
async function told() {
  const { items } = await listNotifications(world.tenant.actors.manager, world.tenant.id, { limit: 200 });
  return items;
}

async function someSchedules(count: number, is_enabled = true): Promise<number[]> {
  const made: number[] = [];
  for (let i = 0; i < count; i += 1) {
    made.push((await makeSchedule(world.tenant.actors.manager, world.tenant.id, { is_enabled })).id);
  }
  return made;
}

const setEnabled = (schedule_ids: number[], is_enabled: boolean, undo = false) =>
  setSchedulesEnabled(world.tenant.actors.manager, world.tenant.id, { schedule_ids, is_enabled, undo });
const remove = (schedule_ids: number[]) =>
  deleteSchedules(world.tenant.actors.manager, world.tenant.id, { schedule_ids });

beforeEach(async () => {
  await world.admin.query("DELETE FROM notifications");
});

describe("a bulk change", () => {
  test("tells the person who made it once what became of all, and nobody else", async () => {
    const { id, actors } = world.tenant;
    const ids = await someSchedules(3);
    await setEnabled(ids, false);
    const common = {
      kind: "schedule.bulk_changed",
      link: `/tenants/${id}/backup-schedules`,
      read_at: null,
    };
    expect(await told()).toMatchObject([
      {
        ...common,
        title: "Disabled 3 schedules",
        body: "They do not run until enabled again.",
        data: { change: "disabled", changed: 3, already: 0, gone: 0 },
      },
    ]);
    await setEnabled(ids, true);
    await remove(ids);
    expect(await told()).toMatchObject([
      { ...common, title: "Deleted 3 schedules", body: "Their runs and backup sets stay." },
      { ...common, title: "Enabled 3 schedules", body: "They run again at the next occurrence." },
      { title: "Disabled 3 schedules" },
    ]);
    expect((await listNotifications(actors.owner, id, {})).items).toEqual([]);
    expect((await listNotifications(world.foreign.actors.manager, world.foreign.id, {})).items).toEqual([]);
  });

  test("says what it could not change, and why", async () => {
    const ids = await someSchedules(3);
    const [off = 0, gone = 0] = await someSchedules(2, false);
    await remove([gone]);
    await setEnabled([...ids, off, gone], false);
    expect((await told())[0]).toMatchObject({
      title: "Disabled 3 of 5 schedules",
      body: "They do not run until enabled again. 1 was disabled already. 1 no longer exists.",
      data: { changed: 3, already: 1, gone: 1 },
    });
    await remove([...ids.slice(0, 1), gone, 2_000_000]);
    expect((await told())[0]).toMatchObject({
      title: "Deleted 1 of 3 schedules",
      body: "Its runs and backup sets stay. 2 no longer exist.",
    });
  });

  test("that changed nothing says so", async () => {
    const ids = await someSchedules(2);
    await setEnabled(ids, true);
    await remove(ids);
    await remove(ids);
    expect(await told()).toMatchObject([
      { title: "No schedule was deleted", body: "2 no longer exist." },
      { title: "Deleted 2 schedules" },
      { title: "No schedule was enabled", body: "2 were enabled already." },
    ]);
  });

  test("says no more about another tenant's schedules than about ones that never existed", async () => {
    const [own = 0] = await someSchedules(1);
    const theirs = await makeSchedule(world.foreign.actors.manager, world.foreign.id, { name: "Theirs" });
    await setEnabled([own, theirs.id], false);
    await remove([own, theirs.id]);
    const [removed, disabled] = await told();
    expect(removed).toMatchObject({
      title: "Deleted 1 of 2 schedules",
      body: "Its runs and backup sets stay. 1 no longer exists.",
      data: { schedule_ids: [own], gone: 1 },
    });
    expect(disabled).toMatchObject({ title: "Disabled 1 of 2 schedules", data: { schedule_ids: [own] } });
  });

  test("tells nothing when it is refused", async () => {
    const { id, actors } = world.tenant;
    const schedule_ids = await someSchedules(2);
    for (const call of [
      () => deleteSchedules(actors.operator, id, { schedule_ids }),
      () => setSchedulesEnabled(actors.operator, id, { schedule_ids, is_enabled: false }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "FORBIDDEN" });
    }
    const { rows } = await world.admin.query("SELECT 1 FROM notifications");
    expect(rows).toEqual([]);
  });

  test("by a token, or by someone who does not want to hear of it, is done all the same", async () => {
    const { id, actors } = world.tenant;
    const schedule_ids = await someSchedules(2);
    const { rows: tokens } = await world.admin.query(
      "INSERT INTO api_tokens (tenant_id, name, role, token_hash, expires_at) VALUES ($1, 'script', 'manager', $2, now() + interval '1 day') RETURNING id",
      [id, hashToken(newToken())],
    );
    const token = { kind: "token" as const, token_id: tokens[0].id, tenant_id: id };
    const byToken = await setSchedulesEnabled(token, id, { schedule_ids, is_enabled: false });
    expect(byToken.changed).toHaveLength(2);
    await savePreferences(actors.manager, {
      notification: { kind: "schedule.bulk_changed", is_wanted: false },
    });
    try {
      expect((await setEnabled(schedule_ids, true)).changed).toHaveLength(2);
      expect((await setEnabled(schedule_ids, false, true)).changed).toHaveLength(2);
      const { rows } = await world.admin.query("SELECT 1 FROM notifications");
      expect(rows).toEqual([]);
    } finally {
      await savePreferences(actors.manager, {
        notification: { kind: "schedule.bulk_changed", is_wanted: true },
      });
    }
  });
});

test("one schedule acted on alone sends none; one that is not there is not found", async () => {
  const { id, actors } = world.tenant;
  const [schedule_id = 0] = await someSchedules(1);
  const set = (is_enabled: boolean) => setScheduleEnabled(actors.manager, id, { schedule_id, is_enabled });
  expect(await set(false)).toEqual({ changed: [schedule_id], unchanged: [] });
  expect(await set(false)).toEqual({ changed: [], unchanged: [schedule_id] });
  await deleteSchedule(actors.manager, id, { schedule_id });
  await expect(set(true)).rejects.toMatchObject({ code: "NOT_FOUND" });
  const theirs = await makeSchedule(world.foreign.actors.manager, world.foreign.id);
  await expect(
    setScheduleEnabled(actors.owner, id, { schedule_id: theirs.id, is_enabled: false }),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await told()).toEqual([]);
});

describe("the undo of a bulk change", () => {
  test("sends none; the notification of the change says that it was undone", async () => {
    const { id, actors } = world.tenant;
    const ids = await someSchedules(2);
    const { changed } = await setEnabled(ids, false);
    await markNotificationsRead(actors.manager, id, { notification_ids: "all" });
    // The order in which the ids come back plays no part.
    await setEnabled(changed.toReversed(), true, true);
    expect(await told()).toMatchObject([
      {
        title: "Disabled 2 schedules",
        body: "Undone: they are enabled again.",
        data: { changed: 2, undone: 2 },
        read_at: expect.any(String),
      },
    ]);
  });

  test("says how many, when some could not be taken back", async () => {
    const ids = await someSchedules(3);
    const { changed } = await setEnabled(ids, false);
    await remove(ids.slice(0, 1));
    await setEnabled(changed, true, true);
    expect((await told())[1]).toMatchObject({
      title: "Disabled 3 schedules",
      body: "Undone: 2 of 3 are enabled again.",
    });
  });

  test("touches the notification of no other change, and of nobody else", async () => {
    const { id, actors } = world.tenant;
    const ids = await someSchedules(2);
    const others = await someSchedules(2);
    await setEnabled(ids, false);
    await setEnabled(others, false);
    const before = await told();
    // Not the schedules of one change; not one's own change; and a way back that found nothing to take back.
    await setEnabled([...ids, ...others], true, true);
    await setEnabled([...ids, ...others], false, true);
    await setSchedulesEnabled(actors.owner, id, { schedule_ids: ids, is_enabled: true, undo: true });
    await setEnabled(ids, true, true);
    expect(await told()).toEqual(before);
    await setEnabled(others, true, true);
    expect((await told()).map((entry) => entry.body)).toEqual([
      "Undone: they are enabled again.",
      "They do not run until enabled again.",
    ]);
  });
});
