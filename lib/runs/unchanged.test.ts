import { createHash } from "node:crypto";
import serialize from "canonicalize";
import { beforeAll, describe, expect, test } from "vitest";
import { dispatcherActor, executorActor, retentionActor, verifierActor } from "#lib/access/actor";
import type { CapturedItem } from "#lib/capture/capture";
import { verifyTenant } from "#lib/integrity/verify";
import { clearStaging } from "#lib/retention/clear-staging";
import { purgeBin } from "#lib/retention/retention";
import { getBackupItem, getItemContent, listBackupItems } from "#lib/sets/items";
import { RangesGone } from "#lib/sets/write-set";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards } from "#lib/testing/sets";
import { wholeType } from "#lib/testing/whole-type";
import { withWorld } from "#lib/testing/world";
import { type Attempt, beginAttempt } from "./begin-attempt.ts";
import { finishRun, type RunEnd } from "./finish.ts";
import { startRun } from "./start.ts";
import { reuseItems, storeItems, unchangedSince } from "./store-items.ts";

/** What a run writes of what did not change, and that nothing is lost by it. Runs without Graph, batch by batch. */

const world = withWorld({ policies: 1 });
const type = "deviceConfiguration";
const group = "11111111-2222-4333-8444-555555555555";

interface Change {
  version?: number;
  name?: string;
  date?: string;
  notes?: string[];
}

/** An item of a foundation: listed behind all policies. */
const foundation = (id: number): CapturedItem => ({
  ...item(id, { name: "A tag" }),
  kind: "foundation",
  policyType: "aTag",
});

function item(id: number, { version = 0, name = `Policy ${id}`, date = "d0", notes = [] }: Change = {}) {
  const document = Buffer.from(serialize({ id: `p${id}`, version, assignments: [{ groupId: group }] }) ?? "");
  return {
    policyType: type,
    kind: "policy",
    graphId: `p${id}`,
    displayName: name,
    document,
    sha256: createHash("sha256").update(document).digest("hex"),
    volatile: { lastModifiedDateTime: date },
    children: {},
    notes,
    lastModified: date,
  } satisfies CapturedItem;
}

async function newAttempt(scheduleId: number): Promise<Attempt> {
  const { id, actors } = world.tenant;
  const run = await startRun(actors.operator, id, { schedule_id: scheduleId });
  return next(run.id);
}

async function next(run_id: number): Promise<Attempt> {
  const attempt = await beginAttempt(executorActor, world.tenant.id, { run_id });
  if (!attempt) throw new Error("there is no attempt");
  return attempt;
}

function endOf(captured: number): RunEnd {
  return {
    status: "success",
    error_code: null,
    error_message: null,
    types: { [type]: wholeType(captured) },
  };
}

async function finish({ tenant_id, run_id, attempt }: Attempt, captured: number): Promise<number> {
  const { backup_set_id } = await finishRun(executorActor, tenant_id, {
    run_id,
    attempt,
    end: endOf(captured),
  });
  return backup_set_id ?? 0;
}

/** A night in which these were captured. @returns its set */
async function night(scheduleId: number, items: readonly CapturedItem[]): Promise<number> {
  const attempt = await newAttempt(scheduleId);
  await storeItems(attempt, items);
  return finish(attempt, items.filter((each) => each.policyType === type).length);
}

const newSchedule = async () => (await makeSchedule(world.tenant.actors.manager, world.tenant.id)).id;
const listed = async (set_id: number) =>
  (await listBackupItems(world.tenant.actors.readonly, world.tenant.id, { set_id, limit: 200 })).items;
const count = async (sql: string, ...values: unknown[]) =>
  (await world.admin.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`, values)).rows[0]
    ?.count;
const ranges = (scheduleId: number) => count("item_ranges WHERE backup_schedule_id = $1", scheduleId);
const proven = async () =>
  (await verifyTenant(verifierActor, world.tenant.id, {})).flatMap((set) => set.faults);

describe("a night", () => {
  let scheduleId: number;
  const sets: number[] = [];
  const policies = Array.from({ length: 6 }, (_, id) => item(id));
  beforeAll(async () => {
    scheduleId = await newSchedule();
    sets.push(await night(scheduleId, policies));
  });

  test("writes nothing of what stayed, and its set holds it all the same", async () => {
    const attempt = await newAttempt(scheduleId);
    await storeItems(attempt, policies.slice(0, 4));
    await storeItems(attempt, policies.slice(4));
    expect(await count("staged_items WHERE run_id = $1", attempt.run_id)).toBe(0);
    // What the batches refer to is said once.
    const { rows } = await world.admin.query("SELECT refs FROM staged_seen WHERE run_id = $1 ORDER BY id", [
      attempt.run_id,
    ]);
    expect(rows).toEqual([{ refs: { group: [group] } }, { refs: {} }]);
    sets.push(await finish(attempt, policies.length));
    expect(await ranges(scheduleId)).toBe(policies.length);
    expect(await count("staged_seen")).toBe(0);
    const [first, second] = await Promise.all(sets.map(listed));
    expect(second).toEqual(first);
    expect(second?.map(({ display_name }) => display_name)).toEqual(
      policies.map(({ displayName }) => displayName),
    );
  });

  test("writes what changed in any respect, and each set shows its own", async () => {
    const changed = [
      item(0, { version: 1 }),
      item(1, { name: "Renamed" }),
      item(2, { notes: ["secret not stored"] }),
      item(3, { date: "d1" }),
      item(4),
    ];
    sets.push(await night(scheduleId, changed));
    // Three begin anew; of the fourth only the fields beside it; the last one is gone.
    expect(await ranges(scheduleId)).toBe(policies.length + 3);
    expect(await count("moved_volatiles WHERE from_set_id = $1", sets[2])).toBe(1);
    sets.push(await night(scheduleId, changed));
    expect(await ranges(scheduleId)).toBe(policies.length + 3);
    expect(await count("moved_volatiles")).toBe(1);
    const names = async (set: number) => (await listed(set)).map((each) => each.display_name);
    expect(await names(sets[1] ?? 0)).toEqual(policies.map(({ displayName }) => displayName));
    expect(await names(sets[3] ?? 0)).toEqual(["Policy 0", "Policy 2", "Policy 3", "Policy 4", "Renamed"]);
    const { actors, id } = world.tenant;
    for (const [set_id, date] of [
      [sets[1], "d0"],
      [sets[2], "d1"],
      [sets[3], "d1"],
    ] as const) {
      const found = (await listed(set_id ?? 0)).find((each) => each.graph_id === "p3");
      const input = { set_id: set_id ?? 0, item_id: found?.id ?? 0 };
      for (const read of [getBackupItem, getItemContent])
        expect((await read(actors.readonly, id, input)).volatile).toEqual({ lastModifiedDateTime: date });
    }
    expect(await proven()).toEqual([]);
  });

  test("that was read twice counts as it was read last, whichever was as before", async () => {
    const attempt = await newAttempt(scheduleId);
    await storeItems(attempt, [item(4), item(3, { version: 9, date: "d1" })]);
    await storeItems(attempt, [item(4, { version: 9 }), item(3, { date: "d1" })]);
    const set = await finish(attempt, 2);
    const held = await listed(set);
    expect(held.map((each) => each.sha256)).toEqual([
      item(3, { date: "d1" }).sha256,
      item(4, { version: 9 }).sha256,
    ]);
    expect(await proven()).toEqual([]);
  });

  test("purged, it takes along what no other shows: neither more nor less", async () => {
    const [first = 0, second = 0, third = 0] = sets;
    const { id } = world.tenant;
    const purge = async (...purged: number[]) => {
      await world.admin.query("UPDATE backup_sets SET deleted_at = now() WHERE id = ANY($1)", [purged]);
      expect((await purgeBin(retentionActor, id, { older_than_days: 0 })).purged).toEqual(purged);
      expect(await proven()).toEqual([]);
    };
    await purge(first);
    expect(await ranges(scheduleId)).toBe(policies.length + 4);
    await purge(second);
    // The three versions and the policy that the third set has no more.
    expect(await ranges(scheduleId)).toBe(policies.length);
    await purge(third);
    expect(await count("moved_volatiles")).toBe(1);
    await purge(...sets.slice(3));
    // The last set stands on what it found unchanged, fields and all.
    expect(await ranges(scheduleId)).toBe(2);
    expect(await count("moved_volatiles")).toBe(1);
  });
});

test("the set of an unchanged night has the last one's figures, unless that is gone or is not as it was written", async () => {
  const scheduleId = await newSchedule();
  const policies = [item(0), item(1, { date: "d1" })];
  const first = await night(scheduleId, policies);
  const figures = async (set: number) =>
    (
      await world.admin.query(
        `SELECT item_count, bytes_logical, bytes_stored, manifest_sha256, item_parity, volatile_parity
         FROM backup_sets WHERE id = $1`,
        [set],
      )
    ).rows[0];
  const written = await figures(first);
  expect(written.item_count).toBe(2);
  const second = await night(scheduleId, policies);
  expect(await figures(second)).toEqual(written);

  await world.admin.query("ALTER TABLE backup_sets DISABLE TRIGGER ALL");
  await world.admin.query("UPDATE backup_sets SET manifest_sha256 = repeat('0', 64) WHERE id = $1", [second]);
  await world.admin.query("ALTER TABLE backup_sets ENABLE TRIGGER ALL");
  const third = await night(scheduleId, policies);
  expect(await figures(third)).toEqual(written);

  // What changed in a set that is purged by now is not in the one before it.
  const fourth = await night(scheduleId, [item(0, { version: 4 }), item(1, { date: "d4" })]);
  await world.admin.query("UPDATE backup_sets SET deleted_at = now() WHERE id = ANY($1)", [[second, fourth]]);
  await purgeBin(retentionActor, world.tenant.id, { older_than_days: 0 });
  const fifth = await night(scheduleId, [item(0, { version: 4 }), item(1, { date: "d4" })]);
  const now = await figures(fifth);
  expect(now.manifest_sha256).not.toBe(written.manifest_sha256);
  expect(now.volatile_parity).not.toBe(written.volatile_parity);
  expect(await proven()).toEqual([]);
});

test("of volatile fields that moved only those are written, and each set shows all of its own", async () => {
  const scheduleId = await newSchedule();
  const states: Record<string, unknown>[] = [
    { at: "t0", by: { id: "ada" }, version: 1 },
    { at: "t1", by: { id: "ada" }, version: 1 },
    // One comes to be null, which is not as if it were gone, and one is new.
    { at: "t1", by: null, version: 1, state: [1] },
    // One is gone.
    { at: "t3", by: null },
    // As at the beginning.
    { at: "t0", by: { id: "ada" }, version: 1 },
    {},
  ];
  const sets: number[] = [];
  for (const volatile of states) sets.push(await night(scheduleId, [{ ...item(0), volatile }]));
  expect(await ranges(scheduleId)).toBe(1);
  const { rows } = await world.admin.query(
    "SELECT volatiles FROM moved_volatiles WHERE from_set_id = ANY($1) ORDER BY from_set_id",
    [sets],
  );
  // In an array: all of them, not only what differs from the beginning.
  expect(rows.map((row) => row.volatiles)).toEqual([
    [{ at: "t1" }],
    [{ at: "t1", by: null, state: [1] }],
    [[{ at: "t3", by: null }]],
    [{}],
    [[{}]],
  ]);
  for (const [index, set_id] of sets.entries()) {
    const [held] = await listed(set_id);
    const { volatile } = await getBackupItem(world.tenant.actors.readonly, world.tenant.id, {
      set_id,
      item_id: held?.id ?? 0,
    });
    expect(volatile, `set ${index}`).toEqual(states[index]);
  }
  expect(await proven()).toEqual([]);
});

test.each(["together", "in a row each, as before"])(
  "fields that moved, %s, go with the last set that shows some of them, and not earlier",
  async (how) => {
    const { admin, tenant } = world;
    const scheduleId = await newSchedule();
    const sets: number[] = [];
    const dates = async (first: string, second: string) => {
      sets.push(await night(scheduleId, [item(0, { date: first }), item(1, { date: second })]));
    };
    await dates("d1", "d1");
    await dates("d2", "d2");
    const of = "moved_volatiles m, unnest(places) place WHERE backup_schedule_id = $1";
    if (how !== "together") {
      await behindTheGuards(
        admin,
        `INSERT INTO item_volatiles (tenant_id, range_id, from_set_id, volatile, is_part, seal)
         SELECT tenant_id, shelf * 512 + place, from_set_id, volatiles -> (array_position(places, place) - 1), true, '' FROM ${of}`,
        [scheduleId],
      );
      await behindTheGuards(admin, "DELETE FROM moved_volatiles WHERE backup_schedule_id = $1", [scheduleId]);
      await behindTheGuards(admin, "UPDATE item_volatiles v SET seal = item_volatile_seal(v)");
    }
    await dates("d3", "d2");
    await dates("d3", "d4");
    const begun = async () =>
      (
        await admin.query<{ set: number }>(
          "SELECT DISTINCT from_set_id AS set FROM volatile_entries WHERE backup_schedule_id = $1 ORDER BY 1",
          [scheduleId],
        )
      ).rows.map((row) => row.set);
    const purge = async (set: number | undefined) => {
      await admin.query("UPDATE backup_sets SET deleted_at = now() WHERE id = $1", [set]);
      await purgeBin(retentionActor, tenant.id, { older_than_days: 0 });
      expect(await proven()).toEqual([]);
    };
    expect(await begun()).toEqual(sets.slice(1));
    await purge(sets[1]);
    expect(await begun()).toEqual(sets.slice(1));
    await purge(sets[2]);
    expect(await begun()).toEqual(sets.slice(2));
    const shown = (await listed(sets[3] ?? 0)).map(({ id }) =>
      getBackupItem(tenant.actors.readonly, tenant.id, { set_id: sets[3] ?? 0, item_id: id }),
    );
    expect((await Promise.all(shown)).map(({ volatile }) => volatile)).toEqual([
      { lastModifiedDateTime: "d3" },
      { lastModifiedDateTime: "d4" },
    ]);
  },
);

test("fields and counts are written in short, and read as they were, whatever they say", async () => {
  const { admin, tenant } = world;
  const volatile = {
    version: 7,
    lastModifiedDateTime: "2026-11-29T12:00:00.1234567Z",
    '"\u0001\u001f\n': "\u0001",
    by: '{"',
  };
  const children = { assignments: { captured: 2, announced: null }, settings: { captured: 3, announced: 3 } };
  const policy = { ...item(0), volatile, children };
  const scheduleId = await newSchedule();
  const sets = [await night(scheduleId, [policy]), await night(scheduleId, [policy])];
  const { rows } = await admin.query(
    `SELECT jsonb_typeof(volatile) AS volatile, jsonb_typeof(children) AS children,
            pg_column_size(volatile) + pg_column_size(children) < 2 * pg_column_size(long_json(children)) AS is_short
     FROM item_ranges WHERE backup_schedule_id = $1`,
    [scheduleId],
  );
  // The second night wrote nothing.
  expect(rows).toEqual([{ volatile: "string", children: "string", is_short: true }]);
  expect(await count("moved_volatiles m WHERE backup_schedule_id = $1", scheduleId)).toBe(0);
  const read = async (set_id = 0) => {
    const [held] = await listed(set_id);
    return getBackupItem(tenant.actors.readonly, tenant.id, { set_id, item_id: held?.id ?? 0 });
  };
  for (const set of sets) expect(await read(set)).toMatchObject({ volatile, children });
  sets.push(await night(scheduleId, [{ ...policy, volatile: { ...volatile, version: 8 } }]));
  expect((await read(sets[2])).volatile).toEqual({ ...volatile, version: 8 });
  // What was written in full before stays the same item.
  await behindTheGuards(
    admin,
    `UPDATE item_ranges SET volatile = long_json(volatile), children = long_json(children) WHERE backup_schedule_id = ${scheduleId}`,
  );
  await behindTheGuards(admin, "UPDATE item_ranges r SET seal = item_range_seal(r)");
  await night(scheduleId, [{ ...policy, volatile: { ...volatile, version: 8 } }]);
  expect(await ranges(scheduleId)).toBe(1);
  // One that is damaged fails nobody who reads it, and verification says so.
  await behindTheGuards(
    admin,
    `UPDATE item_ranges SET children = '"{"' WHERE backup_schedule_id = ${scheduleId}`,
  );
  expect((await read(sets[0])).children).toEqual({});
  expect((await proven()).length).toBeGreaterThan(0);
  await behindTheGuards(
    admin,
    `UPDATE item_ranges SET children = short_json('${JSON.stringify(children)}') WHERE backup_schedule_id = ${scheduleId}`,
  );
  await behindTheGuards(admin, "UPDATE item_ranges r SET seal = item_range_seal(r)");
  expect(await proven()).toEqual([]);
});

test("what staging took is given back when nothing is staged, and only then", async () => {
  const scheduleId = await newSchedule();
  const attempt = await newAttempt(scheduleId);
  await storeItems(attempt, [item(0), item(1)]);
  expect(await clearStaging(dispatcherActor)).toBe(false);
  expect(await count("staged_items WHERE run_id = $1", attempt.run_id)).toBe(2);
  await finish(attempt, 2);
  const size = async () =>
    (await world.admin.query("SELECT pg_relation_size('staged_items_pkey')::int AS bytes")).rows[0].bytes;
  await world.admin.query(
    `INSERT INTO staged_items (tenant_id, run_id, attempt, kind, policy_type, graph_id, display_name, sha256)
     SELECT tenant_id, $1, 1, kind, policy_type, 'x' || n, '', sha256
     FROM (SELECT * FROM item_ranges LIMIT 1) r, generate_series(1, 500) n`,
    [attempt.run_id],
  );
  await world.admin.query("DELETE FROM staged_items");
  await world.admin.query("VACUUM staged_items");
  const left = await size();
  const holder = await world.admin.connect();
  try {
    await holder.query("BEGIN; SELECT FROM staged_items");
    expect(await clearStaging(dispatcherActor)).toBe(false);
    await holder.query("COMMIT");
  } finally {
    holder.release();
  }
  expect(await size()).toBe(left);
  expect(await clearStaging(dispatcherActor)).toBe(true);
  expect(await size()).toBeLessThan(left / 2);
});

test("a set's list has the policies first, by name, however it is paged", async () => {
  const set_id = await night(await newSchedule(), [foundation(7), item(2), item(1), foundation(8)]);
  const { actors, id } = world.tenant;
  const seen: [string, string][] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await listBackupItems(actors.readonly, id, {
      set_id,
      limit: 1,
      ...(cursor ? { cursor } : {}),
    });
    seen.push(...page.items.map((each): [string, string] => [each.kind, each.graph_id]));
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  expect(seen).toEqual([
    ["policy", "p1"],
    ["policy", "p2"],
    ["foundation", "p7"],
    ["foundation", "p8"],
  ]);
});

test("a later attempt takes over what an earlier one saw, as long as the list says the same", async () => {
  const scheduleId = await newSchedule();
  const policies = [0, 1, 2].map((id) => item(id));
  await night(scheduleId, policies);
  const first = await newAttempt(scheduleId);
  await storeItems(first, [item(0), item(1), item(2, { version: 1 })]);
  const second = await next(first.run_id);
  const states = new Map([
    ["p0", "d0"],
    ["p1", "d1"],
    ["p2", "d0"],
    ["p3", "d0"],
  ]);
  expect((await unchangedSince(second, type, states)).sort()).toEqual(["p0", "p2"]);
  await expect(storeItems(first, [item(3)])).rejects.toThrow("no longer the current one");
  const reuse = (graph_ids: string[]) =>
    reuseItems(executorActor, second.tenant_id, { ...key(second), policy_type: type, graph_ids });
  await expect(reuse(["p0", "p3"])).rejects.toThrow(RangesGone);
  await reuse(["p0", "p2"]);
  const set = await finish(second, 2);
  expect((await listed(set)).map((each) => each.sha256)).toEqual([
    item(0).sha256,
    item(2, { version: 1 }).sha256,
  ]);
  expect(await proven()).toEqual([]);

  function key({ run_id, attempt, backup_schedule_id }: Attempt) {
    return { run_id, attempt, backup_schedule_id };
  }
});

test("when all that it stands on is purged meanwhile, the run begins anew, and its set is whole", async () => {
  const scheduleId = await newSchedule();
  const policies = [0, 1].map((id) => item(id));
  const only = await night(scheduleId, policies);
  const first = await newAttempt(scheduleId);
  await storeItems(first, policies);
  await world.admin.query("UPDATE backup_sets SET deleted_at = now() WHERE id = $1", [only]);
  await purgeBin(retentionActor, world.tenant.id, { older_than_days: 0 });
  expect(await ranges(scheduleId)).toBe(0);
  await expect(finish(first, 2)).rejects.toThrow(RangesGone);
  const second = await next(first.run_id);
  expect(await unchangedSince(second, type, new Map([["p0", "d0"]]))).toEqual([]);
  await storeItems(second, policies);
  expect(await listed(await finish(second, 2))).toHaveLength(2);
  expect(await proven()).toEqual([]);
});
