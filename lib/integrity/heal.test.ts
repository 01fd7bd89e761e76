import { buffer } from "node:stream/consumers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { verifierActor } from "#lib/access/actor";
import { listAuditLog } from "#lib/audit/list";
import { compareTenants } from "#lib/compare/by-name";
import { transaction } from "#lib/db/transaction";
import { listNotifications } from "#lib/notifications/list";
import { confirmDamage } from "#lib/sets/damaged-snapshots";
import { exportSet } from "#lib/sets/export";
import { getItemContent, listBackupItems } from "#lib/sets/items";
import type { BackupItemView } from "#lib/sets/schema";
import { getBackupSet } from "#lib/sets/sets";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { verifyAffectedSets, verifySet, verifyTenant } from "./verify.ts";

const world = withWorld({ policies: 60 });
let scheduleId: number;
let setId: number;
let items: BackupItemView[];

beforeAll(async () => {
  const { id, actors } = world.tenant;
  scheduleId = (await makeSchedule(actors.manager, id, { include_foundations: true })).id;
  setId = await makeSet(world.tenant, scheduleId);
  items = (await listBackupItems(actors.readonly, id, { set_id: setId, limit: 200 })).items;
});

const flipBit = (sha256: string, place: number) =>
  behindTheGuards(
    world.admin,
    `UPDATE snapshots SET content = set_bit(content, ((length(content) * 8 - 1) * $2::float8)::int,
       1 - get_bit(content, ((length(content) * 8 - 1) * $2::float8)::int)) WHERE sha256 = $1 AND tenant_id = $3`,
    [sha256, place, world.tenant.id],
  );
const notes = async () =>
  (
    await world.admin.query<{ sha256: string; healed_at: Date | null }>(
      "SELECT sha256, healed_at FROM damaged_snapshots WHERE tenant_id = $1",
      [world.tenant.id],
    )
  ).rows;
const damagedNow = async () =>
  (await notes()).filter((note) => note.healed_at === null).map((note) => note.sha256);
const queued = async () =>
  (
    await world.admin.query(
      "SELECT 1 FROM pgboss.job WHERE name = 'verify-affected' AND data ->> 'tenant_id' = $1",
      [String(world.tenant.id)],
    )
  ).rows.length;
const forget = () =>
  world.admin.query("TRUNCATE damaged_snapshots; DELETE FROM pgboss.job WHERE name = 'verify-affected'");
const aPolicy = (): BackupItemView => {
  const found = items.find((item) => item.kind === "policy");
  if (!found) throw new Error("the set is empty");
  return found;
};

describe("damage heals", () => {
  test("after 1,000 random bit flips: the next run puts every stored copy right, and every set verifies", async () => {
    await forget();
    const { id, actors } = world.tenant;
    const second = await makeSet(world.tenant, scheduleId);
    const hashes = [...new Set(items.map((item) => item.sha256))];
    let seed = 20_261_129;
    const random = () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    for (let flip = 0; flip < 1_000; flip += 1) {
      await flipBit(hashes[Math.floor(random() * hashes.length)] ?? "", random());
    }
    const found = await verifyTenant(verifierActor, id, {});
    expect(found.map((set) => set.status)).toEqual(["damaged", "damaged"]);
    expect((await damagedNow()).length).toBeGreaterThan(hashes.length * 0.9);

    const healing = await makeSet(world.tenant, scheduleId);
    expect(await damagedNow()).toEqual([]);
    expect(await verifyAffectedSets(id)).toEqual({ sets: 2, damaged: 0 });
    expect((await verifyTenant(verifierActor, id, {})).map((set) => [set.set_id, set.status])).toEqual([
      [setId, "ok"],
      [second, "ok"],
      [healing, "ok"],
    ]);
    for (const item of items.slice(0, 20)) {
      await getItemContent(actors.readonly, id, { set_id: setId, item_id: item.id });
    }
  }, 240_000);

  test("a missing stored copy as well", async () => {
    await forget();
    const { sha256 } = aPolicy();
    await behindTheGuards(world.admin, "DELETE FROM snapshots WHERE sha256 = $1 AND tenant_id = $2", [
      sha256,
      world.tenant.id,
    ]);
    await verifySet(verifierActor, world.tenant.id, { set_id: setId });
    expect(await damagedNow()).toEqual([sha256]);
    await makeSet(world.tenant, scheduleId);
    expect(await damagedNow()).toEqual([]);
    expect((await verifySet(verifierActor, world.tenant.id, { set_id: setId })).status).toBe("ok");
  });

  test("the names behind a set's ids as well, damaged or missing", async () => {
    const { id } = world.tenant;
    const { rows } = await world.admin.query<{ names_sha256: string }>(
      "SELECT names_sha256 FROM backup_sets WHERE id = $1",
      [setId],
    );
    const sha256 = rows[0]?.names_sha256 ?? "";
    for (const harm of [
      () => flipBit(sha256, 0.5),
      () =>
        behindTheGuards(world.admin, "DELETE FROM snapshots WHERE sha256 = $1 AND tenant_id = $2", [
          sha256,
          id,
        ]),
    ]) {
      await forget();
      expect(await harm()).toBe(1);
      expect((await verifySet(verifierActor, id, { set_id: setId })).status).toBe("damaged");
      expect(await damagedNow()).toEqual([sha256]);
      await makeSet(world.tenant, scheduleId);
      expect(await damagedNow()).toEqual([]);
      expect((await verifyAffectedSets(id)).sets).toBeGreaterThan(1);
      expect((await verifySet(verifierActor, id, { set_id: setId })).status).toBe("ok");
    }
  });

  test("and damage to a healed copy heals once more", async () => {
    await forget();
    const { sha256 } = aPolicy();
    for (let round = 0; round < 2; round += 1) {
      await flipBit(sha256, 0.5);
      expect((await verifySet(verifierActor, world.tenant.id, { set_id: setId })).status).toBe("damaged");
      await makeSet(world.tenant, scheduleId);
      expect((await verifySet(verifierActor, world.tenant.id, { set_id: setId })).status).toBe("ok");
    }
  });

  test("the set, the audit log, and managers and owners say so, once", async () => {
    await forget();
    const { id, actors } = world.tenant;
    await world.admin.query("DELETE FROM notifications");
    await flipBit(aPolicy().sha256, 0.3);
    await verifySet(verifierActor, id, { set_id: setId });
    await makeSet(world.tenant, scheduleId);
    expect(await queued()).toBeGreaterThanOrEqual(2);
    await verifyAffectedSets(id);
    await verifyAffectedSets(id);
    const { verify_status, verify_result } = await getBackupSet(actors.readonly, id, { set_id: setId });
    expect(verify_status).toBe("ok");
    expect(Date.now() - new Date(verify_result?.healed_at ?? 0).getTime()).toBeLessThan(60_000);
    for (const role of ["manager", "owner"] as const) {
      const heard = (await listNotifications(actors[role], id, {})).items.filter(
        (each) => each.kind === "set.healed",
      );
      expect(heard).toHaveLength(1);
      expect(heard[0]?.title).toMatch(/whole again/);
    }
    const { items: healed } = await listAuditLog(actors.readonly, id, { action: "set.healed" });
    expect(healed.map((entry) => entry.target_id)).toContain(setId);
    const { items: copies } = await listAuditLog(actors.readonly, id, { action: "snapshots.healed" });
    expect(copies[0]).toMatchObject({
      target_kind: "run",
      details: { count: 1, sha256: [aPolicy().sha256] },
    });
    // A later verification remembers it.
    expect((await verifySet(verifierActor, id, { set_id: setId })).healed_at).toBe(verify_result?.healed_at);
  });

  test("a verification whose reading a run has overtaken does not call the healed copy damaged", async () => {
    await forget();
    const { id } = world.tenant;
    const { sha256 } = aPolicy();
    await flipBit(sha256, 0.7);
    await verifySet(verifierActor, id, { set_id: setId });
    await makeSet(world.tenant, scheduleId);
    const still = await transaction({ as: "app", tenant_id: id }, (db) =>
      confirmDamage(db, id, new Map([[sha256, "as it was read before"]]), new Date()),
    );
    expect([...still]).toEqual([]);
    expect(await damagedNow()).toEqual([]);
  });
});

describe("damage is noted, and the sets that it concerns are verified", () => {
  const damage = async () => {
    await forget();
    await flipBit(aPolicy().sha256, 0.9);
  };
  const heal = async () => {
    await makeSet(world.tenant, scheduleId);
    expect(await damagedNow()).toEqual([]);
    await verifyAffectedSets(world.tenant.id);
  };

  test("when somebody reads the policy", async () => {
    await damage();
    const { id, actors } = world.tenant;
    const call = getItemContent(actors.readonly, id, { set_id: setId, item_id: aPolicy().id });
    await expect(call).rejects.toMatchObject({ code: "INTERNAL", message: /is damaged/ });
    expect(await damagedNow()).toEqual([aPolicy().sha256]);
    expect(await queued()).toBe(1);
    const { sets, damaged } = await verifyAffectedSets(id);
    expect(damaged).toBe(sets);
    expect(sets).toBeGreaterThan(1);
    await heal();
  });

  test("until the worker is asked to stop: then no more of them is read, and the next one goes on", async () => {
    await damage();
    const { id, actors } = world.tenant;
    const verifiedAt = async () => (await getBackupSet(actors.readonly, id, { set_id: setId })).verified_at;
    const before = await verifiedAt();
    const call = getItemContent(actors.readonly, id, { set_id: setId, item_id: aPolicy().id });
    await expect(call).rejects.toMatchObject({ code: "INTERNAL" });
    const worker = new AbortController();
    // It is asked once the sets have been found, and before their stored copies are read.
    vi.spyOn(worker.signal, "throwIfAborted").mockImplementationOnce(() =>
      worker.abort(new Error("The worker stops")),
    );
    await expect(verifyAffectedSets(id, worker.signal)).rejects.toThrow("The worker stops");
    expect(await verifiedAt()).toBe(before);
    const { sets, damaged } = await verifyAffectedSets(id);
    expect(damaged).toBe(sets);
    expect(await verifiedAt()).not.toBe(before);
    await heal();
  });

  test("when a set is exported", async () => {
    await damage();
    const { stream } = await exportSet(world.tenant.actors.manager, world.tenant.id, { set_id: setId });
    await buffer(stream);
    expect(await damagedNow()).toEqual([aPolicy().sha256]);
    await heal();
  });

  test("when sets of two tenants are compared", async () => {
    await damage();
    const { id, actors } = world.tenant;
    const other = await makeSchedule(world.foreign.actors.manager, world.foreign.id);
    const foreignSet = await makeSet(world.foreign, other.id);
    await world.admin.query(
      "INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'readonly') ON CONFLICT DO NOTHING",
      [world.foreign.id, actors.manager.user_id],
    );
    await behindTheGuards(
      world.admin,
      `UPDATE item_ranges f SET display_name = i.display_name, policy_type = i.policy_type
       FROM item_ranges i WHERE i.id = $1 AND f.id = (SELECT id FROM backup_items
         WHERE backup_set_id = $2 AND policy_type = i.policy_type ORDER BY id LIMIT 1)`,
      [aPolicy().id, foreignSet],
    );
    await compareTenants(actors.manager, world.foreign.id, {
      set_id: foreignSet,
      with_tenant_id: id,
      with_set_id: setId,
    });
    expect(await damagedNow()).toEqual([aPolicy().sha256]);
    await heal();
  });
});
