import { expect, test } from "vitest";
import { executorActor, retentionActor } from "#lib/access/actor";
import { compareItems } from "#lib/compare/items";
import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import { defaultRetryPolicy } from "#lib/graph/retry";
import { verifySet } from "#lib/integrity/verify";
import { referencesOf } from "#lib/names/collect";
import type { NamesDocument } from "#lib/names/names";
import { canonicalize } from "#lib/policies/canonical";
import { policyTypeKeys } from "#lib/policies/catalog";
import { purgeBin } from "#lib/retention/retention";
import { documentNames } from "#lib/sets/names-of-document";
import { getSetNames } from "#lib/sets/read-names";
import { decodeSnapshot } from "#lib/sets/snapshot-codec";
import { backUpEverything, backUpTypes, type StoredItem } from "#lib/testing/captured";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards } from "#lib/testing/sets";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import { until, withWorld } from "#lib/testing/world";
import { READ_PERMISSIONS } from "#sandbox/collections";
import { beginAttempt } from "./begin-attempt.ts";
import { executeRun } from "./execute.ts";
import { getRun } from "./get.ts";
import { nameReferences } from "./name-attempt.ts";
import { startRun } from "./start.ts";
import { storeItems } from "./store-items.ts";

const world = withWorld({ policies: 120 });
const twin = () => world.sandbox.tenant(world.tenant.sandbox.entraTenantId);

/** What the database has of a set's names. */
async function storedNames(setId: number | null | undefined) {
  const { rows } = await world.admin.query(
    `SELECT b.names_sha256, s.encoding, s.content FROM backup_sets b
     LEFT JOIN snapshots s ON s.tenant_id = b.tenant_id AND s.sha256 = b.names_sha256 WHERE b.id = $1`,
    [setId],
  );
  const { names_sha256, encoding, content } = rows[0];
  const document: NamesDocument | null = content
    ? JSON.parse(new TextDecoder().decode(await decodeSnapshot(encoding, content)))
    : null;
  return { sha256: names_sha256 as string, document };
}

/** Little, but of what refers to most. */
const backUpSome = () => backUpTypes(world, ["conditionalAccessPolicy", "deviceCompliancePolicy"]);

const snapshots = async () => (await world.admin.query("SELECT sha256 FROM snapshots")).rows.length;
const idsOf = (items: readonly StoredItem[], kind: "group" | "user" | "assignmentFilter" | "roleScopeTag") =>
  [...new Set(items.flatMap(({ document }) => referencesOf(document)[kind] ?? []))].sort();
const hashes = (items: readonly StoredItem[]) =>
  items.map((item) => `${item.policy_type} ${item.graph_id} ${item.sha256}`).sort();

test("a set of a whole tenant names every id; a deleted group is gone, and the next set adds nothing", async () => {
  world.sandbox.requests.clear();
  const { run, items } = await backUpEverything(world);
  expect(run).toMatchObject({ status: "success", error_code: null });
  const { document } = await storedNames(run.backup_set_id);
  expect(document).toMatchObject({ format: "tenantpilot-names", version: 1, unresolved: {} });
  const objects = new Map(
    [...twin().objects()].map(({ object }) => [String(object.id), String(object.displayName)]),
  );
  for (const filter of idsOf(items, "assignmentFilter")) {
    expect(document?.names.assignmentFilter?.[filter]?.name, filter).toBe(objects.get(filter));
  }
  for (const kind of ["group", "user", "roleScopeTag"] as const) {
    expect(Object.keys(document?.names[kind] ?? {}).sort(), kind).toEqual(idsOf(items, kind));
  }
  // Fifteen a question, and the roles in one list. Who holds a role may be a group, a user or an application.
  const parts = (kind: "group" | "user" | "application" | "principal") =>
    Math.ceil(Object.keys(document?.names[kind] ?? {}).length / 15);
  const asked = world.sandbox.requests.entries({ family: "directory" });
  expect(asked).toHaveLength(
    parts("group") + parts("user") + parts("application") + 3 * parts("principal") + 1,
  );
  expect(asked.every(({ via }) => via === "batch")).toBe(true);
  const groups = Object.values(document?.names.group ?? {});
  expect(groups.filter(({ name }) => name === null).length).toBeGreaterThan(0);
  expect(groups.filter(({ name }) => name !== null).length).toBeGreaterThan(10);
  expect(groups.some(({ rule }) => rule?.includes("user.department"))).toBe(true);
  // No name is part of a policy.
  const [group] = groups.flatMap(({ name }) => name ?? []);
  expect(JSON.stringify(items.map((item) => item.document))).not.toContain(`"${group}"`);

  const before = await snapshots();
  const again = await backUpEverything(world);
  expect(again.run.status).toBe("success");
  expect(await snapshots()).toBe(before);
  expect((await storedNames(again.run.backup_set_id)).sha256).toBe(
    (await storedNames(run.backup_set_id)).sha256,
  );
});

test("renamed and deleted in the directory: no policy has changed, only the names have", async () => {
  const before = await backUpSome();
  const old = (await storedNames(before.run.backup_set_id)).document;
  twin().drift({ change: 24, collection: "users" });
  twin().drift({ remove: 60, collection: "groups" });
  const after = await backUpSome();
  expect(hashes(after.items)).toEqual(hashes(before.items));
  const { document } = await storedNames(after.run.backup_set_id);
  for (const [id, { name }] of Object.entries(old?.names.user ?? {})) {
    if (name !== null) expect(document?.names.user?.[id]?.name).toBe(`${name} (1)`);
  }
  expect(Object.values(document?.names.group ?? {}).every(({ name }) => name === null)).toBe(true);
  expect(document?.unresolved).toEqual({});
  world.sandbox.reset();
});

test("a renamed user is no change of the schedule's next set", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { policy_types: ["conditionalAccessPolicy"] });
  const first = await execute(schedule.id);
  twin().drift({ change: 24, collection: "users" });
  const second = await execute(schedule.id);
  expect(second.summary.changes).toMatchObject({ added: 0, changed: 0, removed: 0 });
  expect((await storedNames(second.backup_set_id)).sha256).not.toBe(
    (await storedNames(first.backup_set_id)).sha256,
  );
  world.sandbox.reset();
});

test("without the permissions the run succeeds all the same, and the reason is kept", async () => {
  const kept = READ_PERMISSIONS.filter((each) => !/^(Group\.|GroupMember\.|User|Directory)/.test(each));
  twin().setPermissions(kept);
  // The one type that is read with a permission that tells names as well.
  const { run } = await backUpTypes(
    world,
    policyTypeKeys.filter((key) => key !== "groupLifecyclePolicy"),
  );
  expect(run).toMatchObject({ status: "success", error_code: null });
  const { document } = await storedNames(run.backup_set_id);
  expect(document?.unresolved).toEqual({
    group: "PERMISSION_MISSING",
    principal: "PERMISSION_MISSING",
    user: "PERMISSION_MISSING",
  });
  expect(document?.names.group).toBeUndefined();
  expect(document?.names.assignmentFilter).toBeDefined();
  world.sandbox.reset();
});

async function execute(scheduleId: number, stop = new AbortController().signal) {
  const { id, actors } = world.tenant;
  const { id: run_id } = await startRun(actors.operator, id, { schedule_id: scheduleId });
  await executeRun(id, run_id, stop, {
    limiters: new LimiterRegistry(systemClock, unlimitedBudgets),
    requestTimeoutMs: 500,
    retry: {
      ...defaultRetryPolicy,
      throttleRetries: 1,
      throttleBaseMs: 10,
      outageRetries: 1,
      outageBaseMs: 10,
    },
  });
  return getRun(actors.readonly, id, { run_id });
}

test("filters, tags and templates that the set does not hold are asked for", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, {
    policy_types: ["deviceCompliancePolicy"],
    include_foundations: false,
  });
  const { document } = await storedNames((await execute(schedule.id)).backup_set_id);
  expect(document?.unresolved).toEqual({});
  for (const kind of ["roleScopeTag", "assignmentFilter", "notificationMessageTemplate"] as const) {
    const known = Object.values(document?.names[kind] ?? {});
    expect(known.length, kind).toBeGreaterThan(0);
    expect(
      known.every(({ name }) => name !== null),
      kind,
    ).toBe(true);
  }
});

test.each([
  ["an error", { kind: "status", status: 500 }, "GRAPH_UNAVAILABLE"],
  ["throttling", { kind: "status", status: 429, retryAfter: 0 }, "GRAPH_THROTTLE"],
  ["no such thing", { kind: "status", status: 404 }, "TYPE_UNAVAILABLE"],
  ["silence", { kind: "hang" }, "GRAPH_UNAVAILABLE"],
] as const)("%s of Graph where groups are asked for costs their names alone", async (_, action, reason) => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { policy_types: ["conditionalAccessPolicy"] });
  world.sandbox.fault({ path: "groups", action });
  const run = await execute(schedule.id);
  expect(run).toMatchObject({ status: "success", error_code: null });
  expect((await storedNames(run.backup_set_id)).document?.unresolved.group).toBe(reason);
  world.sandbox.reset();
});

test("a policy's comparison and the set itself tell the names; a damaged document tells none", async () => {
  const { id, actors } = world.tenant;
  const { run, items } = await backUpSome();
  const set_id = run.backup_set_id ?? 0;
  const all = await getSetNames(actors.readonly, id, { set_id });
  expect(all.sha256).toBe((await storedNames(set_id)).sha256);
  const policy = items.find(({ document }) => (referencesOf(document).group ?? []).length > 1);
  const groups = referencesOf(policy?.document).group ?? [];
  const read = () => documentNames(actors.readonly, id, set_id, policy?.document);
  expect(Object.keys((await read()).names.group ?? {})).toEqual(groups);
  expect((await read()).names.group?.[groups[0] ?? ""]).toEqual(all.names.group?.[groups[0] ?? ""]);
  await expect(getSetNames(world.foreign.actors.owner, id, { set_id })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });

  twin().drift({ change: 1, collection: "deviceManagement/deviceCompliancePolicies" });
  const next = await backUpSome();
  const { rows } = await world.admin.query<{ left: string; right: string }>(
    `SELECT o.id AS left, n.id AS right FROM backup_items o JOIN backup_items n USING (policy_type, graph_id)
     WHERE o.backup_set_id = $1 AND n.backup_set_id = $2 AND o.sha256 <> n.sha256`,
    [set_id, next.run.backup_set_id],
  );
  const [changed] = rows;
  const { names, changes } = await compareItems(actors.readonly, id, {
    set_id: next.run.backup_set_id ?? 0,
    item_id: Number(changed?.right),
    with_set_id: set_id,
    with_item_id: Number(changed?.left),
  });
  expect(changes.length).toBeGreaterThan(0);
  expect(names.right.roleScopeTag).toBeDefined();
  expect(names.left).toEqual(names.right);

  const flip = () =>
    behindTheGuards(
      world.admin,
      "UPDATE snapshots SET content = set_byte(content, 20, get_byte(content, 20) # 1) WHERE sha256 = $1",
      [all.sha256],
    );
  await flip();
  await expect(getSetNames(actors.readonly, id, { set_id })).rejects.toMatchObject({ code: "INTERNAL" });
  expect((await read()).names).toEqual({});
  await flip();
  world.sandbox.reset();
});

test("a run that is stopped while names are asked for ends as it would have", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { policy_types: ["deviceCompliancePolicy"] });
  world.sandbox.fault({ path: "groups", action: { kind: "hang" } });
  const { id: run_id } = await startRun(actors.operator, id, { schedule_id: schedule.id });
  const shutdown = new AbortController();
  const ended = executeRun(id, run_id, shutdown.signal);
  await until("groups are asked for", async () => (world.sandbox.requests.counters.byFault.hang ?? 0) > 0);
  shutdown.abort();
  expect(await ended).toMatchObject({ kind: "handed_back" });
  world.sandbox.reset();
  // The next attempt finds the items of the first, and what they refer to.
  expect(await executeRun(id, run_id, new AbortController().signal)).toMatchObject({ kind: "ended" });
  const run = await getRun(actors.readonly, id, { run_id });
  expect((await storedNames(run.backup_set_id)).document?.names.group).toBeDefined();
});

test("names have a time limit, and what was answered until then is kept", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  const { id: run_id } = await startRun(actors.operator, id, { schedule_id: schedule.id });
  const attempt = await beginAttempt(executorActor, id, { run_id });
  if (!attempt) throw new Error("the run has not begun");
  const [group, app] = ["11111111-1111-4111-8111-111111111111", "00000002-0000-0ff1-ce00-000000000000"];
  const policy = { id: "a", groupId: group, includeApplications: [app], roleScopeTagIds: ["0"] };
  const { document, sha256 } = canonicalize(policy, { volatile: [] });
  await storeItems(attempt, [
    {
      kind: "policy",
      policyType: "deviceConfiguration",
      graphId: "a",
      displayName: "A",
      document,
      sha256,
      lastModified: null,
      volatile: {},
      children: {},
      notes: [],
    },
  ]);
  world.sandbox.fault({ path: "groups", action: { kind: "hang" } });
  const began = Date.now();
  const stored = await nameReferences(attempt, {}, new AbortController().signal, {}, 1_500);
  expect(Date.now() - began).toBeLessThan(10_000);
  if (!stored) throw new Error("there are no names");
  const names = JSON.parse(new TextDecoder().decode(await decodeSnapshot(stored.encoding, stored.content)));
  expect(names).toMatchObject({
    names: { application: { [app]: { name: "Office 365 Exchange Online" } } },
    unresolved: { group: "TIME_LIMIT" },
  });
  world.sandbox.reset();
});

test("a flipped bit in the names is found, and only the sets that have them are damaged", async () => {
  const { id, actors } = world.tenant;
  const { run } = await backUpSome();
  const set_id = run.backup_set_id ?? 0;
  expect(await verifySet(actors.operator, id, { set_id })).toMatchObject({ status: "ok" });
  const { sha256 } = await storedNames(set_id);
  const flip = () =>
    behindTheGuards(
      world.admin,
      "UPDATE snapshots SET content = set_byte(content, 20, get_byte(content, 20) # 1) WHERE sha256 = $1",
      [sha256],
    );
  await flip();
  const found = await verifySet(actors.operator, id, { set_id });
  expect(found).toMatchObject({ status: "damaged", fault_count: 1 });
  expect(found.faults[0]?.message).toMatch(/names behind the set's ids/);
  await flip();
  expect(await verifySet(actors.operator, id, { set_id })).toMatchObject({ status: "ok" });
  // The reference itself is under the set's seal.
  await behindTheGuards(world.admin, "UPDATE backup_sets SET names_sha256 = NULL WHERE id = $1", [set_id]);
  expect(await verifySet(actors.operator, id, { set_id })).toMatchObject({ status: "damaged" });
  await behindTheGuards(world.admin, "UPDATE backup_sets SET names_sha256 = $2 WHERE id = $1", [
    set_id,
    sha256,
  ]);
});

test("the purge keeps names that a set has, and removes them with the last", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { policy_types: ["deviceConfiguration"] });
  const [older, newer] = [await execute(schedule.id), await execute(schedule.id)];
  const { sha256 } = await storedNames(older.backup_set_id);
  expect((await storedNames(newer.backup_set_id)).sha256).toBe(sha256);
  const purge = async (setId: number | null) => {
    await world.admin.query("UPDATE backup_sets SET deleted_at = now() - interval '1 day' WHERE id = $1", [
      setId,
    ]);
    await purgeBin(retentionActor, id, { older_than_days: 0 });
    const { rows } = await world.admin.query("SELECT 1 FROM snapshots WHERE sha256 = $1", [sha256]);
    return rows.length;
  };
  expect(await purge(older.backup_set_id)).toBe(1);
  expect(await purge(newer.backup_set_id)).toBe(0);
});
