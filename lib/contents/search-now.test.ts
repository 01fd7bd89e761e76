import { createHash } from "node:crypto";
import serialize from "canonicalize";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeSnapshot } from "#lib/sets/snapshot-codec";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, insertSets, makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { indexContents } from "./index-contents.ts";
import { searchContents } from "./search.ts";

const world = withWorld({ policies: 20 });
const collection = "deviceManagement/configurationPolicies";
const twin = () => world.sandbox.tenant(world.tenant.sandbox.entraTenantId);

describe("of a type that is captured in part since", () => {
  let scheduleId: number;
  let policy: string;
  const other = "00000001-0000-4000-8000-000000000000";
  const text = "the colour is chartreuse";
  const found = async (search: string, time: "now" | "ever" = "now") => {
    const { id, actors } = world.tenant;
    const { items } = await searchContents(actors.readonly, id, { search, time });
    return items
      .filter(({ graph_id }) => graph_id === policy)
      .map(({ is_now, set_id }) => ({ is_now, set_id }));
  };
  const describeAs = (description: string) => {
    const object = twin().get(collection, policy);
    if (!object) throw new Error("the policy is gone");
    twin().put(collection, { ...object, id: policy, description });
  };
  /** A set in which another policy of the type could not be read. */
  const partial = async () => {
    const path = `${collection}/${other}/settings`;
    const fault = world.sandbox.fault({ path, action: { kind: "status", status: 400 } });
    const setId = await makeSet(world.tenant, scheduleId);
    fault.remove();
    const { rows } = await world.admin.query("SELECT status FROM backup_sets WHERE id = $1", [setId]);
    expect(rows).toEqual([{ status: "partial" }]);
    return setId;
  };

  beforeAll(async () => {
    const { id, actors } = world.tenant;
    scheduleId = (await makeSchedule(actors.manager, id, { policy_types: ["settingsCatalogPolicy"] })).id;
    const first = await makeSet(world.tenant, scheduleId);
    const { rows } = await world.admin.query<{ graph_id: string }>(
      "SELECT graph_id FROM backup_items WHERE backup_set_id = $1 AND policy_type = 'settingsCatalogPolicy'",
      [first],
    );
    policy = rows[0]?.graph_id ?? "";
    twin().put(collection, { ...twin().get(collection, policy), id: other, name: "Another" });
  });

  test.each([false, true])(
    "what a policy held before is not found as of now; the index has all of it: %s",
    async (isIndexed) => {
      describeAs(text);
      const whole = await makeSet(world.tenant, scheduleId);
      expect(await found(text)).toEqual([{ is_now: true, set_id: whole }]);
      // That another one could not be read is no reason to lose it.
      const unchanged = await partial();
      expect(await found(text)).toEqual([{ is_now: true, set_id: unchanged }]);
      describeAs("as it was");
      const changed = await partial();
      if (isIndexed) await indexContents(world.tenant.id);
      expect(await found(text)).toEqual([]);
      expect(await found(text, "ever")).toEqual([{ is_now: false, set_id: unchanged }]);
      expect(await found("as it was")).toEqual([{ is_now: true, set_id: changed }]);
    },
  );

  test("nor where no set ever captured the type whole", async () => {
    await behindTheGuards(
      world.admin,
      "UPDATE backup_sets SET manifest = jsonb_set(manifest, '{types,settingsCatalogPolicy,failed}', '1') WHERE tenant_id = $1",
      [world.tenant.id],
    );
    expect(await found(text)).toEqual([]);
    expect(await found("as it was")).toEqual([{ is_now: true, set_id: expect.any(Number) }]);
  });
});

test("a number that no double can hold is found by its digits, in the index and without it", async () => {
  const { id, actors } = world.foreign;
  const schedule = await makeSchedule(actors.manager, id);
  const [setId = 0] = await insertSets(world.admin, {
    tenantId: id,
    scheduleId: schedule.id,
    sets: [{ created_at: new Date() }],
    items: 1,
  });
  const json =
    serialize({ displayName: "Numbers", quota: 0 })?.replace('"quota":0', '"quota":9007199254740993') ?? "";
  const sha256 = createHash("sha256").update(json).digest("hex");
  const { encoding, content } = await encodeSnapshot(Buffer.from(json));
  await world.admin.query(
    "INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored) VALUES ($1, $2, $3, $4, $5, $6)",
    [id, sha256, encoding, Buffer.from(content), json.length, content.byteLength],
  );
  await behindTheGuards(world.admin, "UPDATE item_ranges SET sha256 = $1 WHERE from_set_id = $2", [
    sha256,
    setId,
  ]);
  const search = async (text: string) =>
    (await searchContents(actors.readonly, id, { search: text })).items.map(({ matches }) => matches);
  const expected = [[{ path: "quota", excerpt: "9007199254740993", name: null }]];
  expect(await search("9007199254740993")).toEqual(expected);
  expect(await indexContents(id)).toBeGreaterThan(0);
  expect(await search("9007199254740993")).toEqual(expected);
  // As it is copied from where it is shown.
  expect(await search("\u20609007199254740993")).toEqual(expected);
  expect(await search("9007199254740992")).toEqual([]);
});

test("what earlier rules have put into the index is not asked, and made anew", async () => {
  const { id, actors } = world.tenant;
  await indexContents(id);
  const rules = async () =>
    (await world.admin.query("SELECT DISTINCT term_rules FROM content_segments WHERE tenant_id = $1", [id]))
      .rows;
  const [now] = await rules();
  await behindTheGuards(
    world.admin,
    "UPDATE content_segments SET term_rules = 1, content = '' WHERE tenant_id = $1",
    [id],
  );
  await world.admin.query("UPDATE content_looks SET term_rules = 1 WHERE tenant_id = $1", [id]);
  const search = async () =>
    (await searchContents(actors.readonly, id, { search: "settingDefinitionId", limit: 200 })).items.length;
  expect(await search()).toBeGreaterThan(0);
  expect(await indexContents(id)).toBeGreaterThan(0);
  expect(await rules()).toEqual([now]);
  expect(await indexContents(id)).toBe(0);
});
