import { beforeAll, describe, expect, test } from "vitest";
import { getRun } from "#lib/runs/get";
import { updateSchedule } from "#lib/schedules/update";
import { listBackupItems } from "#lib/sets/items";
import { getBackupSet } from "#lib/sets/sets";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, insertSets, isolateItems, makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { compareTenants } from "./by-name.ts";
import { compareSets } from "./compare.ts";
import { describeChanges } from "./describe-changes.ts";
import { compareItems } from "./items.ts";
import { placeInComparison } from "./place.ts";

const world = withWorld({ policies: 80 });
let scheduleId: number;
let first: number;
let second: number;

beforeAll(async () => {
  const { id, actors, sandbox } = world.tenant;
  scheduleId = (await makeSchedule(actors.manager, id)).id;
  first = await makeSet(world.tenant, scheduleId);
  const twin = world.sandbox.tenant(sandbox.entraTenantId);
  twin.drift({
    change: 4,
    add: 2,
    remove: 1,
    collection: "deviceManagement/configurationPolicies",
  });
  second = await makeSet(world.tenant, scheduleId);
});

const compare = (input: object) =>
  compareSets(world.tenant.actors.readonly, world.tenant.id, { set_id: second, ...input });

/** A schedule of one policy type with a set that has all of it, and its policies that have settings. */
async function oneType() {
  const { id, actors, sandbox } = world.tenant;
  const collection = "deviceManagement/configurationPolicies";
  const schedule = await makeSchedule(actors.manager, id, { policy_types: ["settingsCatalogPolicy"] });
  const capture = () => makeSet(world.tenant, schedule.id);
  const whole = await capture();
  const { items } = await listBackupItems(actors.readonly, id, { set_id: whole, limit: 200 });
  const captured = new Set(items.map(({ graph_id }) => graph_id));
  const twin = world.sandbox.tenant(sandbox.entraTenantId);
  const policies = [...twin.objects(collection)].filter(
    (policy) => captured.has(policy.id) && Number(policy.object.settingCount) > 1,
  );
  type Policy = (typeof policies)[number];
  return {
    whole,
    count: items.length,
    policies,
    capture,
    change: (policy: Policy, description: string) =>
      twin.put(collection, { ...policy.object, id: policy.id, description }),
    remove: (policy: Policy) => twin.remove(collection, policy.id),
    /** From now on runs cannot read the policy, and miss it. */
    unread: (policy: Policy) =>
      world.sandbox.fault({
        path: `${collection}/${policy.id}/settings`,
        action: { kind: "dropItems", keep: 1 },
      }),
    /** What the run of a set counted. */
    changesOf: async (set_id: number) => {
      const { run_id } = await getBackupSet(actors.readonly, id, { set_id });
      return (await getRun(actors.readonly, id, { run_id })).summary.changes;
    },
  };
}

describe("a set with its predecessor", () => {
  test("counts what the run itself counted, and lists what changed", async () => {
    const { id, actors } = world.tenant;
    const set = await getBackupSet(actors.readonly, id, { set_id: second });
    const run = await getRun(actors.readonly, id, { run_id: set.run_id });
    const found = await compare({});
    const { not_captured, ...counts } = found.counts;
    expect(counts).toEqual(run.summary.changes);
    expect(not_captured).toBe(0);
    expect(counts.changed).toBeGreaterThan(0);
    expect(found.left?.id).toBe(first);
    expect(found.items).toHaveLength(counts.added + counts.removed + counts.changed);
    for (const row of found.items) {
      expect(row.left === null).toBe(row.change === "added");
      expect(row.right === null).toBe(row.change === "removed");
      if (row.change === "changed") expect(row.left?.sha256).not.toBe(row.right?.sha256);
    }
    const byType = found.types.reduce((sum, type) => sum + type.counts.changed, 0);
    expect(byType).toBe(counts.changed);
  });

  test("of a first set is nothing: everything was added", async () => {
    const found = await compareSets(world.tenant.actors.readonly, world.tenant.id, { set_id: first });
    expect(found.left).toBeNull();
    expect(found.counts).toMatchObject({ changed: 0, removed: 0, unchanged: 0 });
    expect(found.counts.added).toBe(found.right.item_count);
  });
});

describe("any two sets", () => {
  test("pages through every row once, filtered as asked", async () => {
    const all = await compare({
      with_set_id: first,
      changes: ["unchanged", "changed", "added", "removed"],
      limit: 200,
    });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await compare({
        with_set_id: first,
        changes: ["unchanged", "changed", "added", "removed"],
        limit: 7,
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...page.items.map((row) => `${row.policy_type} ${(row.right ?? row.left)?.graph_id}`));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(all.items.map((row) => `${row.policy_type} ${(row.right ?? row.left)?.graph_id}`));
    expect(new Set(seen).size).toBe(seen.length);
    const one = all.items.find((row) => row.change === "changed");
    const found = await compare({
      with_set_id: first,
      search: one?.display_name ?? "",
      policy_type: one?.policy_type,
    });
    expect(found.items.map((row) => row.display_name)).toContain(one?.display_name);
    expect(found.counts).toEqual(all.counts);
    expect(found.matching.changed).toBe(found.items.filter((row) => row.change === "changed").length);
    expect(all.matching).toEqual(all.counts);
  });

  test("with 500 changes come in bounded pages, each change once, and the counts are of all", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id, { name: "Many changes" });
    const [older = 0, newer = 0] = await insertSets(world.admin, {
      tenantId: id,
      scheduleId: schedule.id,
      sets: [{ created_at: new Date("2026-01-01") }, { created_at: new Date("2026-01-02") }],
      items: 520,
      changed: 500,
    });
    const seen: string[] = [];
    let pages = 0;
    for (let cursor: string | undefined; ; ) {
      const page = await compareSets(actors.readonly, id, {
        set_id: newer,
        with_set_id: older,
        ...(cursor ? { cursor } : {}),
      });
      expect(page.counts).toMatchObject({ added: 0, removed: 0, changed: 500, unchanged: 20 });
      expect(page.items.length).toBeLessThanOrEqual(50);
      seen.push(...page.items.map(({ right }) => right?.graph_id ?? ""));
      pages += 1;
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect([pages, seen.length, new Set(seen).size]).toEqual([10, 500, 500]);
    const { policies, more } = await describeChanges(id, newer);
    expect([policies.length, more]).toEqual([10, 490]);
  });

  test("the other way round turns added into removed", async () => {
    const there = await compare({ with_set_id: first });
    const back = await compareSets(world.tenant.actors.readonly, world.tenant.id, {
      set_id: first,
      with_set_id: second,
    });
    expect(back.counts).toEqual({
      ...there.counts,
      added: there.counts.removed,
      removed: there.counts.added,
    });
  });

  test("does not call removed what the newer set did not capture", async () => {
    const { id, actors } = world.tenant;
    await updateSchedule(actors.manager, id, {
      schedule_id: scheduleId,
      changes: { policy_types: ["deviceCompliancePolicy"] },
    });
    const narrow = await makeSet(world.tenant, scheduleId);
    const found = await compareSets(actors.readonly, id, { set_id: narrow });
    expect(found.counts.removed).toBe(0);
    expect(found.counts.not_captured).toBeGreaterThan(0);
  });

  test("does not call added what the older set did not capture, nor do the run's counts", async () => {
    const { id, actors } = world.tenant;
    const narrowTypes = { policy_types: ["deviceCompliancePolicy"] };
    await updateSchedule(actors.manager, id, { schedule_id: scheduleId, changes: narrowTypes });
    const narrow = await makeSet(world.tenant, scheduleId);
    await updateSchedule(actors.manager, id, {
      schedule_id: scheduleId,
      changes: { policy_types: ["deviceCompliancePolicy", "settingsCatalogPolicy"] },
    });
    const wide = await makeSet(world.tenant, scheduleId);
    const found = await compareSets(actors.readonly, id, { set_id: wide, with_set_id: narrow });
    expect(found.counts).toMatchObject({ added: 0, removed: 0, changed: 0 });
    expect(found.counts.not_captured).toBeGreaterThan(0);
    const { rows } = await world.admin.query(
      "SELECT r.summary -> 'changes' AS changes FROM backup_schedule_runs r WHERE r.backup_set_id = $1",
      [wide],
    );
    // What the narrow one lacks was all read by the one before it, and is as it was then.
    const unchanged = found.counts.unchanged + found.counts.not_captured;
    expect(rows[0].changes).toEqual({ added: 0, changed: 0, removed: 0, unchanged });
  });

  test("tells where the policies are that the older one lacks; the run and its message count what became of them since then", async () => {
    const { id, actors, sandbox } = world.tenant;
    const types = (policy_types: string[]) =>
      updateSchedule(actors.manager, id, { schedule_id: scheduleId, changes: { policy_types } });
    await types(["deviceCompliancePolicy", "settingsCatalogPolicy"]);
    const whole = await makeSet(world.tenant, scheduleId);
    await types(["deviceCompliancePolicy"]);
    const narrow = await makeSet(world.tenant, scheduleId);
    world.sandbox.tenant(sandbox.entraTenantId).drift({
      change: 6,
      add: 2,
      remove: 1,
      collection: "deviceManagement/configurationPolicies",
    });
    await types(["deviceCompliancePolicy", "settingsCatalogPolicy"]);
    const wide = await makeSet(world.tenant, scheduleId);

    const found = await compareSets(actors.readonly, id, { set_id: wide });
    expect(found.left?.id).toBe(narrow);
    expect(found.counts).toMatchObject({ added: 0, removed: 0, changed: 0 });
    expect(found.whole_before).toEqual([{ set_id: whole, policy_types: ["settingsCatalogPolicy"] }]);
    const since = await compareSets(actors.readonly, id, { set_id: wide, with_set_id: whole });
    expect(since.counts.changed).toBeGreaterThan(1);
    expect(since.counts.not_captured).toBe(0);
    expect(since.whole_before).toEqual([]);

    const set = await getBackupSet(actors.readonly, id, { set_id: wide });
    const run = await getRun(actors.readonly, id, { run_id: set.run_id });
    const { not_captured: _, ...counts } = since.counts;
    expect(run.summary.changes).toEqual(counts);
    const told = await world.admin.query<{ body: string }>(
      "SELECT body FROM alert_events WHERE kind = 'policies.changed' AND (data ->> 'backup_set_id')::int = $1",
      [wide],
    );
    const all = counts.added + counts.changed + counts.removed;
    expect(told.rows.map(({ body }) => body)).toEqual([
      expect.stringMatching(
        new RegExp(` Of these, ${all} are of policies that the last backup lacks, since set ${whole}\\.`),
      ),
    ]);
    const { policies, more } = await describeChanges(id, wide);
    expect(policies.length + more).toBe(counts.changed);
    expect(policies.map(({ name }) => name).sort()).toEqual(
      since.items.flatMap(({ change, right }) => (change === "changed" ? [right?.display_name] : [])).sort(),
    );
  });

  test("of a type of which the older one lacks one policy, counts and tells that one alone since the set before", async () => {
    const { id, actors } = world.tenant;
    const { whole, count, policies, change, unread, capture, changesOf } = await oneType();
    const [lacked, read] = policies;
    if (!lacked || !read) throw new Error("two policies with settings were expected");
    for (const policy of [lacked, read]) change(policy, "Changed while one is not read");
    const failing = unread(lacked);
    const older = await capture();
    failing.remove();
    const newer = await capture();

    const found = await compareSets(actors.readonly, id, { set_id: newer });
    expect(found.left).toMatchObject({ id: older, status: "partial" });
    expect(found.counts).toMatchObject({ added: 0, changed: 0, removed: 0, not_captured: 1 });
    expect(found.whole_before).toEqual([{ set_id: whole, policy_types: ["settingsCatalogPolicy"] }]);
    expect(await changesOf(newer)).toEqual({ added: 0, changed: 1, removed: 0, unchanged: count - 1 });
    const { policies: told, more } = await describeChanges(id, newer);
    expect([told.map(({ name }) => name), more]).toEqual([[lacked.object.name], 0]);

    // What another revision of the catalog read of a policy cannot be told from what somebody changed.
    const olderRevision = "UPDATE backup_sets SET manifest = manifest - 'catalog_revision' WHERE id = $1";
    await behindTheGuards(world.admin, olderRevision, [whole]);
    const apart = await compareSets(actors.readonly, id, { set_id: newer });
    expect([apart.counts.not_captured, apart.whole_before]).toEqual([1, []]);
  });

  test("what a set between has told of a policy is not told again, and what is gone since then is", async () => {
    const { id } = world.tenant;
    const { count, policies, change, remove, unread, capture, changesOf } = await oneType();
    const [changed, removed, other] = policies;
    if (!changed || !removed || !other) throw new Error("three policies with settings were expected");
    change(changed, "Changed before it is not read");
    const first = unread(other);
    const told = await capture();
    expect(await changesOf(told)).toMatchObject({ added: 0, changed: 1, removed: 0 });
    first.remove();
    const faults = [unread(changed), unread(removed)];
    const lacking = await capture();
    // The one that was not read before is back, as it was.
    expect(await changesOf(lacking)).toMatchObject({ added: 0, changed: 0, removed: 0 });
    for (const fault of faults) fault.remove();
    remove(removed);
    const last = await capture();
    expect(await changesOf(last)).toEqual({ added: 0, changed: 0, removed: 1, unchanged: count - 1 });
    expect(await describeChanges(id, last)).toEqual({ policies: [], more: 0 });
  });

  test("what changed since a set between that has it is told as it was there", async () => {
    const { id } = world.tenant;
    const { policies, change, unread, capture } = await oneType();
    const [twice, other] = policies;
    if (!twice || !other) throw new Error("two policies with settings were expected");
    change(twice, "As it was first changed");
    const first = unread(other);
    await capture();
    first.remove();
    const second = unread(twice);
    await capture();
    second.remove();
    change(twice, "As it was changed while it was not read");
    const { policies: told, more } = await describeChanges(id, await capture());
    expect([told.map(({ name }) => name), more]).toEqual([[twice.object.name], 0]);
    expect(told.flatMap(({ lines }) => lines).join()).toContain("As it was first changed");
  });

  test("what changed is told also when the set that it is compared with goes to the bin right after the run", async () => {
    const { id } = world.tenant;
    const { whole, policies, change, unread, capture } = await oneType();
    const [lacked] = policies;
    if (!lacked) throw new Error("a policy with settings was expected");
    change(lacked, "Changed before the last complete set goes to the bin");
    const failing = unread(lacked);
    await capture();
    failing.remove();
    const newer = await capture();
    const bin = (at: string) =>
      behindTheGuards(
        world.admin,
        `UPDATE backup_sets b SET deleted_at = ${at} FROM backup_sets n WHERE b.id = $1 AND n.id = $2`,
        [whole, newer],
      );
    await bin("n.created_at + interval '1 second'");
    const { policies: told, more } = await describeChanges(id, newer);
    expect([told.map(({ name }) => name), more]).toEqual([[lacked.object.name], 0]);
    // What was there already was not what the run has compared with.
    await bin("n.created_at - interval '1 second'");
    expect(await describeChanges(id, newer)).toEqual({ policies: [], more: 0 });
  });

  test("of another tenant are not there", async () => {
    const { id, actors } = world.foreign;
    const schedule = await makeSchedule(actors.manager, id);
    const foreign = await makeSet(world.foreign, schedule.id);
    const calls = [compare({ with_set_id: foreign }), compareSets(actors.owner, id, { set_id: second })];
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject({ code: "NOT_FOUND" })));
  });
});

describe("one policy in two sets", () => {
  test("shows what changed by path, before and after", async () => {
    const { id, actors } = world.tenant;
    const { items } = await compare({ changes: ["changed"] });
    for (const { left, right } of items) {
      const found = await compareItems(actors.readonly, id, {
        set_id: second,
        item_id: right?.item_id ?? 0,
        with_set_id: first,
        with_item_id: left?.item_id ?? 0,
      });
      expect(found.identical).toBe(false);
      expect(found.changes.length).toBeGreaterThan(0);
      expect(found.changes[0]?.path.length).toBeGreaterThan(0);
    }
  });
});

test("what changed with a set is told setting by setting for mails, some of it and how much more there is", async () => {
  const { counts } = await compare({});
  const { policies, more } = await describeChanges(world.tenant.id, second);
  expect(counts.changed).toBeGreaterThan(0);
  expect(policies.length + more).toBe(counts.changed);
  const lines = policies.flatMap((policy) => policy.lines);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toMatch(/^.+: .+ → .+$/);
  expect(await describeChanges(world.tenant.id, first)).toEqual({ policies: [], more: 0 });
});

test("a policy in whose differences nothing has a name is told as changed, and not left out", async () => {
  const { id, actors, sandbox } = world.tenant;
  const collection = "deviceManagement/deviceCompliancePolicies";
  const twin = world.sandbox.tenant(sandbox.entraTenantId);
  const schedule = await makeSchedule(actors.manager, id, { policy_types: ["deviceCompliancePolicy"] });
  const older = await makeSet(world.tenant, schedule.id);
  const { items } = await listBackupItems(actors.readonly, id, { set_id: older, limit: 1 });
  const [{ graph_id, display_name } = { graph_id: "", display_name: "" }] = items;
  const put = async (description: string | null) => {
    twin.put(collection, { ...twin.get(collection, graph_id), id: graph_id, description });
    return makeSet(world.tenant, schedule.id);
  };
  // To people a description that is empty is none.
  await put(null);
  const newer = await put("");
  const { counts } = await compareSets(actors.readonly, id, { set_id: newer });
  expect(counts.changed).toBe(1);
  expect(await describeChanges(id, newer)).toEqual({
    policies: [{ name: display_name, lines: ["Changed since it was last backed up"], more: 0 }],
    more: 0,
  });
  // Nor is one whose stored copy is damaged, with all others that changed.
  await world.admin.query(
    `ALTER TABLE snapshots DISABLE TRIGGER USER;
     UPDATE snapshots SET content = set_byte(content, 8, get_byte(content, 8) # 1) WHERE sha256 = (
       SELECT sha256 FROM backup_items WHERE backup_set_id = ${newer} AND graph_id = '${graph_id}');
     ALTER TABLE snapshots ENABLE TRIGGER USER`,
  );
  expect((await describeChanges(id, newer)).policies).toEqual([
    {
      name: display_name,
      lines: ["Changed since it was last backed up; a stored copy of it is damaged"],
      more: 0,
    },
  ]);
});

describe("the place of a policy among the changed", () => {
  const place = (item_id: number, more: object = {}) =>
    placeInComparison(world.tenant.actors.readonly, world.tenant.id, { set_id: second, item_id, ...more });

  test("leads from each to the next and back, in the order of the list", async () => {
    const { items } = await compare({ changes: ["changed"] });
    expect(items.length).toBeGreaterThan(1);
    const walked = await Promise.all(items.map((row) => place(row.right?.item_id ?? 0)));
    const ids = items.map((row) => ({
      display_name: row.display_name,
      left_item_id: row.left?.item_id,
      right_item_id: row.right?.item_id,
    }));
    for (const [index, found] of walked.entries()) {
      expect(found).toEqual({
        left_set_id: first,
        left_item_id: ids[index]?.left_item_id,
        position: index + 1,
        total: items.length,
        previous: ids[index - 1] ?? null,
        next: ids[index + 1] ?? null,
      });
    }
    const one = items[1];
    const alone = await place(one?.right?.item_id ?? 0, { search: one?.display_name ?? "" });
    expect(alone).toMatchObject({ position: 1, total: 1, previous: null, next: null });
  });

  test("is none for a policy that did not change, that was added, or that has no set before", async () => {
    const { items } = await compare({ changes: ["unchanged", "added"] });
    const unchanged = items.find((row) => row.change === "unchanged");
    expect(await place(unchanged?.right?.item_id ?? 0)).toMatchObject({
      left_item_id: unchanged?.left?.item_id,
      position: null,
    });
    const added = items.find((row) => row.change === "added");
    expect(await place(added?.right?.item_id ?? 0)).toMatchObject({ left_item_id: null, position: null });
    const alone = await placeInComparison(world.tenant.actors.readonly, world.tenant.id, {
      set_id: first,
      item_id: unchanged?.left?.item_id ?? 0,
    });
    expect(alone).toMatchObject({ left_set_id: null, left_item_id: null, position: null });
  });

  test("is not there in another tenant's sets", async () => {
    const { id, actors } = world.foreign;
    const foreign = placeInComparison(actors.owner, id, { set_id: second, item_id: 1 });
    await expect(foreign).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("two tenants", () => {
  test("are compared by name; their own ids are no difference", async () => {
    const msp = { kind: "user" as const, user_id: world.tenant.actors.owner.user_id };
    const outsider = compareTenants(world.tenant.actors.owner, world.foreign.id, {
      set_id: 1,
      with_tenant_id: world.tenant.id,
      with_set_id: first,
    });
    await expect(outsider).rejects.toMatchObject({ code: "NOT_FOUND" });
    const across = compareTenants(world.tenant.actors.owner, world.tenant.id, {
      set_id: first,
      with_tenant_id: world.foreign.id,
      with_set_id: 1,
    });
    await expect(across).rejects.toMatchObject({ code: "NOT_FOUND" });

    await world.admin.query(
      "INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'readonly')",
      [world.foreign.id, msp.user_id],
    );
    const schedule = await makeSchedule(world.foreign.actors.manager, world.foreign.id);
    const theirs = await makeSet(world.foreign, schedule.id);
    const sides = { set_id: theirs, with_tenant_id: world.tenant.id, with_set_id: first };
    const everything = ["added", "removed", "changed", "unchanged", "not_captured"] as const;
    const whole = await compareTenants(msp, world.foreign.id, {
      ...sides,
      limit: 200,
      changes: [...everything],
    });
    const names = async (tenant: typeof world.tenant, set_id: number) =>
      (await listBackupItems(tenant.actors.readonly, tenant.id, { set_id, limit: 200 })).items.map(
        (item) => `${item.policy_type} ${item.display_name.toLowerCase()}`,
      );
    const [ours, others] = [await names(world.tenant, first), await names(world.foreign, theirs)];
    const { counts } = whole;
    if (!counts) throw new Error("the first page has counts");
    expect(counts.changed + counts.unchanged + counts.removed + counts.not_captured).toBe(ours.length);
    expect(counts.changed + counts.unchanged + counts.added).toBe(others.length);
    expect(whole.matching).toEqual(counts);
    const kinds = whole.items.map((row) => row.kind);
    expect(kinds).toEqual(kinds.toSorted((a, b) => (a === b ? 0 : a === "policy" ? -1 : 1)));
    for (const row of whole.items) {
      if (row.left && row.right)
        expect(row.left.display_name.toLowerCase()).toBe(row.right.display_name.toLowerCase());
    }
    const paged = [];
    let cursor: string | undefined;
    do {
      const page = await compareTenants(msp, world.foreign.id, {
        ...sides,
        limit: 9,
        changes: [...everything],
        ...(cursor ? { cursor } : {}),
      });
      expect(page.counts === null).toBe(cursor !== undefined);
      paged.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(paged).toEqual(whole.items);
  });

  test("policies of one name are paired by what they say, however each tenant numbers them", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    const [left = 0, right = 0] = await insertSets(world.admin, {
      tenantId: id,
      scheduleId: schedule.id,
      sets: [{ created_at: new Date() }, { created_at: new Date() }],
      items: 3,
      changed: 0,
    });
    await isolateItems(world.admin, right);
    const rename = "UPDATE item_ranges SET display_name = 'Baseline' WHERE backup_schedule_id = $1";
    await behindTheGuards(world.admin, rename, [schedule.id]);
    // On the right, each policy has the Graph id of its neighbor; and the left lacks the last one.
    await behindTheGuards(
      world.admin,
      `UPDATE item_ranges i SET sha256 = n.sha256 FROM backup_items n, backup_items own
       WHERE own.id = i.id AND own.backup_set_id = $1 AND n.backup_set_id = $2
         AND right(own.graph_id, 1) || right(n.graph_id, 1) IN ('01', '12', '20')`,
      [right, left],
    );
    await behindTheGuards(
      world.admin,
      "DELETE FROM item_ranges WHERE graph_id LIKE '%-2' AND id IN (SELECT id FROM backup_items WHERE backup_set_id = $1)",
      [left],
    );
    const sides = { set_id: right, with_tenant_id: id, with_set_id: left };
    const { counts } = await compareTenants(actors.readonly, id, sides);
    expect(counts).toEqual({ added: 1, removed: 0, changed: 0, unchanged: 2, not_captured: 0 });
    const pages = [];
    for (let cursor: string | undefined; ; ) {
      const page = await compareTenants(actors.readonly, id, {
        ...sides,
        limit: 1,
        changes: ["unchanged", "added"],
        ...(cursor ? { cursor } : {}),
      });
      pages.push(...page.items.map((row) => row.change));
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(pages.sort()).toEqual(["added", "unchanged", "unchanged"]);
  });

  test("a tenant with itself has no difference", async () => {
    const { id, actors } = world.tenant;
    const sides = { set_id: first, with_tenant_id: id, with_set_id: first };
    const { counts, items } = await compareTenants(actors.readonly, id, sides);
    expect(items).toEqual([]);
    expect(counts).toMatchObject({ added: 0, removed: 0, changed: 0 });
  });
});
