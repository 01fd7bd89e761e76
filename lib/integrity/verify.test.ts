import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { verifierActor } from "#lib/access/actor";
import { listIncidents } from "#lib/alerts/incidents";
import { listAuditLog } from "#lib/audit/list";
import { listNotifications } from "#lib/notifications/list";
import { removeSet, restoreSet } from "#lib/sets/bin";
import { listBackupItems } from "#lib/sets/items";
import type { BackupItemView } from "#lib/sets/schema";
import { getBackupSet, listBackupSets } from "#lib/sets/sets";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, isolateItems, makeSet } from "#lib/testing/sets";
import { until, withWorld } from "#lib/testing/world";
import { watchVerification } from "./overdue.ts";
import { verifyAllTenants, verifySet, verifyTenant } from "./verify.ts";

const world = withWorld({ policies: 60 });
let scheduleId: number;
let setId: number;
let items: BackupItemView[];

beforeAll(async () => {
  const { id, actors } = world.tenant;
  scheduleId = (await makeSchedule(actors.manager, id, { include_foundations: true })).id;
  setId = await makeSet(world.tenant, scheduleId);
  items = (await listBackupItems(actors.readonly, id, { set_id: setId, limit: 200 })).items;
  await world.admin.query(
    "CREATE TABLE saved_sets AS TABLE backup_sets; CREATE TABLE saved_items AS TABLE item_ranges; CREATE TABLE saved_snapshots AS TABLE snapshots",
  );
});

/** Puts every row back as it was captured. */
async function restore(): Promise<void> {
  for (const [table, saved] of [
    ["backup_sets", "saved_sets"],
    ["item_ranges", "saved_items"],
    ["snapshots", "saved_snapshots"],
  ]) {
    await behindTheGuards(world.admin, `DELETE FROM ${table}`);
    await behindTheGuards(world.admin, `INSERT INTO ${table} SELECT * FROM ${saved}`);
  }
}
afterEach(restore);

const harm = (sql: string, values: unknown[] = []) => behindTheGuards(world.admin, sql, values);
const verify = () => verifySet(world.tenant.actors.operator, world.tenant.id, { set_id: setId });
const victim = (): BackupItemView => {
  const found = items.find((item) => item.kind === "policy");
  if (!found) throw new Error("the set is empty");
  return found;
};

describe("a whole set", () => {
  test("is found whole; the result is on the set and in the audit log", async () => {
    expect(items.length).toBeGreaterThan(20);
    expect(await verify()).toMatchObject({ set_id: setId, status: "ok", fault_count: 0, faults: [] });
    const { actors, id } = world.tenant;
    const set = await getBackupSet(actors.readonly, id, { set_id: setId });
    expect(set).toMatchObject({ verify_status: "ok", verify_result: { status: "ok", faults: [] } });
    expect(Date.now() - new Date(set.verified_at ?? 0).getTime()).toBeLessThan(60_000);
    const { items: entries } = await listAuditLog(actors.readonly, id, { action: "set.verified" });
    expect(entries[0]).toMatchObject({ target_kind: "set", target_id: setId, actor_kind: "user" });
  });

  test("may be verified by an operator, not by a reader", async () => {
    const call = verifySet(world.tenant.actors.readonly, world.tenant.id, { set_id: setId });
    await expect(call).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  test("of another tenant does not exist", async () => {
    const call = verifySet(world.foreign.actors.owner, world.foreign.id, { set_id: setId });
    await expect(call).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("damage to stored bytes", () => {
  test("any single flipped bit is found, in the item that it belongs to and no other", async () => {
    for (let round = 0; round < 40; round += 1) {
      const item = items[round % items.length];
      if (!item) throw new Error("the set is empty");
      await harm(
        `UPDATE snapshots SET content = set_bit(content, ((length(content) * 8 - 1) * $2::float8)::int,
           1 - get_bit(content, ((length(content) * 8 - 1) * $2::float8)::int)) WHERE sha256 = $1`,
        [item.sha256, (round * 0.618034) % 1],
      );
      const result = await verify();
      expect(result.status, `round ${round}`).toBe("damaged");
      expect(result.faults.map((fault) => fault.item_id)).toEqual(
        items.filter((each) => each.sha256 === item.sha256).map((each) => each.id),
      );
      expect(result.faults[0]).toMatchObject({
        problem: "snapshot_damaged",
        display_name: item.display_name,
        graph_id: item.graph_id,
        policy_type: item.policy_type,
      });
      await restore();
    }
  }, 120_000);

  test.each([
    [
      "truncated",
      "UPDATE snapshots SET content = substr(content, 1, length(content) - 1) WHERE sha256 = $1",
      "snapshot_damaged",
    ],
    ["emptied", "UPDATE snapshots SET content = '' WHERE sha256 = $1", "snapshot_damaged"],
    [
      "replaced by another policy's",
      "UPDATE snapshots s SET content = o.content FROM (SELECT content FROM snapshots WHERE sha256 <> $1 LIMIT 1) o WHERE s.sha256 = $1",
      "snapshot_damaged",
    ],
    [
      "called otherwise encoded",
      "UPDATE snapshots SET encoding = 'gzip' WHERE sha256 = $1",
      "snapshot_damaged",
    ],
    [
      "of another recorded size",
      "UPDATE snapshots SET bytes_logical = bytes_logical # 4 WHERE sha256 = $1",
      "snapshot_damaged",
    ],
    ["deleted", "DELETE FROM snapshots WHERE sha256 = $1", "snapshot_missing"],
    [
      "under a changed hash",
      "UPDATE snapshots SET sha256 = translate(sha256, '0123456789abcdef', '123456789abcdef0') WHERE sha256 = $1",
      "snapshot_missing",
    ],
  ])("a snapshot that is %s is found", async (_what, sql, problem) => {
    const item = victim();
    expect(await harm(sql, [item.sha256])).toBe(1);
    const { fault_count, faults } = await verify();
    expect(faults).toMatchObject([{ problem, item_id: item.id, display_name: item.display_name }]);
    expect(fault_count).toBe(1);
  });
});

describe("damage to the record of an item", () => {
  test.each([
    ["kind = 'foundation'"],
    ["policy_type = 'windowsUpdateRing'"],
    ["graph_id = graph_id || ' '"],
    ["display_name = overlay(display_name PLACING '~' FROM 1)"],
    ["sha256 = reverse(sha256)"],
    [`volatile = volatile || '{"x": 1}'`],
    [`children = children || '{"x": 1}'`],
    ["notes = notes || 'x'::text"],
    ["seal = set_bit(seal, 77, 1 - get_bit(seal, 77))"],
  ])("%s is found, and names the item", async (change) => {
    const item = victim();
    expect(await harm(`UPDATE item_ranges SET ${change} WHERE id = $1`, [item.id])).toBe(1);
    const { status, faults } = await verify();
    expect(status).toBe("damaged");
    expect(faults[0]).toMatchObject({ problem: "item_damaged", item_id: item.id });
    expect(new Set(faults.map((fault) => fault.item_id ?? item.id))).toEqual(new Set([item.id]));
  });

  test("each single deleted one is found and named, though no other set is there to compare", async () => {
    for (const item of items) {
      await harm("DELETE FROM item_ranges WHERE id = $1", [item.id]);
      const { faults } = await verify();
      expect(faults).toMatchObject([
        {
          problem: "item_missing",
          policy_type: item.policy_type,
          graph_id: item.graph_id,
          display_name: item.display_name,
          sha256: item.sha256,
        },
      ]);
      await restore();
    }
  }, 120_000);

  test("several deleted ones of one type are counted, and named, whether or not another set has them", async () => {
    const type = Object.entries(Object.groupBy(items, (item) => item.policy_type)).find(
      ([, group]) => (group?.length ?? 0) > 3,
    )?.[0];
    const lost = items.filter((item) => item.policy_type === type).slice(0, 3);
    const names = lost.map((item) => item.graph_id).sort();
    const remove = () => harm("DELETE FROM item_ranges WHERE id = ANY($1)", [lost.map((item) => item.id)]);
    const lostNow = async () => (await verify()).faults.map((fault) => fault.graph_id).sort();
    await remove();
    expect(await verify()).toMatchObject({ status: "damaged", fault_count: 3 });
    expect(await lostNow()).toEqual(names);
    await restore();
    // Without their snapshots only their number is known, unless another set has them.
    const removeAll = async () => {
      await remove();
      await harm("DELETE FROM snapshots WHERE sha256 = ANY($1)", [lost.map((item) => item.sha256)]);
    };
    await removeAll();
    const alone = await verify();
    expect(alone).toMatchObject({ status: "damaged", fault_count: 3 });
    expect(alone.faults.map((fault) => fault.display_name)).toEqual([null, null, null]);
    await restore();
    const next = await makeSet(world.tenant, scheduleId);
    await isolateItems(world.admin, setId);
    await removeAll();
    expect(await lostNow()).toEqual(names);
    expect(next).toBeGreaterThan(setId);
  });

  test("one that was added is found", async () => {
    await harm(
      `INSERT INTO item_ranges (tenant_id, backup_schedule_id, from_set_id, kind, policy_type, graph_id, display_name, sha256, seal)
       SELECT tenant_id, backup_schedule_id, from_set_id, kind, policy_type, 'added', 'Added', sha256, seal FROM item_ranges WHERE id = $1`,
      [victim().id],
    );
    const { faults } = await verify();
    expect(faults[0]).toMatchObject({ problem: "item_damaged", graph_id: "added" });
    expect(faults.map((fault) => fault.problem)).toContain("set_damaged");
  });
});

describe("damage to the record of a set", () => {
  test.each([
    ["item_count = item_count - 1"],
    ["item_count = 0"],
    ["manifest_sha256 = reverse(manifest_sha256)"],
    ["status = 'partial'"],
    ["bytes_stored = bytes_stored # 1"],
    ["bytes_logical = 0"],
    ["created_at = created_at + interval '1 second'"],
    [`manifest = jsonb_set(manifest, '{types,settingsCatalogPolicy,expected}', '1')`],
    ["item_parity = NULL"],
    ["seal = set_bit(seal, 0, 1 - get_bit(seal, 0))"],
  ])("%s is found", async (change) => {
    await harm(`UPDATE backup_sets SET ${change} WHERE id = $1`, [setId]);
    const { status, faults } = await verify();
    expect(status).toBe("damaged");
    expect(faults.map((fault) => fault.problem)).toContain("set_damaged");
  });

  test("a set without any of its items is damaged", async () => {
    await harm("DELETE FROM item_ranges WHERE backup_schedule_id = $1", [scheduleId]);
    expect(await verify()).toMatchObject({ status: "damaged", fault_count: items.length });
  });
});

describe("a damaged set", () => {
  test("is shown on the set and in lists, audited, and told to managers and owners once", async () => {
    const { actors, id } = world.tenant;
    const heard = async (role: "operator" | "manager" | "owner") =>
      (await listNotifications(actors[role], id, {})).items.filter((each) => each.kind === "set.damaged");
    await world.admin.query("DELETE FROM notifications");
    await harm("DELETE FROM snapshots WHERE sha256 = $1", [victim().sha256]);
    await verify();
    await verify();
    const set = (await listBackupSets(actors.readonly, id, {})).items.find((each) => each.id === setId);
    expect(set?.verify_status).toBe("damaged");
    for (const role of ["manager", "owner"] as const) {
      const [newest] = await heard(role);
      expect((await heard(role)).length).toBe(1);
      expect(newest).toMatchObject({
        title: "Backup set damaged",
        link: `/tenants/${id}/backup-sets/${setId}`,
      });
      expect(newest?.body).toContain(victim().display_name);
    }
    expect(await heard("operator")).toEqual([]);
    const { items: entries } = await listAuditLog(actors.readonly, id, { action: "set.damaged" });
    expect(entries[0]).toMatchObject({ target_id: setId, details: { fault_count: 1 } });
  });
});

describe("the incident of damaged sets", () => {
  /** What was told of them since the last call. */
  const told = async () =>
    (await world.admin.query("DELETE FROM alert_events WHERE kind LIKE 'set.%' RETURNING kind")).rows.map(
      (row) => row.kind,
    );
  const open = async () =>
    (await listIncidents(world.tenant.actors.readonly, world.tenant.id, {})).items.filter(
      (incident) => incident.cause === "sets",
    );
  const damage = (set: number) =>
    harm("UPDATE backup_sets SET item_count = item_count + 1 WHERE id = $1", [set]);
  /** As retention removes it. */
  const remove = () => harm("UPDATE backup_sets SET deleted_at = now() WHERE id = $1", [setId]);
  beforeEach(async () => {
    await world.admin.query("DELETE FROM alert_events; DELETE FROM incidents");
  });

  test.each<[string, (other: number) => Promise<unknown>]>([
    [
      "when somebody removes it",
      () => removeSet(world.tenant.actors.manager, world.tenant.id, { set_id: setId }),
    ],
    [
      "when retention removed it, with the next pass",
      () => remove().then(() => verifyTenant(verifierActor, world.tenant.id, {})),
    ],
    [
      "when retention removed it, with another's verification",
      (set_id) => remove().then(() => verifySet(verifierActor, world.tenant.id, { set_id })),
    ],
    ["when retention removed it, with the day", () => remove().then(() => watchVerification())],
  ])("ends with the last of them, %s, and then damage to another one is told", async (_when, end) => {
    const other = await makeSet(world.tenant, scheduleId);
    await damage(setId);
    await verify();
    expect([await told(), (await open()).length]).toEqual([["set.damaged"], 1]);
    await end(other);
    expect([await told(), await open()]).toEqual([["set.healed"], []]);
    await damage(other);
    await verifyTenant(verifierActor, world.tenant.id, {});
    expect([await told(), (await open()).length]).toEqual([["set.damaged"], 1]);
    await watchVerification();
    expect([await told(), (await open()).length]).toEqual([[], 1]);
  });

  test("is not opened by a set in the bin, whose damage managers and owners hear of all the same", async () => {
    await world.admin.query("DELETE FROM notifications");
    await makeSet(world.tenant, scheduleId);
    await remove();
    await damage(setId);
    expect((await verify()).status).toBe("damaged");
    expect([await told(), await open()]).toEqual([[], []]);
    const { items: heard } = await listNotifications(world.tenant.actors.owner, world.tenant.id, {});
    expect(heard.map((each) => each.kind)).toContain("set.damaged");
  });

  test("counts once what two verifications find at the same time, and managers and owners hear of it once", async () => {
    await world.admin.query("DELETE FROM notifications");
    await damage(setId);
    const holder = await world.admin.connect();
    try {
      await holder.query("BEGIN");
      await holder.query("SELECT FROM backup_sets WHERE id = $1 FOR UPDATE", [setId]);
      const both = Promise.all([verify(), verify()]);
      await until("both have inspected the set", async () => {
        const { rowCount } = await world.admin.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rowCount === 2;
      });
      await holder.query("COMMIT");
      expect((await both).map((found) => found.status)).toEqual(["damaged", "damaged"]);
    } finally {
      await holder.query("ROLLBACK");
      holder.release();
    }
    expect(await open()).toMatchObject([{ count: 1 }]);
    const { items: heard } = await listNotifications(world.tenant.actors.owner, world.tenant.id, {});
    expect(heard.filter((each) => each.kind === "set.damaged")).toHaveLength(1);
  });

  test("is open again as soon as its set is out of the bin; one that is whole opens none", async () => {
    const { id, actors } = world.tenant;
    const whole = await makeSet(world.tenant, scheduleId);
    await makeSet(world.tenant, scheduleId);
    await damage(setId);
    await verify();
    expect(await told()).toEqual(["set.damaged"]);
    for (const set_id of [setId, whole]) await removeSet(actors.manager, id, { set_id });
    expect([await told(), await open()]).toEqual([["set.healed"], []]);
    await restoreSet(actors.manager, id, { set_id: whole });
    expect([await told(), await open()]).toEqual([[], []]);
    await restoreSet(actors.manager, id, { set_id: setId });
    expect(await told()).toEqual(["set.damaged"]);
    expect(await open()).toMatchObject([
      { kind: "set.damaged", title: "Backup set damaged", link: `/tenants/${id}/backup-sets/${setId}` },
    ]);
    await watchVerification();
    expect([await told(), (await open()).length]).toEqual([[], 1]);
  });
});

describe("the weekly pass", () => {
  test("verifies every live set of every tenant, and one that begins again goes on with what is left", async () => {
    const other = await makeSchedule(world.foreign.actors.manager, world.foreign.id);
    const foreignSet = await makeSet(world.foreign, other.id);
    await harm("UPDATE backup_sets SET verified_at = NULL, verify_result = NULL");
    await harm("DELETE FROM snapshots WHERE sha256 = $1 AND tenant_id = $2", [
      victim().sha256,
      world.tenant.id,
    ]);
    const pass = await verifyAllTenants();
    expect(pass).toMatchObject({ tenants: 2, stopped: false });
    expect(pass.sets).toBeGreaterThanOrEqual(2);
    expect(pass.damaged).toBeGreaterThanOrEqual(1);
    const foreign = await getBackupSet(world.foreign.actors.readonly, world.foreign.id, {
      set_id: foreignSet,
    });
    expect(foreign.verify_status).toBe("ok");
    expect(await verifyAllTenants()).toMatchObject({ sets: 0, stopped: false });
  });

  test("leaves one entry in the audit log, and one for each damaged set", async () => {
    const { id, actors } = world.tenant;
    const second = await makeSet(world.tenant, scheduleId);
    await harm("UPDATE backup_sets SET verified_at = NULL, verify_result = NULL");
    const before = await listAuditLog(actors.readonly, id, { limit: 1 });
    await verifyAllTenants();
    const since = async (entry: number | undefined) => {
      const { items: entries } = await listAuditLog(actors.readonly, id, { limit: 20 });
      return entries
        .filter((each) => each.id > (entry ?? 0))
        .map(({ action, target_id, details }) => ({ action, target_id, details }));
    };
    expect(await since(before.items[0]?.id)).toEqual([
      { action: "sets.verified", target_id: null, details: { sets: 2, damaged: 0 } },
    ]);
    await harm("UPDATE backup_sets SET verified_at = NULL");
    await harm("UPDATE backup_sets SET item_count = item_count + 1 WHERE id = $1", [second]);
    const whole = await listAuditLog(actors.readonly, id, { limit: 1 });
    await verifyAllTenants();
    expect(await since(whole.items[0]?.id)).toMatchObject([
      { action: "sets.verified", details: { sets: 2, damaged: 1 } },
      { action: "set.damaged", target_id: second },
    ]);
  });

  test("goes on past a tenant that is in trouble, and reports it at the end", async () => {
    const other = await makeSchedule(world.foreign.actors.manager, world.foreign.id);
    const foreignSet = await makeSet(world.foreign, other.id);
    await harm("UPDATE backup_sets SET verified_at = NULL, verify_result = NULL");
    await world.admin.query(`
      CREATE FUNCTION refuse_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'this verdict cannot be written'; END $$;
      CREATE TRIGGER refuse_verdict BEFORE UPDATE ON backup_sets FOR EACH ROW
        WHEN (OLD.tenant_id = ${world.tenant.id}) EXECUTE FUNCTION refuse_verdict()`);
    try {
      await expect(verifyAllTenants()).rejects.toBeInstanceOf(AggregateError);
    } finally {
      await world.admin.query("DROP TRIGGER refuse_verdict ON backup_sets");
    }
    const { actors, id } = world.foreign;
    expect(await getBackupSet(actors.readonly, id, { set_id: foreignSet })).toMatchObject({
      verify_status: "ok",
    });
  });

  test("stops when the worker is asked to", async () => {
    await harm("UPDATE backup_sets SET verified_at = NULL");
    expect(await verifyAllTenants(AbortSignal.abort())).toMatchObject({ sets: 0, stopped: true });
  });

  test("names the same items as verifying the set alone", async () => {
    await harm("UPDATE snapshots SET content = '\\x00' WHERE sha256 = $1", [victim().sha256]);
    const alone = await verify();
    const all = await verifyTenant(verifierActor, world.tenant.id, {});
    expect(all.find((set) => set.set_id === setId)?.faults).toEqual(alone.faults);
  });
});
