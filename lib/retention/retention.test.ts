import { beforeAll, describe, expect, test } from "vitest";
import { retentionActor } from "#lib/access/actor";
import { listAuditLog } from "#lib/audit/list";
import { executeRun } from "#lib/runs/execute";
import { getRun } from "#lib/runs/get";
import { startRun } from "#lib/runs/start";
import { deleteSchedule } from "#lib/schedules/delete";
import { updateSchedule } from "#lib/schedules/update";
import { getItemContent, listBackupItems } from "#lib/sets/items";
import { listBackupSets } from "#lib/sets/sets";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { applyRetention, purgeBin, sweepRetention } from "./retention.ts";

const world = withWorld({ policies: 30 });

async function runOnce(scheduleId: number): Promise<number> {
  const { id, actors } = world.tenant;
  const run = await startRun(actors.operator, id, { schedule_id: scheduleId });
  const result = await executeRun(id, run.id, new AbortController().signal);
  if (result.kind !== "ended" || !result.backup_set_id)
    throw new Error(`run ended without a set: ${JSON.stringify(result)}`);
  return result.backup_set_id;
}

async function scheduleWithSets(
  count: number,
  keep: number,
): Promise<{ scheduleId: number; sets: number[] }> {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { retention_keep_last: keep });
  const sets: number[] = [];
  for (let i = 0; i < count; i += 1) sets.push(await runOnce(schedule.id));
  return { scheduleId: schedule.id, sets };
}

async function kept(scheduleId: number): Promise<number[]> {
  const { items } = await listBackupSets(world.tenant.actors.readonly, world.tenant.id, {
    schedule_id: scheduleId,
  });
  return items.map((set) => set.id).sort((a, b) => a - b);
}

const apply = (backup_schedule_id: number) =>
  applyRetention(retentionActor, world.tenant.id, { backup_schedule_id });

describe("keep last", () => {
  test("keeps the newest N, names what it removed in the audit log, and repeating it removes nothing", async () => {
    const { scheduleId, sets } = await scheduleWithSets(4, 2);
    expect((await apply(scheduleId)).removed).toEqual(sets.slice(0, 2));
    expect(await kept(scheduleId)).toEqual(sets.slice(2));
    expect((await apply(scheduleId)).removed).toEqual([]);
    const { items } = await listAuditLog(world.tenant.actors.readonly, world.tenant.id, {
      action: "set.removed",
    });
    expect(items.map((entry) => entry.target_id).sort()).toEqual(sets.slice(0, 2));
    expect(items[0]).toMatchObject({ actor_kind: "system", actor_name: "retention" });
  });

  test("never removes a pinned set, and does not count it", async () => {
    const { scheduleId, sets } = await scheduleWithSets(4, 2);
    const [oldest, second, ...newest] = sets;
    await world.admin.query("UPDATE backup_sets SET pinned_at = now() WHERE id = $1", [oldest]);
    expect((await apply(scheduleId)).removed).toEqual([second]);
    expect(await kept(scheduleId)).toEqual([oldest, ...newest]);
  });

  test("never removes the last fully successful set, however many partial ones follow", async () => {
    const { scheduleId, sets } = await scheduleWithSets(1, 1);
    world.sandbox
      .tenant(world.tenant.sandbox.entraTenantId)
      .setPermissions(["DeviceManagementConfiguration.Read.All"]);
    await updateSchedule(world.tenant.actors.manager, world.tenant.id, {
      schedule_id: scheduleId,
      changes: { policy_types: ["deviceCompliancePolicy", "conditionalAccessPolicy"] },
    });
    const partial = [await runOnce(scheduleId), await runOnce(scheduleId)];
    world.sandbox.reset();
    expect((await apply(scheduleId)).removed).toEqual([partial[0]]);
    expect(await kept(scheduleId)).toEqual([sets[0], partial[1]]);
  });

  test("leaves the sets of a deleted schedule alone", async () => {
    const { scheduleId, sets } = await scheduleWithSets(3, 1);
    await deleteSchedule(world.tenant.actors.manager, world.tenant.id, { schedule_id: scheduleId });
    expect((await apply(scheduleId)).removed).toEqual([]);
    expect(await kept(scheduleId)).toEqual(sets);
  });
});

test("nothing is removed in an archived tenant: neither after a run that was under way, nor by the sweep, nor from the bin", async () => {
  const { scheduleId, sets } = await scheduleWithSets(3, 2);
  const { scheduleId: other, sets: old } = await scheduleWithSets(2, 1);
  await apply(other);
  await world.admin.query("UPDATE backup_sets SET deleted_at = now() - interval '8 days' WHERE id = $1", [
    old[0],
  ]);
  const archive = (at: string) =>
    world.admin.query(`UPDATE tenants SET archived_at = ${at} WHERE id = $1`, [world.tenant.id]);
  await archive("now()");
  expect((await apply(scheduleId)).removed).toEqual([]);
  await sweepRetention();
  const { rows } = await world.admin.query(
    "SELECT id, deleted_at IS NULL AS is_live FROM backup_sets WHERE id = ANY($1) ORDER BY id",
    [[...sets, ...old]],
  );
  expect(rows).toEqual([
    ...sets.map((id) => ({ id, is_live: true })),
    { id: old[0], is_live: false },
    { id: old[1], is_live: true },
  ]);
  await archive("NULL");
  await sweepRetention();
  expect(await kept(scheduleId)).toEqual(sets.slice(1));
  expect((await world.admin.query("SELECT FROM backup_sets WHERE id = $1", [old[0]])).rowCount).toBe(0);
});

describe("the bin", () => {
  let scheduleId: number;
  let sets: number[];
  beforeAll(async () => {
    ({ scheduleId, sets } = await scheduleWithSets(3, 1));
    await apply(scheduleId);
  });

  test("is not purged before seven days", async () => {
    expect((await purgeBin(retentionActor, world.tenant.id, {})).purged).toEqual([]);
  });

  test("is purged with its items; snapshots that a kept set needs stay readable", async () => {
    const { id, actors } = world.tenant;
    const { purged } = await purgeBin(retentionActor, id, { older_than_days: 0 });
    expect(purged).toEqual(expect.arrayContaining(sets.slice(0, 2)));
    const { rows } = await world.admin.query(
      "SELECT 1 FROM backup_items WHERE backup_set_id = ANY($1) UNION ALL SELECT 1 FROM backup_sets WHERE id = ANY($1)",
      [purged],
    );
    expect(rows).toEqual([]);
    const last = sets[2] ?? 0;
    const { items } = await listBackupItems(actors.readonly, id, { set_id: last, limit: 200 });
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) await getItemContent(actors.readonly, id, { set_id: last, item_id: item.id });
  });

  test("leaves the purged set's run in the history, without the set", async () => {
    const { rows } = await world.admin.query(
      "SELECT id FROM backup_schedule_runs WHERE backup_schedule_id = $1 AND backup_set_id IS NULL ORDER BY id",
      [scheduleId],
    );
    expect(rows).toHaveLength(2);
    const run = await getRun(world.tenant.actors.readonly, world.tenant.id, { run_id: rows[0].id });
    expect(run).toMatchObject({ status: "success", backup_set_id: null });
  });

  test("takes snapshots that nothing refers to with it, and none that a run in progress has staged", async () => {
    const { id } = world.tenant;
    const orphan = "a".repeat(64);
    const staged = "b".repeat(64);
    for (const sha of [orphan, staged]) {
      await world.admin.query(
        "INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored) VALUES ($1, $2, 'zstd', '', 0, 0)",
        [id, sha],
      );
    }
    const run = await startRun(world.tenant.actors.operator, id, { schedule_id: scheduleId });
    await world.admin.query(
      `INSERT INTO staged_items (tenant_id, run_id, attempt, kind, policy_type, graph_id, display_name, sha256)
       VALUES ($1, $2, 1, 'policy', 'deviceConfiguration', 'x', 'x', $3)`,
      [id, run.id, staged],
    );
    expect((await purgeBin(retentionActor, id, { older_than_days: 0 })).snapshots).toBeGreaterThanOrEqual(1);
    const { rows } = await world.admin.query("SELECT sha256 FROM snapshots WHERE sha256 = ANY($1)", [
      [orphan, staged],
    ]);
    expect(rows).toEqual([{ sha256: staged }]);
  });
});
