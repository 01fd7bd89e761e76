import { beforeAll, describe, expect, test } from "vitest";
import { getStorageOverview } from "#lib/overview/storage";
import { listSchedules } from "#lib/schedules/list";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, insertSets, isolateItems } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { removeSet } from "./bin.ts";
import { getItemContent, listBackupItems } from "./items.ts";
import { getPolicyHistory, searchPolicies } from "./policy-history.ts";
import { getBackupSet, listBackupSets } from "./sets.ts";

const world = withWorld({ policies: 1 });
const day = (n: number) => new Date(Date.UTC(2026, 0, n, 2));
let scheduleId: number;
let sets: number[];

/** Four sets of five policies; policy 4 changes with the second set, 3 with the third, 2 with the fourth. */
beforeAll(async () => {
  const { id, actors } = world.tenant;
  scheduleId = (await makeSchedule(actors.manager, id)).id;
  sets = await insertSets(world.admin, {
    tenantId: id,
    scheduleId,
    sets: [1, 2, 3, 4].map((n) => ({ created_at: day(n) })),
    items: 5,
  });
});

const viewer = () => [world.tenant.actors.readonly, world.tenant.id] as const;
const name = (item: number) => `policy-${scheduleId}-${item}`;
const history = (item: number) =>
  getPolicyHistory(...viewer(), { policy_type: "deviceConfiguration", graph_id: name(item) });

describe("a policy's history", () => {
  test("tells each version by when it first and last appeared, newest first, and each can be read", async () => {
    const { versions, display_name, is_present } = await history(3);
    expect({ display_name, is_present }).toEqual({ display_name: name(3), is_present: true });
    expect(versions).toMatchObject([
      {
        first_set_id: sets[2],
        last_set_id: sets[3],
        set_count: 2,
        first_seen_at: day(3).toISOString(),
        last_seen_at: day(4).toISOString(),
      },
      { first_set_id: sets[0], last_set_id: sets[1], set_count: 2, first_seen_at: day(1).toISOString() },
    ]);
    for (const version of versions) {
      const { sha256, json } = await getItemContent(...viewer(), {
        set_id: version.last_set_id,
        item_id: version.item_id,
      });
      expect(sha256).toBe(version.sha256);
      expect(Buffer.byteLength(json)).toBe(version.bytes_logical);
    }
  });

  test("of one that never changed has one version", async () => {
    expect((await history(0)).versions).toMatchObject([{ set_count: 4 }]);
  });

  test("knows no policy of another tenant, and none that is nowhere", async () => {
    const graph_id = name(0);
    const input = { policy_type: "deviceConfiguration", graph_id };
    const foreign = getPolicyHistory(world.foreign.actors.owner, world.foreign.id, input);
    await expect(foreign).rejects.toMatchObject({ code: "NOT_FOUND" });
    const none = getPolicyHistory(...viewer(), { ...input, graph_id: "nowhere" });
    await expect(none).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("search", () => {
  const search = (input: object) => searchPolicies(...viewer(), input);

  test("finds a policy across sets by any part of its name, once", async () => {
    const found = await search({ search: `POLICY-${scheduleId}-` });
    expect(found.items.map((policy) => [policy.graph_id, policy.versions])).toEqual([
      [name(0), 1],
      [name(1), 1],
      [name(2), 2],
      [name(3), 2],
      [name(4), 2],
    ]);
    expect(found.items[3]).toMatchObject({
      first_seen_at: day(1).toISOString(),
      last_seen_at: day(4).toISOString(),
      last_set_id: sets[3],
    });
  });

  test("takes % and _ for what they are, filters by type, and pages", async () => {
    expect((await search({ search: "policy_%" })).items).toEqual([]);
    expect((await search({ policy_type: "settingsCatalogPolicy" })).items).toEqual([]);
    const first = await search({ limit: 3 });
    const rest = await search({ limit: 3, cursor: first.next_cursor ?? "" });
    expect([...first.items, ...rest.items].map((policy) => policy.graph_id)).toEqual(
      [0, 1, 2, 3, 4].map(name),
    );
    expect(rest.next_cursor).toBeNull();
  });

  test("goes on behind the policy that was seen last, whatever was captured or purged between two pages", async () => {
    const seen = async (between: () => Promise<unknown>) => {
      const ids: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await search({ limit: 2, search: "policy-", ...(cursor ? { cursor } : {}) });
        ids.push(...page.items.map((policy) => policy.graph_id));
        if (page.next_cursor === null) return ids;
        cursor = page.next_cursor;
        await between();
        between = async () => {};
      }
    };
    const newest = sets[3] ?? 0;
    const all = [0, 1, 2, 3, 4].map(name);
    const added = () =>
      behindTheGuards(
        world.admin,
        `INSERT INTO item_ranges (tenant_id, backup_schedule_id, from_set_id, kind, policy_type, graph_id, display_name, sha256, seal)
         SELECT r.tenant_id, backup_schedule_id, $1, r.kind, r.policy_type, 'new', 'A policy-', r.sha256, ''
         FROM item_ranges r JOIN backup_items USING (id) WHERE backup_set_id = $1 ORDER BY id LIMIT 1`,
        [newest],
      );
    expect(await seen(added)).toEqual(all);
    const gone = () => behindTheGuards(world.admin, "DELETE FROM item_ranges WHERE graph_id = 'new'");
    expect(await seen(gone)).toEqual(["new", ...all]);
  });

  test("of a set's items takes % and _ for what they are, too", async () => {
    const found = async (search: string) =>
      (await listBackupItems(...viewer(), { set_id: sets[3] ?? 0, search })).items.length;
    expect(await found("POLICY-")).toBe(5);
    expect(await found("policy_")).toBe(0);
    expect(await found("%")).toBe(0);
  });

  test("refuses a cursor that is no policy's", async () => {
    for (const cursor of ["c999999999", "c0", "x"]) {
      await expect(search({ cursor })).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
    }
    const calls = [
      listBackupSets(...viewer(), { cursor: "c99999999999" }),
      listSchedules(...viewer(), { cursor: "c99999999999" }),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
  });

  test("does not look into the bin", async () => {
    await removeSet(world.tenant.actors.manager, world.tenant.id, { set_id: sets[0] ?? 0 });
    const { items } = await search({ search: name(0) });
    expect(items).toMatchObject([{ first_seen_at: day(2).toISOString() }]);
    expect((await history(0)).versions).toMatchObject([{ first_set_id: sets[1], set_count: 3 }]);
  });
});

describe("the storage overview", () => {
  test("adds up what the sets say and what is stored, and counts each content once", async () => {
    const overview = await getStorageOverview(...viewer(), {});
    const views = await Promise.all(sets.map((set_id) => getBackupSet(...viewer(), { set_id })));
    const { rows } = await world.admin.query(
      "SELECT sum(length(content))::int AS stored, count(*)::int AS snapshots FROM snapshots WHERE tenant_id = $1",
      [world.tenant.id],
    );
    expect(rows[0].snapshots).toBe(8);
    expect(overview).toMatchObject({
      sets: 3,
      binned_sets: 1,
      items: 20,
      bytes_logical: views.reduce((sum, set) => sum + set.bytes_logical, 0),
      bytes_stored: rows[0].stored,
    });
    expect(overview.ratio).toBeCloseTo(overview.bytes_logical / overview.bytes_stored);
    expect(overview.bytes_unique).toBeLessThan(overview.bytes_logical);
    expect(overview.weeks).toHaveLength(12);
    const last = overview.weeks.at(-1);
    expect(last).toMatchObject({ bytes_added: rows[0].stored, snapshots_added: 8 });
    expect(new Date(last?.week_begins ?? "").getUTCDay()).toBe(1);
  });

  test("of a tenant without backups is empty", async () => {
    const overview = await getStorageOverview(world.foreign.actors.readonly, world.foreign.id, {});
    expect(overview).toMatchObject({ sets: 0, items: 0, bytes_stored: 0, ratio: null });
  });
});

describe("the timeline", () => {
  test("goes from version to version, says when the policy was not there, and passes over sets that cannot tell", async () => {
    const { id, actors } = world.tenant;
    const other = (await makeSchedule(actors.manager, id)).id;
    const days = [1, 2, 3, 4, 5, 6, 7];
    const made = await insertSets(world.admin, {
      tenantId: id,
      scheduleId: other,
      sets: days.map((n) => ({ created_at: day(n) })),
      items: 2,
      changed: 0,
    });
    const [, , third = 0, fourth = 0, fifth = 0, , seventh = 0] = made;
    const graph_id = `policy-${other}-1`;
    const without = async (set: number) => {
      await isolateItems(world.admin, set);
      await behindTheGuards(
        world.admin,
        "DELETE FROM item_ranges WHERE graph_id = $2 AND id IN (SELECT id FROM backup_items WHERE backup_set_id = $1)",
        [set, graph_id],
      );
    };
    // The third did not read the type to its end; the fourth and fifth did, and it was not there.
    for (const set of [third, fourth, fifth]) await without(set);
    const failed = (set: number) =>
      behindTheGuards(
        world.admin,
        "UPDATE backup_sets SET manifest = jsonb_set(manifest, '{types,deviceConfiguration,failed}', '1') WHERE id = $1",
        [set],
      );
    await failed(third);
    const read = async () => getPolicyHistory(...viewer(), { policy_type: "deviceConfiguration", graph_id });
    const states = (await read()).timeline.map((span) => [
      span.sha256 !== null,
      span.set_count,
      span.first_set_id,
      span.last_set_id,
    ]);
    expect(states).toEqual([
      [true, 2, made[5], made[6]],
      [false, 2, made[3], made[4]],
      [true, 2, made[0], made[1]],
    ]);
    expect(await read()).toMatchObject({ is_present: true, kind: "policy", versions: [{ set_count: 4 }] });

    const known = async () => (await searchPolicies(...viewer(), { search: graph_id })).items[0];
    await without(seventh);
    expect(await read()).toMatchObject({ is_present: false });
    expect(await known()).toMatchObject({ is_present: false, last_set_id: made[5] });
    await failed(seventh);
    expect(await read()).toMatchObject({ is_present: true });
    expect(await known()).toMatchObject({ is_present: true });
  });
});
