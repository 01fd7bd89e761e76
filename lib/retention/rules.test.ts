import { beforeAll, describe, expect, test } from "vitest";
import { retentionActor } from "#lib/access/actor";
import { previewedSets } from "#lib/limits";
import { createSchedule } from "#lib/schedules/create";
import { deleteSchedule } from "#lib/schedules/delete";
import { updateSchedule } from "#lib/schedules/update";
import { pinSet } from "#lib/sets/pin";
import { makeSchedule, plainSchedule } from "#lib/testing/schedules";
import { insertSets } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { applyRetention, previewRetention, sweepRetention } from "./retention.ts";
import { perRule, retentionFieldNames, retentionMax, retentionRules } from "./rules.ts";

const world = withWorld({ policies: 1 });
let scheduleId: number;
let sets: number[];

beforeAll(async () => {
  const { id, actors } = world.tenant;
  scheduleId = (
    await makeSchedule(actors.manager, id, { retention_keep_last: 10, timezone: "Europe/Berlin" })
  ).id;
  // Two a day, at 10:00 and 22:30 UTC (23:30 in Berlin), from 1 January 2026.
  sets = await insertSets(world.admin, {
    tenantId: id,
    scheduleId,
    sets: [1, 2, 3, 4].flatMap((day) => [
      { created_at: new Date(Date.UTC(2026, 0, day, 10)) },
      { created_at: new Date(Date.UTC(2026, 0, day, 22, 30)) },
    ]),
  });
});

const preview = (rules: object) =>
  previewRetention(world.tenant.actors.readonly, world.tenant.id, { schedule_id: scheduleId, ...rules });

describe("preview", () => {
  test("removes nothing that the schedule keeps now", async () => {
    expect((await preview({})).removed).toEqual([]);
  });

  test("names the exact sets that a lower N would remove, and why the others stay", async () => {
    const { removed, kept } = await preview({ retention_keep_last: 2 });
    expect(removed.map((set) => set.id)).toEqual(sets.slice(0, 6).reverse());
    expect(removed[0]).toMatchObject({ schedule_name: "Nightly", status: "success", deleted_at: null });
    expect(kept.map(({ id, reasons }) => ({ id, reasons }))).toEqual([
      { id: sets[7], reasons: ["last_success", "last"] },
      { id: sets[6], reasons: ["last"] },
    ]);
  });

  test("names so many at most and counts all; what only its pin keeps is named, however old it is", async () => {
    const { id, actors } = world.tenant;
    const schedule_id = (await makeSchedule(actors.manager, id)).id;
    const keep = previewedSets + 1;
    const made = await insertSets(world.admin, {
      tenantId: id,
      scheduleId: schedule_id,
      sets: Array.from({ length: 2 * keep + 1 }, (_, hour) => ({
        created_at: new Date(Date.UTC(2026, 0, 1, hour)),
      })),
    });
    const [pinned = 0] = made;
    await pinSet(actors.manager, id, { set_id: pinned });
    const newest = [...made].reverse();
    const { removed_count, removed, kept_count, kept } = await previewRetention(actors.readonly, id, {
      schedule_id,
      retention_keep_last: keep,
    });
    expect([removed_count, kept_count]).toEqual([keep, keep + 1]);
    expect(removed.map((set) => set.id)).toEqual(newest.slice(keep, keep + previewedSets));
    expect(kept.map((set) => set.id)).toEqual([...newest.slice(0, previewedSets), pinned]);
    expect(kept.at(-1)?.reasons).toEqual(["pinned"]);
  });

  test("counts days in the zone that is to be tried", async () => {
    // 22:30 UTC is the next morning in Tokyo: other sets are the newest of their days.
    const { kept } = await preview({
      retention_keep_last: 1,
      retention_keep_daily: 3,
      timezone: "Asia/Tokyo",
    });
    expect(kept.map((set) => set.id)).toEqual([sets[7], sets[6], sets[4]]);
  });

  test("says what applying then does, pins and periods included", async () => {
    await pinSet(world.tenant.actors.manager, world.tenant.id, { set_id: sets[0] ?? 0 });
    const rules = { retention_keep_last: 1, retention_keep_daily: 3 };
    const { removed } = await preview(rules);
    expect(removed.map((set) => set.id)).toEqual([sets[6], sets[4], sets[2], sets[1]]);
    await updateSchedule(world.tenant.actors.manager, world.tenant.id, {
      schedule_id: scheduleId,
      changes: rules,
    });
    const applied = await applyRetention(retentionActor, world.tenant.id, { backup_schedule_id: scheduleId });
    expect([...applied.removed].reverse()).toEqual(removed.map((set) => set.id));
    expect((await preview({})).removed).toEqual([]);
  });

  test("and what it names goes on where the schedule's zone is not known any more", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id, {
      retention_keep_last: 1,
      retention_keep_daily: 2,
    });
    const made = await insertSets(world.admin, {
      tenantId: id,
      scheduleId: schedule.id,
      sets: [8, 9, 10, 11].map((hour) => ({
        created_at: new Date(Date.UTC(2026, 0, hour < 10 ? 1 : 2, hour)),
      })),
    });
    await world.admin.query("UPDATE backup_schedules SET timezone = 'Europe/Atlantis' WHERE id = $1", [
      schedule.id,
    ]);
    const { removed } = await previewRetention(actors.readonly, id, { schedule_id: schedule.id });
    expect(removed.map((set) => set.id)).toEqual([made[2], made[0]]);
    await sweepRetention();
    const { rows } = await world.admin.query(
      "SELECT id FROM backup_sets WHERE backup_schedule_id = $1 AND deleted_at IS NULL ORDER BY id",
      [schedule.id],
    );
    expect(rows.map((row) => row.id)).toEqual([made[1], made[3]]);
  });

  test.each([
    [{ retention_keep_last: 0 }, "retention_keep_last"],
    [{ retention_keep_daily: -1 }, "retention_keep_daily"],
  ])("refuses %j", async (rules, path) => {
    await expect(preview(rules)).rejects.toMatchObject({ code: "VALIDATION_FAILED", errors: [{ path }] });
  });

  test("there is none of a deleted or a foreign schedule", async () => {
    const gone = await makeSchedule(world.tenant.actors.manager, world.tenant.id);
    await deleteSchedule(world.tenant.actors.manager, world.tenant.id, { schedule_id: gone.id });
    for (const schedule_id of [gone.id, 999_999]) {
      const call = previewRetention(world.tenant.actors.owner, world.tenant.id, { schedule_id });
      await expect(call).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    const foreign = previewRetention(world.foreign.actors.owner, world.foreign.id, {
      schedule_id: scheduleId,
    });
    await expect(foreign).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("the rules of a schedule", () => {
  test("are off unless set, and come back as they were set", async () => {
    const { actors, id } = world.tenant;
    const plain = await createSchedule(actors.manager, id, plainSchedule);
    expect(plain).toMatchObject(perRule((rule) => rule.default));
    const rules = Object.fromEntries(retentionFieldNames.map((field, index) => [field, index + 2]));
    expect(await createSchedule(actors.manager, id, { ...plainSchedule, ...rules })).toMatchObject(rules);
    const changed = await updateSchedule(actors.manager, id, {
      schedule_id: plain.id,
      changes: { retention_keep_weekly: 2 },
    });
    expect(changed).toMatchObject({ retention_keep_daily: 0, retention_keep_weekly: 2 });
  });

  test.each(
    retentionFieldNames.flatMap((field) =>
      [retentionRules[field].min - 1, 1.5, retentionMax + 1, "3"].map((value) => ({ field, value })),
    ),
  )("$field $value is refused at its field", async ({ field, value }) => {
    const call = createSchedule(world.tenant.actors.manager, world.tenant.id, {
      ...plainSchedule,
      [field]: value,
    });
    await expect(call).rejects.toMatchObject({ code: "VALIDATION_FAILED", errors: [{ path: field }] });
  });

  test("have columns with the same defaults, and the database refuses what is out of bounds", async () => {
    const { rows } = await world.admin.query<{ name: string; preset: string }>(
      `SELECT column_name AS name, column_default AS preset FROM information_schema.columns
       WHERE table_name = 'backup_schedules' AND column_name LIKE 'retention\\_keep\\_%'`,
    );
    expect(Object.fromEntries(rows.map(({ name, preset }) => [name, Number(preset)]))).toEqual(
      perRule((rule) => rule.default),
    );
    for (const field of retentionFieldNames) {
      const { min } = retentionRules[field];
      const set = (value: number) =>
        world.admin.query(`UPDATE backup_schedules SET ${field} = $1 WHERE id = $2`, [value, scheduleId]);
      await expect(set(min - 1), field).rejects.toThrow(/check constraint/);
      await set(min);
    }
  });
});
