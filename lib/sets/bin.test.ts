import { beforeEach, describe, expect, test } from "vitest";
import { retentionActor } from "#lib/access/actor";
import { listAuditLog } from "#lib/audit/list";
import { verifySets } from "#lib/integrity/verify";
import { applyRetention, purgeBin } from "#lib/retention/retention";
import { deleteSchedule } from "#lib/schedules/delete";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, insertSets, isolateItems } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { removeSet, restoreSet } from "./bin.ts";
import { pinSet, unpinSet } from "./pin.ts";
import { getBackupSet, listBackupSets } from "./sets.ts";
import { getSetsOverview } from "./sets-overview.ts";

const world = withWorld({ policies: 1 });
let scheduleId: number;
let oldest: number;
let middle: number;
let newest: number;

beforeEach(async () => {
  const { id, actors } = world.tenant;
  scheduleId = (await makeSchedule(actors.manager, id, { retention_keep_last: 1 })).id;
  const sets = [1, 2, 3].map((day) => ({ created_at: new Date(Date.UTC(2026, 0, day)) }));
  [oldest = 0, middle = 0, newest = 0] = await insertSets(world.admin, {
    tenantId: id,
    scheduleId,
    sets,
    items: 3,
  });
});

const as = (role: "operator" | "manager" | "readonly") =>
  [world.tenant.actors[role], world.tenant.id] as const;
const ids = async (bin: boolean) =>
  (await listBackupSets(...as("readonly"), { schedule_id: scheduleId, bin })).items.map((set) => set.id);
const retain = () => applyRetention(retentionActor, world.tenant.id, { backup_schedule_id: scheduleId });
const newestAudit = async (action: string) =>
  (await listAuditLog(...as("readonly"), { action, limit: 1 })).items[0];

describe("pin", () => {
  test("keeps a set from retention until it is unpinned; both are audited, once", async () => {
    const pinned = await pinSet(...as("manager"), { set_id: oldest });
    expect(pinned.pinned_at).not.toBeNull();
    expect(await pinSet(...as("manager"), { set_id: oldest })).toEqual(pinned);
    expect((await retain()).removed).toEqual([middle]);
    expect(await unpinSet(...as("manager"), { set_id: oldest })).toMatchObject({ pinned_at: null });
    expect((await retain()).removed).toEqual([oldest]);
    expect(await newestAudit("set.pinned")).toMatchObject({ target_id: oldest, actor_kind: "user" });
    expect(await newestAudit("set.unpinned")).toMatchObject({ target_id: oldest });
  });

  test("is for managers", async () => {
    await expect(pinSet(...as("operator"), { set_id: oldest })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  test("is refused in the bin", async () => {
    await removeSet(...as("manager"), { set_id: oldest });
    await expect(pinSet(...as("manager"), { set_id: oldest })).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

describe("remove", () => {
  test("moves a set to the bin, from where it can be read and restored", async () => {
    const removed = await removeSet(...as("manager"), { set_id: oldest });
    expect(new Date(removed.purge_after ?? 0).getTime() - new Date(removed.deleted_at ?? 0).getTime()).toBe(
      7 * 86_400_000,
    );
    expect(await ids(false)).toEqual([newest, middle]);
    expect(await ids(true)).toEqual([oldest]);
    expect((await getBackupSet(...as("readonly"), { set_id: oldest })).item_count).toBe(3);
    expect(await newestAudit("set.removed")).toMatchObject({
      target_id: oldest,
      details: { reason: "by hand" },
    });
    await removeSet(...as("manager"), { set_id: oldest });

    const restored = await restoreSet(...as("manager"), { set_id: oldest });
    expect(restored).toMatchObject({ deleted_at: null, purge_after: null });
    expect(await ids(false)).toEqual([newest, middle, oldest]);
    expect(await newestAudit("set.restored")).toMatchObject({ target_id: oldest, details: { pinned: true } });
  });

  test("refuses a pinned set, and the newest complete one of a live schedule", async () => {
    await pinSet(...as("manager"), { set_id: oldest });
    for (const set_id of [oldest, newest]) {
      await expect(removeSet(...as("manager"), { set_id })).rejects.toMatchObject({ code: "CONFLICT" });
    }
    await deleteSchedule(...as("manager"), { schedule_id: scheduleId });
    expect(await removeSet(...as("manager"), { set_id: newest })).toMatchObject({ id: newest });
  });

  test("is for managers, and of the own tenant", async () => {
    for (const call of [removeSet, restoreSet]) {
      await expect(call(...as("operator"), { set_id: oldest })).rejects.toMatchObject({ code: "FORBIDDEN" });
      const foreign = call(world.foreign.actors.owner, world.foreign.id, { set_id: oldest });
      await expect(foreign).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
  });
});

describe("restore", () => {
  test("holds against the next retention, unless it is asked not to pin", async () => {
    expect((await retain()).removed).toEqual([oldest, middle]);
    await restoreSet(...as("manager"), { set_id: oldest });
    await restoreSet(...as("manager"), { set_id: middle, pin: false });
    expect((await retain()).removed).toEqual([middle]);
    expect(await ids(false)).toEqual([newest, oldest]);
  });

  test("is possible for seven days; then the set is gone with the next purge", async () => {
    await retain();
    const age = (set: number, days: number) =>
      behindTheGuards(
        world.admin,
        "UPDATE backup_sets SET deleted_at = now() - make_interval(secs => $2::float8 * 86400) WHERE id = $1",
        [set, days],
      );
    await age(oldest, 7.01);
    await age(middle, 6.99);
    expect((await purgeBin(retentionActor, world.tenant.id, {})).purged).toEqual([oldest]);
    await expect(restoreSet(...as("manager"), { set_id: oldest })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await restoreSet(...as("manager"), { set_id: middle })).toMatchObject({
      id: middle,
      deleted_at: null,
    });
  });
});

describe("the list", () => {
  test("tells the set before, what is never removed, and who moved a set to the bin", async () => {
    const list = async (bin = false) =>
      (await listBackupSets(...as("readonly"), { schedule_id: scheduleId, bin })).items;
    const told = (await list()).map((set) => [set.id, set.previous_set_id, set.is_last_complete]);
    expect(told).toEqual([
      [newest, middle, true],
      [middle, oldest, false],
      [oldest, null, false],
    ]);
    await removeSet(...as("manager"), { set_id: middle });
    expect((await list()).map((set) => set.previous_set_id)).toEqual([oldest, null]);
    await retain();
    expect((await list(true)).map((set) => [set.id, set.removed_by?.kind])).toEqual([
      [middle, "user"],
      [oldest, "system"],
    ]);
    expect(await getBackupSet(...as("readonly"), { set_id: oldest })).toMatchObject({
      removed_by: { kind: "system" },
      is_last_complete: false,
    });
    await deleteSchedule(...as("manager"), { schedule_id: scheduleId });
    expect(await list()).toMatchObject([
      { id: newest, schedule_is_deleted: true, is_last_complete: false, removed_by: null },
    ]);
  });

  test("has counts around it, schedules with their sets, and every damaged set", async () => {
    await removeSet(...as("manager"), { set_id: oldest });
    const before = await getSetsOverview(...as("readonly"), {});
    expect(before.schedules.find((schedule) => schedule.id === scheduleId)).toMatchObject({
      kept: 2,
      binned: 1,
      is_deleted: false,
    });
    expect(before).toMatchObject({ damaged_count: 0, damaged: [] });
    await isolateItems(world.admin, middle);
    await behindTheGuards(
      world.admin,
      "UPDATE item_ranges SET display_name = 'X' WHERE id IN (SELECT id FROM backup_items WHERE backup_set_id = $1)",
      [middle],
    );
    await verifySets(...as("operator"), { set_ids: [oldest, middle, newest] });
    const { damaged_count, damaged } = await getSetsOverview(...as("readonly"), {});
    expect(damaged_count).toBe(1);
    expect(damaged).toMatchObject([{ set_id: middle, is_binned: false, fault_count: 3 }]);
    expect(damaged[0]?.faults[0]).toMatchObject({ problem: "item_damaged", display_name: "X" });
  });
});
