import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Actor, restorerActor } from "#lib/access/actor";
import { AppError } from "#lib/errors";
import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import { defaultRetryPolicy } from "#lib/graph/retry";
import { listNotifications } from "#lib/notifications/list";
import { listBackupSets } from "#lib/sets/sets";
import { backUpTypes, type StoredItem } from "#lib/testing/captured";
import { compliancePolicy } from "#lib/testing/compliance-policies";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import { until, withWorld } from "#lib/testing/world";
import { createToken } from "#lib/tokens/tokens";
import type { GraphObject } from "#sandbox/json";
import { changeRestoreItems, decideReference, listRestoreReferences, replanRestore } from "./change-plan.ts";
import { planRestore, undoRestore } from "./create.ts";
import { executeRestore, type RestoreResult, type RestoreTuning } from "./execute-restore.ts";
import { beginExecution, endExecution, noteItem } from "./execution-steps.ts";
import { getRestoreItem } from "./item-details.ts";
import { getRestore, listRestoreItems } from "./list.ts";
import {
  approveRestore,
  discardRestore,
  refuseRestore,
  requestRestore,
  resumeRestore,
  stopRestore,
  takeLaterStep,
} from "./request.ts";
import type { Restore, RestoreItem, RestoreSettings } from "./schema.ts";
import { getRestoreSettings, saveRestoreSettings } from "./settings.ts";
import { sweepRestores } from "./sweep.ts";
import { workOutPlan } from "./work-out-plan.ts";
import { forgetWriteConnection, getWriteConnection, saveWriteConnection } from "./write-connection.ts";

const world = withWorld({ policies: 120 });
const types = ["deviceCompliancePolicy", "conditionalAccessPolicy"];
const compliance = "deviceManagement/deviceCompliancePolicies";
const access = "identity/conditionalAccess/policies";
let setId: number;
let backedUp: StoredItem[];

const quick = { ...defaultRetryPolicy, throttleBaseMs: 1, outageBaseMs: 1, outageRetries: 1 };
const tuning = () => {
  const graph = { limiters: new LimiterRegistry(systemClock, unlimitedBudgets), retry: quick };
  return { graph, write: graph, settleMs: 30, approvalSeconds: 0 };
};
const handle = () => world.sandbox.tenant(world.tenant.sandbox.entraTenantId);
const never = () => new AbortController().signal;
const reason = "Somebody broke it";

async function jobOf(restore: { id: number }): Promise<string> {
  const { rows } = await world.admin.query("SELECT job_id FROM restores WHERE id = $1", [restore.id]);
  return rows[0].job_id;
}

async function workOut(restore: Restore): Promise<Restore> {
  const { id, actors } = world.tenant;
  const { graph } = tuning();
  const result = await workOutPlan(id, restore.id, await jobOf(restore), never(), graph);
  expect(result).toEqual({ kind: "planned" });
  return getRestore(actors.readonly, id, { restore_id: restore.id });
}

async function planned(items: readonly StoredItem[]): Promise<Restore> {
  const { id, actors } = world.tenant;
  return workOut(
    await planRestore(actors.manager, id, {
      set_id: setId,
      items: items.map(({ policy_type, graph_id }) => ({ policy_type, graph_id })),
    }),
  );
}

async function execute(
  restore: { id: number },
  signal = never(),
  more: Partial<RestoreTuning> = {},
): Promise<RestoreResult> {
  return executeRestore(world.tenant.id, restore.id, await jobOf(restore), signal, { ...tuning(), ...more });
}

async function carriedOut(items: readonly StoredItem[]): Promise<Restore> {
  const { id, actors } = world.tenant;
  const restore = await planned(items);
  await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
  await execute(restore);
  return getRestore(actors.readonly, id, { restore_id: restore.id });
}

async function itemsOf(restore: { id: number }): Promise<RestoreItem[]> {
  const { id, actors } = world.tenant;
  return (await listRestoreItems(actors.readonly, id, { restore_id: restore.id, limit: 200 })).items;
}

function some(type: string, count: number, which: (item: StoredItem) => boolean = () => true): StoredItem[] {
  const found = backedUp.filter((item) => item.policy_type === type && which(item)).slice(0, count);
  if (found.length < count) throw new Error(`the set has only ${found.length} ${type}`);
  return found;
}

function live(collection: string, item: StoredItem): GraphObject & { id: string } {
  const found = handle().get(collection, item.graph_id);
  if (!found) throw new Error(`${item.graph_id} is not there`);
  return { ...found, id: item.graph_id };
}

/** An enabled conditional access policy, with all whom it names in the directory. */
function enabledAccess(at = 0): StoredItem {
  const enabled = some("conditionalAccessPolicy", at + 1, ({ document }) => document.state === "enabled");
  const policy = enabled[at];
  if (!policy) throw new Error("too few");
  const { users } = policy.document.conditions as { users: Record<string, unknown> };
  const ids = (name: string) => (Array.isArray(users[name]) ? users[name].map(String) : []);
  for (const [kind, names] of [
    ["users", ["includeUsers", "excludeUsers"]],
    ["groups", ["includeGroups", "excludeGroups"]],
  ] as const)
    for (const id of names.flatMap(ids))
      if (/^[0-9a-f-]{36}$/.test(id) && !handle().get(kind, id))
        handle().put(kind, {
          "@odata.type": `#microsoft.graph.${kind.slice(0, -1)}`,
          id,
          displayName: `Found ${id}`,
        });
  return policy;
}

/**
 * Carries a restore out, and asks to stop it while its first policy is being written.
 * @param first which of the policies has the first request
 */
async function stopWhileFirstIsWritten(
  restore: { id: number },
  request: { path: string; method: "PATCH" | "POST" } = { path: `${compliance}/*`, method: "PATCH" },
  first = 0,
): Promise<void> {
  const { id, actors } = world.tenant;
  const restore_id = restore.id;
  world.sandbox.fault({
    ...request,
    count: 1,
    action: { kind: "latency", ms: 1_000 },
  });
  const working = execute(restore);
  await until("the first policy is being written", async () => {
    const { status } = await getRestore(actors.readonly, id, { restore_id });
    const items = await itemsOf(restore);
    return status === "running" && items[first]?.state === "writing";
  });
  await stopRestore(actors.owner, id, { restore_id });
  expect(await working).toEqual({ kind: "ended", status: "stopped" });
}

/** Counts the requests that the sandbox gets from now on to change policies or to make some. */
function countWrites(): () => number {
  const faults = (["POST", "PATCH"] as const).map((method) =>
    world.sandbox.fault({ path: "deviceManagement/**", method, action: { kind: "latency", ms: 1 } }),
  );
  return () => faults.reduce((sum, { matched }) => sum + matched, 0);
}

const putGroup = (group: string) => {
  if (!handle().get("groups", group))
    handle().put("groups", { "@odata.type": "#microsoft.graph.group", id: group, displayName: group });
};

const breakIt = (collection: string, item: StoredItem) =>
  handle().put(collection, { ...live(collection, item), description: "broken" });

async function connectWriter(keep_hours: number | null = 8): Promise<void> {
  const { id, actors, sandbox } = world.tenant;
  const { writer } = sandbox;
  if (!writer) throw new Error("no writer");
  await saveWriteConnection(actors.owner, id, {
    client_id: writer.clientId,
    credential_kind: "secret",
    credential: writer.clientSecret,
    keep_hours,
  });
}

const settings: RestoreSettings = {
  two_people: false,
  break_glass_users: [],
  break_glass_groups: [],
  mass_change_limit: 25,
};

beforeAll(async () => {
  const { run, items } = await backUpTypes(world, types);
  setId = run.backup_set_id ?? 0;
  backedUp = items;
});
beforeEach(async () => {
  world.sandbox.reset();
  await world.admin.query(
    "UPDATE restores SET status = 'discarded' WHERE status IN ('queued', 'running', 'waiting')",
  );
  await connectWriter();
  await saveRestoreSettings(world.tenant.actors.owner, world.tenant.id, settings);
});

describe("a restore", () => {
  test("writes what was planned, keeps what was live before, and reads it back", async () => {
    const { id, actors } = world.tenant;
    const [changed, gone] = some("deviceCompliancePolicy", 2);
    if (!changed || !gone) throw new Error("too few");
    breakIt(compliance, changed);
    handle().remove(compliance, gone.graph_id);
    const restore = await carriedOut([changed, gone]);
    expect(restore).toMatchObject({ status: "done", states: { done: 2 }, error_code: null });
    const { rows: told } = await world.admin.query(
      "SELECT kind, severity, policy_types FROM alert_events WHERE (data ->> 'restore_id')::int = $1 ORDER BY id",
      [restore.id],
    );
    expect(told).toMatchObject([
      { kind: "restore.requested", severity: "warning" },
      { kind: "restore.done", severity: "info", policy_types: ["deviceCompliancePolicy"] },
    ]);
    expect(live(compliance, changed).description).toBe(changed.document.description);
    const [, created] = await itemsOf(restore);
    expect(created).toMatchObject({ is_created: true, differences: [], state: "done" });
    expect(created?.request_ids.length).toBeGreaterThan(0);
    expect(handle().get(compliance, created?.target_id ?? "")).toMatchObject({
      displayName: gone.document.displayName,
    });
    const { items: sets } = await listBackupSets(actors.readonly, id, {});
    expect(sets.find((set) => set.id === restore.before_set_id)).toMatchObject({
      schedule_name: "Before restores",
      schedule_is_deleted: false,
    });
    expect(sets.find((set) => set.id === restore.before_set_id)?.pinned_at).not.toBeNull();
  });

  test("is taken back: what was live before comes back to the byte", async () => {
    const { id, actors } = world.tenant;
    const [changed] = some("deviceCompliancePolicy", 1);
    if (!changed) throw new Error("too few");
    breakIt(compliance, changed);
    const before = { ...live(compliance, changed) };
    const restore = await carriedOut([changed]);
    expect(live(compliance, changed)).not.toEqual(before);
    const undo = await workOut(await undoRestore(actors.manager, id, { restore_id: restore.id }));
    expect(undo).toMatchObject({ undo_of: restore.id, outcomes: { update: 1 } });
    await requestRestore(actors.owner, id, { restore_id: undo.id, reason });
    await execute(undo);
    const done = await getRestore(actors.readonly, id, { restore_id: undo.id });
    expect(done.status).toBe("done");
    const shas = async (set: number | null) =>
      (
        await world.admin.query(
          "SELECT sha256 FROM backup_items WHERE backup_set_id = $1 AND graph_id = $2",
          [set, changed.graph_id],
        )
      ).rows;
    const again = await planned([changed]);
    expect(await shas(again.live_set_id)).toEqual(await shas(restore.before_set_id));
    expect(await getRestore(actors.readonly, id, { restore_id: restore.id })).toMatchObject({
      undone_by: undo.id,
    });
  });

  test("leaves a policy that was changed since the plan, and goes on with the others", async () => {
    const [first, second] = some("deviceCompliancePolicy", 2);
    if (!first || !second) throw new Error("too few");
    breakIt(compliance, first);
    breakIt(compliance, second);
    const { id, actors } = world.tenant;
    const restore = await planned([first, second]);
    handle().put(compliance, { ...live(compliance, first), description: "changed meanwhile" });
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    await execute(restore);
    expect((await itemsOf(restore)).map(({ state, error_code }) => [state, error_code])).toEqual([
      ["failed", "CHANGED_SINCE_PLAN"],
      ["done", null],
    ]);
    expect(live(compliance, first).description).toBe("changed meanwhile");
    expect(await getRestore(actors.readonly, id, { restore_id: restore.id })).toMatchObject({
      status: "done_with_problems",
    });
  });

  test("makes a policy once although the answer to its creation was lost", async () => {
    const [gone] = some("deviceCompliancePolicy", 1);
    if (!gone) throw new Error("too few");
    handle().remove(compliance, gone.graph_id);
    const { id, actors } = world.tenant;
    const restore = await planned([gone]);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    const count = handle().count(compliance);
    world.sandbox.fault({ path: compliance, method: "POST", count: 1, action: { kind: "truncate" } });
    await execute(restore);
    expect(handle().count(compliance)).toBe(count + 1);
    expect(await itemsOf(restore)).toMatchObject([{ state: "done", is_created: true }]);
  });

  test("sends again what Graph refuses for too many requests, and makes it once", async () => {
    const [gone] = some("deviceCompliancePolicy", 1);
    if (!gone) throw new Error("too few");
    handle().remove(compliance, gone.graph_id);
    const count = handle().count(compliance);
    // Conditional access and Intune say nothing of how long to wait; the wait is the writer's own then.
    const throttled = world.sandbox.fault({
      path: compliance,
      method: "POST",
      count: 3,
      action: { kind: "status", status: 429 },
    });
    const restore = await carriedOut([gone]);
    expect(throttled.applied).toBe(3);
    expect(handle().count(compliance)).toBe(count + 1);
    expect(await itemsOf(restore)).toMatchObject([{ state: "done", is_created: true }]);
  });

  test("gives up a creation that Graph does not answer, and goes on with the others", async () => {
    const { id, actors } = world.tenant;
    const [gone, broken] = some("deviceCompliancePolicy", 2);
    if (!gone || !broken) throw new Error("too few");
    handle().remove(compliance, gone.graph_id);
    breakIt(compliance, broken);
    const restore = await planned([gone, broken]);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    const count = handle().count(compliance);
    const outage = world.sandbox.fault({
      path: compliance,
      method: "POST",
      action: { kind: "status", status: 503 },
    });
    await execute(restore);
    expect(await itemsOf(restore)).toMatchObject([
      { state: "failed", error_code: "GRAPH_UNAVAILABLE" },
      { state: "done" },
    ]);
    outage.remove();
    expect(handle().count(compliance)).toBe(count);
  });

  test("goes on after a crash from what was noted, whether the request was done or not", async () => {
    const { id, actors } = world.tenant;
    for (const done of [true, false]) {
      world.sandbox.reset();
      const [gone] = some("deviceCompliancePolicy", 1);
      if (!gone) throw new Error("too few");
      handle().remove(compliance, gone.graph_id);
      const count = handle().count(compliance);
      const restore = await planned([gone]);
      await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
      const aborted = new AbortController();
      // It dies while the creation is under way: with the answer on its way, or before Graph got it.
      world.sandbox.fault({
        path: compliance,
        method: "POST",
        action: done ? { kind: "truncate" } : { kind: "status", status: 503 },
        count: 1,
      });
      const watch = setInterval(() => {
        if (world.sandbox.requests.counters.byFault[done ? "truncate" : "status"]) aborted.abort("killed");
      }, 1);
      const first = await execute(restore, aborted.signal);
      clearInterval(watch);
      if (first.kind === "try_again") await execute(restore);
      expect(handle().count(compliance), String(done)).toBe(count + 1);
      expect(await itemsOf(restore)).toMatchObject([{ state: "done", is_created: true }]);
      await world.admin.query(
        "UPDATE restores SET status = 'discarded' WHERE id = $1 AND status = 'running'",
        [restore.id],
      );
    }
  });

  test("stops between two policies, and goes on", async () => {
    const { id, actors } = world.tenant;
    const chosen = some("deviceCompliancePolicy", 3);
    for (const item of chosen) breakIt(compliance, item);
    const restore = await planned(chosen);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    await stopWhileFirstIsWritten(restore);
    expect((await itemsOf(restore)).map(({ state }) => state)).toEqual(["done", "pending", "pending"]);
    await resumeRestore(actors.owner, id, { restore_id: restore.id });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    expect((await itemsOf(restore)).map(({ state }) => state)).toEqual(["done", "done", "done"]);
  });

  test("sends nothing after a stop that was asked for before its first request", async () => {
    const { id, actors } = world.tenant;
    const [changed, gone] = some("deviceCompliancePolicy", 2);
    if (!changed || !gone) throw new Error("too few");
    const restored = async (stop: (restore: Restore) => Promise<void>) => {
      world.sandbox.reset();
      breakIt(compliance, changed);
      handle().remove(compliance, gone.graph_id);
      const restore = await planned([changed, gone]);
      await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
      const written = countWrites();
      await stop(restore);
      expect((await itemsOf(restore)).map(({ state }) => state)).toEqual(["pending", "pending"]);
      expect(written()).toBe(0);
      return restore;
    };
    const askToStop = (restore: Restore) =>
      world.admin.query("UPDATE restores SET stop_requested_at = now() WHERE id = $1", [restore.id]);
    // Asked before a worker took it up.
    await restored(async (restore) => {
      await askToStop(restore);
      expect(await execute(restore)).toEqual({ kind: "ended", status: "stopped" });
    });
    // Asked while the live tenant is read.
    await restored(async (restore) => {
      const { status: before } = await getRestore(actors.readonly, id, { restore_id: restore.id });
      expect(before).toBe("queued");
      world.sandbox.fault({ path: compliance, count: 1, action: { kind: "latency", ms: 1_000 } });
      const working = execute(restore);
      await until("it is running", async () => {
        const { status } = await getRestore(actors.readonly, id, { restore_id: restore.id });
        return status === "running";
      });
      await stopRestore(actors.owner, id, { restore_id: restore.id });
      expect(await working).toEqual({ kind: "ended", status: "stopped" });
      // It is known then what was live before.
      await resumeRestore(actors.owner, id, { restore_id: restore.id });
      await askToStop(restore);
      expect(await execute(restore)).toEqual({ kind: "ended", status: "stopped" });
    });
    // Asked between two policies, in the moment before the next one is noted.
    const later = await restored(async (restore) => {
      const begun = await beginExecution(restorerActor, id, {
        restore_id: restore.id,
        job_id: await jobOf(restore),
      });
      const [row] = await itemsOf(restore);
      if (!begun || !row) throw new Error("it did not begin");
      await stopRestore(actors.owner, id, { restore_id: restore.id });
      const sent = { method: "PATCH", path: "x", creates: false, at: "", answered_at: null };
      const noted = await noteItem(restorerActor, id, {
        restore_id: restore.id,
        attempt: begun.restore.attempt,
        item_id: row.id,
        note: { state: "writing", phase: "object", sent },
      });
      expect(noted).toMatchObject({ stop: true, isNoted: false });
      // Taken up by another worker.
      expect(await execute(restore)).toEqual({ kind: "ended", status: "stopped" });
    });
    await resumeRestore(actors.owner, id, { restore_id: later.id });
    expect(await execute(later)).toEqual({ kind: "ended", status: "done" });
  });

  test("leaves what it cannot read, and goes on with the others", async () => {
    const { id, actors } = world.tenant;
    const chosen = some("deviceCompliancePolicy", 4);
    for (const item of chosen) breakIt(compliance, item);
    const restore = await planned(chosen);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    const damages = [
      "source_content = '\\x00'",
      "live_content = '\\x00'",
      "policy_type = 'goneWithAnUpdate'",
    ];
    const items = await itemsOf(restore);
    for (const [at, damage] of damages.entries())
      await world.admin.query(`UPDATE restore_items SET ${damage} WHERE id = $1`, [items[at]?.id]);
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done_with_problems" });
    expect((await itemsOf(restore)).map(({ state, error_code }) => [state, error_code])).toEqual([
      ["failed", "COPY_UNREADABLE"],
      ["failed", "COPY_UNREADABLE"],
      ["failed", "COPY_UNREADABLE"],
      ["done", null],
    ]);
    for (const { id: item_id } of items)
      expect(await getRestoreItem(actors.readonly, id, { restore_id: restore.id, item_id })).toMatchObject({
        id: item_id,
      });
  });

  test("ends where something unexpected happens, and holds up no other", async () => {
    const { id, actors } = world.tenant;
    const [first, second] = some("deviceCompliancePolicy", 2);
    if (!first || !second) throw new Error("too few");
    breakIt(compliance, first);
    breakIt(compliance, second);
    const [broken, other] = [await planned([first]), await planned([second])];
    await requestRestore(actors.owner, id, { restore_id: broken.id, reason });
    await world.admin.query(`UPDATE restores SET known = '{"source": 1}' WHERE id = $1`, [broken.id]);
    expect(await execute(broken)).toEqual({ kind: "ended", status: "stopped" });
    expect(await getRestore(actors.readonly, id, { restore_id: broken.id })).toMatchObject({
      status: "stopped",
      error_code: "UNKNOWN",
    });
    await requestRestore(actors.owner, id, { restore_id: other.id, reason });
    expect(await execute(other)).toEqual({ kind: "ended", status: "done" });
  });

  test("says that what was live before was removed, in place of going on or of an undo", async () => {
    const { id, actors } = world.tenant;
    const chosen = some("deviceCompliancePolicy", 2);
    for (const item of chosen) breakIt(compliance, item);
    const restore = await planned(chosen);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    await stopWhileFirstIsWritten(restore);
    const { before_set_id } = await getRestore(actors.readonly, id, { restore_id: restore.id });
    // As it is purged out of the bin.
    await world.admin.query(
      `BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM backup_sets WHERE id = ${before_set_id}; COMMIT`,
    );
    await resumeRestore(actors.owner, id, { restore_id: restore.id });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "stopped" });
    expect(await getRestore(actors.readonly, id, { restore_id: restore.id })).toMatchObject({
      error_code: "BEFORE_SET_GONE",
      states: { done: 1, pending: 1 },
    });
    await expect(undoRestore(actors.manager, id, { restore_id: restore.id })).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("was removed"),
    });
  });

  test("assigns no policy after a stop of which nothing was sent before it", async () => {
    const { id, actors } = world.tenant;
    const chosen = some("deviceCompliancePolicy", 2, ({ document }) => {
      const { assignments } = document;
      return Array.isArray(assignments) && assignments.length > 0;
    });
    const [assigned, changed] = chosen;
    if (!assigned || !changed) throw new Error("too few");
    handle().put(compliance, { ...live(compliance, assigned), assignments: [] });
    breakIt(compliance, changed);
    const restore = await planned(chosen);
    expect((await itemsOf(restore)).map(({ outcome }) => outcome)).toEqual(["assign", "update"]);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    // Assignments come after all policies.
    await stopWhileFirstIsWritten(restore, { path: `${compliance}/*`, method: "PATCH" }, 1);
    expect((await itemsOf(restore)).map(({ state }) => state)).toEqual(["pending", "done"]);
    expect(live(compliance, assigned).assignments).toEqual([]);
    await resumeRestore(actors.owner, id, { restore_id: restore.id });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    expect(live(compliance, assigned).assignments).not.toEqual([]);
  });

  test("makes none of a name that somebody took between the plan and a creation, also of a restore that goes on", async () => {
    const { id, actors } = world.tenant;
    const chosen = some("deviceCompliancePolicy", 3);
    const [changed, early, late] = chosen;
    if (!changed || !early || !late) throw new Error("too few");
    const takeName = [early, late].map((item, at) => {
      const was = live(compliance, item);
      return () => handle().put(compliance, { ...was, id: `${at}bbbbbbb-2222-4222-8222-222222222222` });
    });
    breakIt(compliance, changed);
    for (const item of [early, late]) handle().remove(compliance, item.graph_id);
    const restore = await planned(chosen);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    takeName[0]?.();
    await stopWhileFirstIsWritten(restore);
    takeName[1]?.();
    const count = handle().count(compliance);
    await resumeRestore(actors.owner, id, { restore_id: restore.id });
    await execute(restore);
    expect((await itemsOf(restore)).map(({ state, error_code }) => [state, error_code])).toEqual([
      ["done", null],
      ["failed", "CHANGED_SINCE_PLAN"],
      ["failed", "CHANGED_SINCE_PLAN"],
    ]);
    expect(handle().count(compliance)).toBe(count);
  });

  test("of what was refused, looks before it goes on whether somebody made it by hand since", async () => {
    const { id, actors } = world.tenant;
    const chosen = some("deviceCompliancePolicy", 3);
    const [gone, changed, last] = chosen;
    if (!gone || !changed || !last) throw new Error("too few");
    const theirs = {
      ...live(compliance, gone),
      id: "0bbbbbbb-3333-4333-8333-333333333333",
      description: "made by hand",
    };
    handle().remove(compliance, gone.graph_id);
    for (const item of [changed, last]) breakIt(compliance, item);
    const restore = await planned(chosen);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    world.sandbox.fault({
      path: compliance,
      method: "POST",
      count: 1,
      action: { kind: "status", status: 400 },
    });
    await stopWhileFirstIsWritten(restore, undefined, 1);
    expect((await itemsOf(restore)).map(({ state, error_code }) => [state, error_code])).toEqual([
      ["failed", "GRAPH_REFUSED"],
      ["done", null],
      ["pending", null],
    ]);
    handle().put(compliance, theirs);
    const count = handle().count(compliance);
    await resumeRestore(actors.owner, id, { restore_id: restore.id });
    await execute(restore);
    expect((await itemsOf(restore)).map(({ state, error_code }) => [state, error_code])).toEqual([
      ["failed", "CHANGED_SINCE_PLAN"],
      ["done", null],
      ["done", null],
    ]);
    expect(handle().get(compliance, theirs.id)?.description).toBe("made by hand");
    expect(handle().count(compliance)).toBe(count);
  });

  test("asks Graph for a type's list as often for many creations as for one", async () => {
    const listsFor = async (count: number) => {
      const isLive = ({ graph_id }: StoredItem) => handle().get(compliance, graph_id) !== undefined;
      const chosen = some("deviceCompliancePolicy", count, isLive);
      for (const item of chosen) handle().remove(compliance, item.graph_id);
      const asked = () =>
        world.sandbox.requests
          .entries({ phase: "list", path: compliance })
          .filter(({ status }) => status === 200).length;
      const before = asked();
      const restore = await carriedOut(chosen);
      expect((await itemsOf(restore)).map(({ state }) => state)).toEqual(chosen.map(() => "done"));
      return asked() - before;
    };
    const ofOne = await listsFor(1);
    expect(ofOne).toBeGreaterThan(0);
    expect(await listsFor(4)).toBe(ofOne);
  });

  test("creates an enabled conditional access policy report-only; a person enables it by name", async () => {
    const { id, actors } = world.tenant;
    const policy = enabledAccess();
    handle().remove(access, policy.graph_id);
    const restore = await carriedOut([policy]);
    const [item] = await itemsOf(restore);
    expect(item).toMatchObject({ state: "done", later: [expect.any(String)] });
    const state = () => handle().get(access, item?.target_id ?? "")?.state;
    expect(state()).toBe("enabledForReportingButNotEnforced");
    const take = { restore_id: restore.id, item_id: item?.id ?? 0 };
    await saveRestoreSettings(actors.owner, id, { ...settings, two_people: true });
    await expect(takeLaterStep(actors.owner, id, take)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await saveRestoreSettings(actors.owner, id, settings);
    await takeLaterStep(actors.owner, id, take);
    await execute(restore);
    expect(state()).toBe("enabled");
    expect(await itemsOf(restore)).toMatchObject([{ state: "done", later_taken_by: expect.any(String) }]);
    await expect(takeLaterStep(actors.owner, id, take)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("lets a policy be enabled again where that failed", async () => {
    const { id, actors } = world.tenant;
    const policy = enabledAccess();
    handle().remove(access, policy.graph_id);
    const restore = await carriedOut([policy]);
    const [item] = await itemsOf(restore);
    const state = () => handle().get(access, item?.target_id ?? "")?.state;
    const take = async () => {
      await takeLaterStep(actors.owner, id, { restore_id: restore.id, item_id: item?.id ?? 0 });
      await execute(restore);
    };
    world.sandbox.fault({
      path: `${access}/*`,
      method: "PATCH",
      count: 1,
      action: { kind: "status", status: 400 },
    });
    await take();
    expect(await itemsOf(restore)).toMatchObject([{ state: "failed", error_code: "GRAPH_REFUSED" }]);
    expect(state()).toBe("enabledForReportingButNotEnforced");
    // Whoever may only carry restores out does not enable it by going on.
    await expect(resumeRestore(actors.owner, id, { restore_id: restore.id })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    await take();
    expect(await itemsOf(restore)).toMatchObject([{ state: "done", error_code: null }]);
    expect(state()).toBe("enabled");
  });

  test("that was stopped goes no further when a person enables one of its policies", async () => {
    const { id, actors } = world.tenant;
    const [made, other] = [enabledAccess(), enabledAccess(1)];
    handle().remove(access, made.graph_id);
    handle().put(access, { ...live(access, other), displayName: "broken" });
    const restore = await planned([made, other]);
    const details = await getRestore(actors.readonly, id, { restore_id: restore.id });
    await requestRestore(actors.owner, id, {
      restore_id: restore.id,
      reason,
      confirmations: details.to_confirm.map(({ item_id }) => item_id),
    });
    await stopWhileFirstIsWritten(restore, { path: access, method: "POST" });
    const [first, second] = await itemsOf(restore);
    expect([first?.state, second?.state]).toEqual(["done", "pending"]);
    await takeLaterStep(actors.owner, id, { restore_id: restore.id, item_id: first?.id ?? 0 });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "stopped" });
    expect((await itemsOf(restore)).map(({ state }) => state)).toEqual(["done", "pending"]);
    expect(handle().get(access, first?.target_id ?? "")?.state).toBe("enabled");
    expect(live(access, other).displayName).toBe("broken");
    // The rest comes when somebody asks for it.
    await resumeRestore(actors.owner, id, { restore_id: restore.id });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    expect(live(access, other).displayName).toBe(other.document.displayName);
  });

  test("waits for approval in Intune, and sends the same bytes again", async () => {
    const { id, actors } = world.tenant;
    const [changed] = some("deviceCompliancePolicy", 1);
    if (!changed) throw new Error("too few");
    breakIt(compliance, changed);
    const restore = await planned([changed]);
    handle().requireApproval();
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    await execute(restore);
    expect(await getRestore(actors.readonly, id, { restore_id: restore.id })).toMatchObject({
      status: "waiting",
    });
    expect(await itemsOf(restore)).toMatchObject([{ state: "waiting_for_approval" }]);
    await execute(restore);
    const [code, ...others] = handle().waitingForApproval();
    expect(others).toEqual([]);
    handle().approve(code ?? "");
    // The answer to what was approved is lost: what is left to do shows in the live policy.
    world.sandbox.fault({ path: `${compliance}/*`, method: "PATCH", count: 1, action: { kind: "truncate" } });
    for (let round = 0; round < 5; round++) {
      await execute(restore);
      for (const next of handle().waitingForApproval()) handle().approve(next);
    }
    expect(await getRestore(actors.readonly, id, { restore_id: restore.id })).toMatchObject({
      status: "done",
    });
    expect(live(compliance, changed).description).toBe(changed.document.description);
    const { items: told } = await listNotifications(actors.owner, id, {});
    expect(told.filter(({ kind }) => kind === "restore.waiting")).toHaveLength(1);
  });

  test("waits also where Intune asks for approval with 403, and sends the same bytes again", async () => {
    const { id, actors } = world.tenant;
    const chosen = some("deviceCompliancePolicy", 2);
    const [changed, gone] = chosen;
    if (!changed || !gone) throw new Error("too few");
    breakIt(compliance, changed);
    handle().remove(compliance, gone.graph_id);
    const count = handle().count(compliance);
    const restore = await planned(chosen);
    handle().requireApproval(true, { forbids: true });
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "waiting" });
    expect(await itemsOf(restore)).toMatchObject([
      { state: "waiting_for_approval", error_code: null },
      { state: "waiting_for_approval", error_code: null },
    ]);
    const asked = handle().waitingForApproval();
    expect(asked).toHaveLength(2);
    // Nobody has approved it: what waits is asked for again under its code, and opens no other request.
    expect(await execute(restore)).toEqual({ kind: "ended", status: "waiting" });
    // Also where Intune says so without naming the code once more.
    world.sandbox.fault({
      path: `${compliance}/*`,
      method: "PATCH",
      count: 1,
      action: { kind: "status", status: 403, message: "Approval Required." },
    });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "waiting" });
    expect(handle().waitingForApproval()).toEqual(asked);
    let end: RestoreResult = { kind: "ended", status: "waiting" };
    // The objects first, then what is written of them afterwards; the sandbox takes no other bytes under a code.
    for (let round = 0; round < 5 && end.kind === "ended" && end.status === "waiting"; round++) {
      for (const code of handle().waitingForApproval()) handle().approve(code);
      end = await execute(restore);
    }
    expect(end).toEqual({ kind: "ended", status: "done" });
    expect(live(compliance, changed).description).toBe(changed.document.description);
    expect(handle().count(compliance)).toBe(count + 1);
  });

  test.each([400, 403])(
    "says that Intune wants an approval with a reason, where it opens no request for it: %i",
    async (status) => {
      const { id, actors } = world.tenant;
      const [changed] = some("deviceCompliancePolicy", 1);
      if (!changed) throw new Error("too few");
      breakIt(compliance, changed);
      const restore = await planned([changed]);
      await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
      const message = "Header 'x-msft-approval-justification' is required to request approval";
      world.sandbox.fault({
        path: `${compliance}/*`,
        method: "PATCH",
        count: 1,
        action: { kind: "status", status, message },
      });
      expect(await execute(restore)).toEqual({ kind: "ended", status: "done_with_problems" });
      expect(await itemsOf(restore)).toMatchObject([
        {
          state: "failed",
          error_code: "APPROVAL_NOT_ASKED",
          error_message: expect.stringMatching(
            /another administrator's approval .*, asked for with a reason/,
          ),
        },
      ]);
      await resumeRestore(actors.owner, id, { restore_id: restore.id });
      expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    },
  );

  test("takes a 403 for want of a permission for no approval, and names the permission", async () => {
    const [changed] = some("deviceCompliancePolicy", 1);
    if (!changed) throw new Error("too few");
    breakIt(compliance, changed);
    const needed = "DeviceManagementConfiguration.ReadWrite.All";
    world.sandbox.fault({
      path: `${compliance}/*`,
      method: "PATCH",
      action: {
        kind: "status",
        status: 403,
        message: `Application is not authorized to perform this operation. Application must have one of the following scopes: ${needed} - Url: https://fef.example/deviceManagement/operationApprovalRequests`,
      },
    });
    const restore = await carriedOut([changed]);
    expect(restore.status).toBe("done_with_problems");
    expect(await itemsOf(restore)).toMatchObject([
      { state: "failed", error_code: "GRAPH_REFUSED", error_message: expect.stringContaining(needed) },
    ]);
  });

  test("writes over nothing that somebody changed or made while it waited in Intune", async () => {
    const { id, actors } = world.tenant;
    const chosen = some("deviceCompliancePolicy", 2);
    const [changed, gone] = chosen;
    if (!changed || !gone) throw new Error("too few");
    const theirs = {
      ...live(compliance, gone),
      id: "0bbbbbbb-4444-4444-8444-444444444444",
      description: "made by hand",
    };
    breakIt(compliance, changed);
    handle().remove(compliance, gone.graph_id);
    const restore = await planned(chosen);
    handle().requireApproval();
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "waiting" });
    expect(handle().waitingForApproval()).toHaveLength(2);
    handle().put(compliance, { ...live(compliance, changed), description: "mended by hand" });
    handle().put(compliance, theirs);
    const count = handle().count(compliance);
    for (const code of handle().waitingForApproval()) handle().approve(code);
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done_with_problems" });
    expect((await itemsOf(restore)).map(({ state, error_code }) => [state, error_code])).toEqual([
      ["failed", "CHANGED_SINCE_PLAN"],
      ["failed", "CHANGED_SINCE_PLAN"],
    ]);
    expect(live(compliance, changed).description).toBe("mended by hand");
    expect(handle().get(compliance, theirs.id)?.description).toBe("made by hand");
    expect(handle().count(compliance)).toBe(count);
  });

  test("keeps no write that waited in Intune beyond its time, and asks anew for one that no key opens", async () => {
    const { id, actors } = world.tenant;
    const [changed] = some("deviceCompliancePolicy", 1);
    if (!changed) throw new Error("too few");
    breakIt(compliance, changed);
    const restore = await planned([changed]);
    handle().requireApproval();
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "waiting" });
    const change = (sql: string) =>
      world.admin.query(`UPDATE restore_items SET ${sql} WHERE restore_id = $1`, [restore.id]);
    const kept = async () => {
      const { rows } = await world.admin.query(
        "SELECT FROM restore_items WHERE restore_id = $1 AND approval_ciphertext IS NOT NULL",
        [restore.id],
      );
      return rows.length;
    };
    await change("approval_ciphertext = overlay(approval_ciphertext PLACING '\\xdeadbeef' FROM 2)");
    expect(await execute(restore)).toEqual({ kind: "ended", status: "waiting" });
    expect(handle().waitingForApproval()).toHaveLength(2);
    expect(await kept()).toBe(1);
    await change("approval_since = now() - interval '4 days'");
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done_with_problems" });
    expect(await itemsOf(restore)).toMatchObject([{ state: "failed", error_code: "APPROVAL_EXPIRED" }]);
    expect(await kept()).toBe(0);
  });

  test.each([
    ["reads", 1, "READ_CONNECTION_REFUSED"],
    ["writes", 2, "WRITE_CONNECTION_REFUSED"],
  ])("says that the credential that %s is refused", async (_, nth, error_code) => {
    const { id, actors } = world.tenant;
    const chosen = some("deviceCompliancePolicy", 2);
    for (const item of chosen) breakIt(compliance, item);
    const restore = await planned(chosen);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    await stopWhileFirstIsWritten(restore);
    await resumeRestore(actors.owner, id, { restore_id: restore.id });
    // A policy is read before it is written: whoever does it first signs in first.
    world.sandbox.fault({ phase: ["token"], nth, action: { kind: "secretExpired" } });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "stopped" });
    expect(await getRestore(actors.readonly, id, { restore_id: restore.id })).toMatchObject({ error_code });
  });

  describe("whose connection leads to another Entra tenant now", () => {
    const lead = (to: { entraTenantId: string }) =>
      world.admin.query("UPDATE connections SET entra_tenant_id = $1 WHERE tenant_id = $2", [
        to.entraTenantId,
        world.tenant.id,
      ]);
    afterEach(() => lead(world.tenant.sandbox));

    test("writes nothing there, and goes on once it leads back", async () => {
      const { id, actors } = world.tenant;
      const chosen = some("deviceCompliancePolicy", 2);
      for (const item of chosen) breakIt(compliance, item);
      const restore = await planned(chosen);
      const about = { restore_id: restore.id };
      await requestRestore(actors.owner, id, { ...about, reason });
      await stopWhileFirstIsWritten(restore);
      await lead(world.foreign.sandbox);
      await expect(resumeRestore(actors.owner, id, about)).rejects.toMatchObject({
        code: "CONFLICT",
        message: expect.stringContaining("Plan another restore"),
      });
      await lead(world.tenant.sandbox);
      await resumeRestore(actors.owner, id, about);
      await lead(world.foreign.sandbox);
      const writes = countWrites();
      expect(await execute(restore)).toEqual({ kind: "ended", status: "stopped" });
      expect(await getRestore(actors.readonly, id, about)).toMatchObject({
        error_code: "ENTRA_TENANT_CHANGED",
        states: { done: 1, pending: 1 },
      });
      expect(writes()).toBe(0);
      await lead(world.tenant.sandbox);
      await resumeRestore(actors.owner, id, about);
      expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
      expect(writes()).toBeGreaterThan(0);
      // What it took back would be made there.
      await lead(world.foreign.sandbox);
      await expect(undoRestore(actors.manager, id, about)).rejects.toMatchObject({
        code: "CONFLICT",
        message: expect.stringContaining("the connection leads to"),
      });
      await lead(world.tenant.sandbox);
      expect(await undoRestore(actors.manager, id, about)).toMatchObject({ undo_of: restore.id });
    });

    test("is not planned from what was read while that changed", async () => {
      const { id, actors } = world.tenant;
      const [item] = some("deviceCompliancePolicy", 1);
      if (!item) throw new Error("too few");
      const { policy_type, graph_id } = item;
      const restore = await planRestore(actors.manager, id, {
        set_id: setId,
        items: [{ policy_type, graph_id }],
      });
      const slow = world.sandbox.fault({
        phase: ["list"],
        path: compliance,
        count: 1,
        action: { kind: "latency", ms: 1_000 },
      });
      const working = workOutPlan(id, restore.id, await jobOf(restore), never(), tuning().graph);
      await until("what is live is being read", async () => slow.matched > 0);
      await lead(world.foreign.sandbox);
      expect(await working).toEqual({ kind: "failed" });
      expect(await getRestore(actors.readonly, id, { restore_id: restore.id })).toMatchObject({
        status: "plan_failed",
        error_code: "ENTRA_TENANT_CHANGED",
      });
    });
  });

  test("writes nothing more once the connection for writing is gone", async () => {
    const { id, actors } = world.tenant;
    const [changed] = some("deviceCompliancePolicy", 1);
    if (!changed) throw new Error("too few");
    breakIt(compliance, changed);
    const restore = await planned([changed]);
    await forgetWriteConnection(actors.owner, id, {});
    const request = { restore_id: restore.id, reason };
    await expect(requestRestore(actors.owner, id, request)).rejects.toMatchObject({ code: "CONFLICT" });
    await connectWriter();
    await requestRestore(actors.owner, id, request);
    await world.admin.query("UPDATE write_connections SET kept_until = now() - interval '1 second'");
    expect(await getWriteConnection(actors.owner, id, {})).toBeNull();
    expect(await execute(restore)).toEqual({ kind: "ended", status: "stopped" });
    expect(live(compliance, changed).description).toBe("broken");
    expect(await getRestore(actors.readonly, id, { restore_id: restore.id })).toMatchObject({
      error_code: "WRITE_CONNECTION_MISSING",
    });
    expect((await sweepRestores()).removed).toBe(1);
    expect((await world.admin.query("SELECT FROM write_connections")).rowCount).toBe(0);
    await connectWriter(null);
    await resumeRestore(actors.owner, id, { restore_id: restore.id });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    // It was meant for one restore.
    expect(await getWriteConnection(actors.owner, id, {})).toBeNull();
  });

  test("is one at a time, and an older worker cannot end what a newer one does", async () => {
    const { id, actors } = world.tenant;
    const [first, second] = some("deviceCompliancePolicy", 2);
    if (!first || !second) throw new Error("too few");
    breakIt(compliance, first);
    breakIt(compliance, second);
    const [one, other] = [await planned([first]), await planned([second])];
    await requestRestore(actors.owner, id, { restore_id: one.id, reason });
    await expect(requestRestore(actors.owner, id, { restore_id: other.id, reason })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    const job_id = await jobOf(one);
    const begin = () => beginExecution(restorerActor, id, { restore_id: one.id, job_id });
    const older = await begin();
    await begin();
    const fence = { restore_id: one.id, attempt: older?.restore.attempt ?? 0 };
    await expect(endExecution(restorerActor, id, { ...fence, end: { kind: "ended" } })).rejects.toThrow(
      "no longer this worker's",
    );
  });
});

describe("what Graph does not know of everywhere yet", () => {
  const locations = "identity/conditionalAccess/namedLocations";

  test.each(["refuses what refers to it", "hides it"])(
    "a policy that refers to a location that was just made is made also where Graph %s for a moment",
    async (how) => {
      const { id, actors } = world.tenant;
      const [location, policy] = [
        "5a5a5a5a-0000-4000-8000-000000000001",
        "5a5a5a5a-0000-4000-8000-000000000002",
      ];
      handle().put(locations, {
        "@odata.type": "#microsoft.graph.countryNamedLocation",
        id: location,
        displayName: "Where we work",
        countriesAndRegions: ["DE"],
      });
      handle().put(access, {
        "@odata.type": "#microsoft.graph.conditionalAccessPolicy",
        id: policy,
        displayName: "Elsewhere with a second factor",
        state: "disabled",
        conditions: {
          applications: { includeApplications: ["All"] },
          users: { includeUsers: ["All"] },
          locations: { includeLocations: ["All"], excludeLocations: [location] },
          clientAppTypes: ["all"],
        },
        grantControls: { operator: "OR", builtInControls: ["mfa"] },
      });
      const { run } = await backUpTypes(world, ["conditionalAccessPolicy", "namedLocation"]);
      handle().remove(access, policy);
      handle().remove(locations, location);
      const restore = await workOut(
        await planRestore(actors.manager, id, {
          set_id: run.backup_set_id ?? 0,
          items: [
            { policy_type: "conditionalAccessPolicy", graph_id: policy },
            { policy_type: "namedLocation", graph_id: location },
          ],
        }),
      );
      expect(restore.outcomes).toEqual({ create: 2 });
      await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
      const refuses = how.startsWith("refuses");
      if (!refuses) handle().hideNewObjects(2_000);
      const refusal = world.sandbox.fault({
        path: refuses ? access : "nowhere",
        method: "POST",
        count: 2,
        action: { kind: "status", status: 400, message: "Invalid named location." },
      });
      expect(await execute(restore, never(), { settleMs: 20_000 })).toEqual({
        kind: "ended",
        status: "done",
      });
      expect(refusal.applied).toBe(refuses ? 2 : 0);
      const [made, place] = await itemsOf(restore);
      expect(handle().get(access, made?.target_id ?? "")?.conditions).toMatchObject({
        locations: { excludeLocations: [place?.target_id] },
      });
    },
  );

  test("a policy that was just made is assigned once Graph finds it", async () => {
    const { id, actors } = world.tenant;
    const [gone] = some("deviceCompliancePolicy", 1, ({ document: { assignments } }) =>
      JSON.stringify(assignments).includes("groupId"),
    );
    if (!gone) throw new Error("too few");
    for (const [found] of JSON.stringify(gone.document).matchAll(
      /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
    ))
      putGroup(found);
    handle().remove(compliance, gone.graph_id);
    const restore = await planned([gone]);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    const refusal = world.sandbox.fault({
      path: `${compliance}/*/assign`,
      method: "POST",
      count: 1,
      action: { kind: "status", status: 404 },
    });
    expect(await execute(restore, never(), { settleMs: 10_000 })).toEqual({ kind: "ended", status: "done" });
    expect(refusal.applied).toBe(1);
  });
});

describe("an app that Intune has still to publish", () => {
  const apps = "deviceAppManagement/mobileApps";
  const group = "5a5a5a5a-0000-4000-8000-000000000012";
  const target = { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: group };

  /** A restore of an app that is gone, and what counts its assignments. */
  async function ofGoneApp() {
    const { id, actors } = world.tenant;
    const app = "5a5a5a5a-0000-4000-8000-000000000011";
    putGroup(group);
    handle().put(apps, {
      "@odata.type": "#microsoft.graph.webApp",
      id: app,
      displayName: "Where we book rooms",
      publisher: "Contoso IT",
      appUrl: "https://rooms.example/",
      publishingState: "published",
      roleScopeTagIds: ["0"],
      assignments: [{ id: `${app}_${group}`, intent: "available", settings: null, source: "direct", target }],
    });
    const { run } = await backUpTypes(world, ["mobileApp"]);
    handle().remove(apps, app);
    const restore = await workOut(
      await planRestore(actors.manager, id, {
        set_id: run.backup_set_id ?? 0,
        items: [{ policy_type: "mobileApp", graph_id: app }],
      }),
    );
    expect(restore.outcomes).toEqual({ create: 1 });
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    handle().publishAppsAfter(Number.POSITIVE_INFINITY);
    const seen = (request: { path: string; method: "GET" | "POST"; query?: string }) =>
      world.sandbox.fault({ ...request, action: { kind: "latency", ms: 1 } });
    return {
      restore,
      count: handle().count(apps),
      assigned: seen({ path: `${apps}/*/assign`, method: "POST" }),
      askedFor: seen({ path: `${apps}/*`, method: "GET", query: "$select=id,publishingState" }),
    };
  }

  async function expectAssigned({ restore, count }: { restore: Restore; count: number }): Promise<void> {
    const [item] = await itemsOf(restore);
    expect(item).toMatchObject({ state: "done", is_created: true, error_code: null });
    expect(handle().get(apps, item?.target_id ?? "")?.assignments).toMatchObject([
      { intent: "available", target: { groupId: group } },
    ]);
    expect(handle().count(apps)).toBe(count + 1);
  }

  test("is assigned once it is published, and not tried before", async () => {
    const made = await ofGoneApp();
    const { restore, assigned, askedFor } = made;
    const working = execute(restore, never(), { settleMs: 20_000 });
    await until("it is asked for, or assigned", async () => askedFor.matched + assigned.matched > 0);
    handle().publishAppsAfter(0);
    expect(await working).toEqual({ kind: "ended", status: "done" });
    expect(assigned.matched).toBe(1);
    await expectAssigned(made);
  });

  test("that it does not publish in time is told as made and not assigned, and is assigned when that goes on", async () => {
    const { id, actors } = world.tenant;
    const made = await ofGoneApp();
    const { restore, assigned } = made;
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done_with_problems" });
    expect(assigned.matched).toBe(0);
    expect(await itemsOf(restore)).toMatchObject([
      {
        state: "failed",
        is_created: true,
        error_code: "NOT_PUBLISHED",
        error_message:
          "It was created, but not assigned: Intune has not published it yet; it says processing. Resume the restore once it has.",
      },
    ]);
    handle().publishAppsAfter(0);
    await resumeRestore(actors.owner, id, { restore_id: restore.id });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    expect(assigned.matched).toBe(1);
    await expectAssigned(made);
  });

  test("that somebody takes away meanwhile is not told as one that is still to be published", async () => {
    const made = await ofGoneApp();
    const working = execute(made.restore, never(), { settleMs: 20_000 });
    await until("it is asked for", async () => made.askedFor.matched > 0);
    const [{ target_id = null } = {}] = await itemsOf(made.restore);
    handle().remove(apps, target_id ?? "");
    expect(await working).toEqual({ kind: "ended", status: "done_with_problems" });
    expect(await itemsOf(made.restore)).toMatchObject([{ state: "failed", error_code: "NOT_READ_BACK" }]);
  });
});

describe("what a policy is made of besides itself", () => {
  /** Parts that requests of their own add, which would add them twice. */
  const parts = [
    [
      "roleDefinition",
      "deviceManagement/roleDefinitions",
      "roleAssignments",
      "deviceManagement/roleAssignments",
    ],
    [
      "notificationMessageTemplate",
      "deviceManagement/notificationMessageTemplates",
      "localizedNotificationMessages",
      "deviceManagement/notificationMessageTemplates/*/localizedNotificationMessages",
    ],
    [
      "termsAndConditions",
      "deviceManagement/termsAndConditions",
      "assignments",
      "deviceManagement/termsAndConditions/*/assignments",
    ],
    [
      "groupPolicyConfiguration",
      "deviceManagement/groupPolicyConfigurations",
      "definitionValues",
      "deviceManagement/groupPolicyConfigurations/*/updateDefinitionValues",
    ],
  ] as const;
  let partsSet: number;
  let partsOf: StoredItem[];

  beforeAll(async () => {
    const { run, items } = await backUpTypes(world, ["groupPolicyConfiguration"]);
    partsSet = run.backup_set_id ?? 0;
    partsOf = items;
  });

  const countOf = (value: unknown) => (Array.isArray(value) ? value.length : 0);

  test("what the backup lacks and nothing deletes is left, and told by its path as a difference", async () => {
    const { id, actors } = world.tenant;
    const terms = "deviceManagement/termsAndConditions";
    const item = partsOf.find(
      ({ policy_type, document }) =>
        policy_type === "termsAndConditions" && countOf(document.assignments) > 0,
    );
    if (!item) throw new Error("the set has no terms and conditions that are assigned");
    const { assignments } = item.document;
    for (const [found] of JSON.stringify(assignments).matchAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g))
      putGroup(found);
    const extra = "7c7c7c7c-0000-4000-8000-000000000003";
    putGroup(extra);
    const there = live(terms, item);
    handle().put(terms, {
      ...there,
      displayName: "broken",
      assignments: [
        ...(Array.isArray(there.assignments) ? there.assignments : []),
        {
          id: "added",
          target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: extra },
        },
      ],
    });
    const { policy_type, graph_id } = item;
    const restore = await workOut(
      await planRestore(actors.manager, id, { set_id: partsSet, items: [{ policy_type, graph_id }] }),
    );
    expect(await itemsOf(restore)).toMatchObject([
      { outcome: "update", stays: [{ path: "assignments", what: extra }] },
    ]);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done_with_problems" });
    const [done] = await itemsOf(restore);
    expect(done).toMatchObject({ state: "done_with_differences", error_code: null });
    expect(done?.differences?.length).toBeGreaterThan(0);
    expect(done?.differences?.filter((path) => !path.startsWith("assignments"))).toEqual([]);
    expect(live(terms, item).displayName).toBe(item.document.displayName);
    expect(JSON.stringify(live(terms, item).assignments)).toContain(extra);
  });

  describe.each(parts)("%s: %s/%s", (policy_type, collection, part, path) => {
    test.each([
      ["lost", false],
      ["lost, and the worker died", true],
    ])("is added once although the answer was %s", async (_, dies) => {
      const { id, actors } = world.tenant;
      const item = partsOf.find(
        (each) =>
          each.policy_type === policy_type &&
          each.document.isBuiltIn !== true &&
          countOf(each.document[part]) > 0,
      );
      if (!item) throw new Error(`the set has no ${policy_type} with ${part}`);
      for (const [found] of JSON.stringify(item.document[part]).matchAll(
        /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
      ))
        if (!handle().get("groups", found))
          handle().put("groups", { "@odata.type": "#microsoft.graph.group", id: found, displayName: found });
      handle().put(collection, { ...live(collection, item), [part]: [] });
      const restore = await workOut(
        await planRestore(actors.manager, id, {
          set_id: partsSet,
          items: [{ policy_type, graph_id: item.graph_id }],
        }),
      );
      const [planned] = await itemsOf(restore);
      expect(planned).toMatchObject({ outcome: expect.stringMatching(/update|assign/), reasons: [] });
      await requestRestore(actors.owner, id, {
        restore_id: restore.id,
        reason,
        confirmations: planned?.confirm.length ? [planned.id] : [],
      });
      world.sandbox.fault({ path, method: "POST", count: 1, action: { kind: "truncate" } });
      const died = new AbortController();
      const watch = setInterval(() => {
        if (dies && world.sandbox.requests.counters.byFault.truncate) died.abort("killed");
      }, 1);
      // Graph hides it at first: of the reads of the role's assignments, the third is that after the request.
      const hides = policy_type === "roleDefinition";
      const hidden = world.sandbox.fault({
        path: hides ? `${collection}/${item.graph_id}/${part}` : "nowhere",
        nth: 3,
        action: { kind: "dropItems", keep: 0 },
      });
      const settle = { settleMs: hides ? 3_000 : 30 };
      const first = await execute(restore, died.signal, settle);
      clearInterval(watch);
      expect(first.kind).toBe(dies ? "try_again" : "ended");
      if (dies) await execute(restore, never(), settle);
      expect(hidden.applied).toBe(hides ? 1 : 0);
      expect(countOf(live(collection, item)[part])).toBe(countOf(item.document[part]));
      expect(await itemsOf(restore)).toMatchObject([{ state: "done", differences: [] }]);
    });
  });
});

describe("what the tenant offers is looked up before anything is written", () => {
  const catalogPolicies = "deviceManagement/configurationPolicies";
  const groupPolicies = "deviceManagement/groupPolicyConfigurations";

  /** Backs up a type; of its policies those that nobody must decide or give anything for. */
  async function backedUpNow(policy_type: string): Promise<{ set: number; own: StoredItem[] }> {
    const { run, items } = await backUpTypes(world, [policy_type]);
    const own = items.filter(
      (item) =>
        item.policy_type === policy_type && !JSON.stringify(item.document).includes("SecretSettingValue"),
    );
    for (const { document } of own)
      for (const [found] of JSON.stringify(document.assignments).matchAll(
        /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
      ))
        putGroup(found);
    return { set: run.backup_set_id ?? 0, own };
  }

  /** Plans policies of another set than that of the file. */
  async function plannedFrom(set_id: number, policy_type: string, ids: readonly string[]): Promise<Restore> {
    const { id, actors } = world.tenant;
    return workOut(
      await planRestore(actors.manager, id, {
        set_id,
        items: ids.map((graph_id) => ({ policy_type, graph_id })),
      }),
    );
  }

  test("of a template that Microsoft has retired no policy is made, and one that is there is restored", async () => {
    const { id, actors } = world.tenant;
    const { set, own } = await backedUpNow("endpointSecurityPolicy");
    const [gone, changed] = own;
    if (!gone || !changed) throw new Error("too few");
    const templateOf = ({ document }: StoredItem) =>
      String((document.templateReference as Record<string, unknown>).templateId);
    const ids = [gone.graph_id, changed.graph_id];
    handle().remove(catalogPolicies, gone.graph_id);
    handle().put(catalogPolicies, { ...live(catalogPolicies, changed), description: "broken" });
    const offered = await plannedFrom(set, "endpointSecurityPolicy", ids);
    expect(offered.outcomes).toEqual({ create: 1, update: 1 });
    for (const item of [gone, changed]) handle().retireTemplate(templateOf(item));
    const retired = await plannedFrom(set, "endpointSecurityPolicy", ids);
    expect(await itemsOf(retired)).toMatchObject([
      { outcome: "impossible", why: expect.stringContaining("retired") },
      { outcome: "update" },
    ]);
    const written = countWrites();
    await requestRestore(actors.owner, id, { restore_id: retired.id, reason });
    expect(await execute(retired)).toEqual({ kind: "ended", status: "done" });
    expect((await itemsOf(retired)).map(({ state }) => state)).toEqual(["blocked", "done"]);
    expect(written()).toBe(0);
    expect(handle().get(catalogPolicies, gone.graph_id)).toBeUndefined();
  });

  test("nothing is written of a policy with a setting that the tenant is not offered", async () => {
    const { set, own } = await backedUpNow("endpointSecurityPolicy");
    const settingsOf = ({ document }: StoredItem) =>
      document.settings as { settingInstance: { settingDefinitionId: string } }[];
    // Of a template without any setting nobody would know what it is offered.
    const gone = own.find((item) => settingsOf(item).length > 1);
    const [setting] = gone ? settingsOf(gone) : [];
    if (!gone || !setting) throw new Error("too few");
    const { settingDefinitionId } = setting.settingInstance;
    handle().remove(catalogPolicies, gone.graph_id);
    handle().withholdSetting(settingDefinitionId);
    const restore = await plannedFrom(set, "endpointSecurityPolicy", [gone.graph_id]);
    expect(await itemsOf(restore)).toMatchObject([
      { outcome: "impossible", why: expect.stringContaining(settingDefinitionId) },
    ]);
  });

  interface CatalogSetting {
    settingInstance: {
      settingDefinitionId: string;
      choiceSettingValue?: { value: string };
    };
  }

  test("a setting is written under the id as the tenant spells it, however the backup does", async () => {
    const { id, actors } = world.tenant;
    const { set, own } = await backedUpNow("endpointSecurityPolicy");
    const chosenIn = ({ document }: StoredItem) =>
      (document.settings as CatalogSetting[]).find(
        ({ settingInstance }) => settingInstance.choiceSettingValue !== undefined,
      )?.settingInstance;
    const [gone, changed] = own.filter((item) => chosenIn(item) !== undefined);
    if (!gone || !changed) throw new Error("too few");
    for (const item of [gone, changed]) {
      const { settingDefinitionId = "", choiceSettingValue } = chosenIn(item) ?? {};
      handle().spellSetting(settingDefinitionId.toUpperCase());
      handle().spellSetting((choiceSettingValue?.value ?? "").toUpperCase());
    }
    handle().remove(catalogPolicies, gone.graph_id);
    handle().put(catalogPolicies, { ...live(catalogPolicies, changed), description: "broken" });
    const ids = [gone.graph_id, changed.graph_id];
    const restore = await plannedFrom(set, "endpointSecurityPolicy", ids);
    expect(restore.outcomes).toEqual({ create: 1, update: 1 });
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    // What the plan knew counts where nobody can look once more.
    world.sandbox.fault({
      path: "deviceManagement/configurationPolicyTemplates/*/settingTemplates",
      method: "GET",
      action: { kind: "status", status: 400 },
    });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    expect(await itemsOf(restore)).toMatchObject([
      { state: "done", differences: [] },
      { state: "done", differences: [] },
    ]);
  });

  test("a setting that Graph does not know under its id is named where it refuses it", async () => {
    const { id, actors } = world.tenant;
    const { set, own } = await backedUpNow("settingsCatalogPolicy");
    // Of no template, so that nothing tells how Microsoft spells its settings.
    const gone = own.find(
      ({ document: { templateReference, settings } }) =>
        (templateReference as { templateId: string }).templateId === "" &&
        (settings as CatalogSetting[]).length > 0,
    );
    const [setting] = (gone?.document.settings ?? []) as CatalogSetting[];
    if (!gone || !setting) throw new Error("too few");
    const { settingDefinitionId } = setting.settingInstance;
    handle().spellSetting(settingDefinitionId.toUpperCase());
    handle().remove(catalogPolicies, gone.graph_id);
    const restore = await plannedFrom(set, "settingsCatalogPolicy", [gone.graph_id]);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    await execute(restore);
    expect(await itemsOf(restore)).toMatchObject([
      {
        state: "failed",
        error_code: "GRAPH_REFUSED",
        error_message: expect.stringContaining(`under the id ${settingDefinitionId}:`),
      },
    ]);
  });

  test("a setting that Microsoft wants in every policy of a template since the backup is named, before anything is written", async () => {
    const { id, actors } = world.tenant;
    // Of what enrolls devices, which alone is held to what its template requires.
    const [one] = (await backedUpNow("endpointSecurityPolicy")).own.filter(
      ({ document }) => (document.settings as CatalogSetting[]).length > 0,
    );
    if (!one) throw new Error("too few");
    handle().put(catalogPolicies, { ...live(catalogPolicies, one), technologies: "enrollment" });
    const { set, own } = await backedUpNow("endpointSecurityPolicy");
    const gone = own.find(({ graph_id }) => graph_id === one.graph_id);
    if (!gone) throw new Error("not in the set");
    const { templateId } = gone.document.templateReference as { templateId: string };
    handle().remove(catalogPolicies, gone.graph_id);
    const early = await plannedFrom(set, "endpointSecurityPolicy", [gone.graph_id]);
    expect(early.outcomes).toEqual({ create: 1 });
    handle().requireSetting(templateId, "device_vendor_msft_later_required");
    const restore = await plannedFrom(set, "endpointSecurityPolicy", [gone.graph_id]);
    expect(await itemsOf(restore)).toMatchObject([
      { outcome: "impossible", why: expect.stringContaining("device_vendor_msft_later_required") },
    ]);
    // It is also seen where it came between plan and execution.
    await requestRestore(actors.owner, id, { restore_id: early.id, reason });
    const written = countWrites();
    await execute(early);
    expect(await itemsOf(early)).toMatchObject([
      { state: "blocked", error_message: expect.stringContaining("device_vendor_msft_later_required") },
    ]);
    expect(written()).toBe(0);
  });

  test("the onboarding file of a legacy policy is asked for, and no policy is made without it", async () => {
    const { id, actors } = world.tenant;
    const about =
      "deviceConfiguration--windowsDefenderAdvancedThreatProtectionConfiguration_advancedThreatProtection";
    const setting = (at: number, name: string, value: string | boolean | null) => ({
      "@odata.type": `#microsoft.graph.deviceManagement${typeof value === "boolean" ? "Boolean" : "String"}SettingInstance`,
      id: `5a5a5a5a-0000-4000-8000-00000000000${at}`,
      definitionId: `${about}${name}`,
      valueJson: JSON.stringify(value),
      value,
    });
    const settings = [
      setting(1, "AutoPopulateOnboardingBlob", false),
      setting(2, "OnboardingBlob", null),
      setting(3, "OnboardingFilename", "WindowsDefenderATP.onboarding"),
    ];
    const policy = "5a5a5a5a-0000-4000-8000-000000000009";
    handle().put("deviceManagement/intents", {
      "@odata.type": "#microsoft.graph.deviceManagementIntent",
      id: policy,
      displayName: "EDR of everybody",
      description: "",
      isAssigned: false,
      isMigratingToConfigurationPolicy: null,
      lastModifiedDateTime: "2025-01-01T00:00:00Z",
      templateId: "5a5a5a5a-0000-4000-8000-00000000000a",
      roleScopeTagIds: ["0"],
      assignments: [],
      settings,
      categories: [
        {
          id: "5a5a5a5a-0000-4000-8000-00000000000b",
          displayName: "Endpoint detection and response",
          hasRequiredSetting: false,
          settings,
        },
      ],
    });
    const { set } = await backedUpNow("endpointSecurityIntent");
    handle().remove("deviceManagement/intents", policy);
    const restore = await plannedFrom(set, "endpointSecurityIntent", [policy]);
    const [item] = await itemsOf(restore);
    const [wanted] = item?.reasons ?? [];
    expect(item).toMatchObject({ outcome: "blocked", reasons: [{ code: "secret" }] });
    const request = { restore_id: restore.id, reason };
    await expect(requestRestore(actors.owner, id, request)).rejects.toMatchObject({ code: "CONFLICT" });
    await changeRestoreItems(actors.manager, id, {
      restore_id: restore.id,
      item_ids: [item?.id ?? 0],
      secrets: { [wanted?.path ?? ""]: '{"body":"of Contoso"}' },
    });
    await requestRestore(actors.owner, id, request);
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    const [made] = await itemsOf(restore);
    expect(made).toMatchObject({ state: "done", is_created: true, differences: [] });
    expect(handle().onboardingFile(made?.target_id ?? "")).toBe('{"body":"of Contoso"}');
  });

  test("legacy endpoint security that Microsoft has made a policy of the settings catalog is not made again", async () => {
    const { set, own } = await backedUpNow("endpointSecurityIntent");
    const [intent] = own;
    if (!intent) throw new Error("too few");
    handle().remove("deviceManagement/intents", intent.graph_id);
    const plan = () => plannedFrom(set, "endpointSecurityIntent", [intent.graph_id]);
    expect((await plan()).outcomes).toEqual({ create: 1 });
    handle().put(catalogPolicies, {
      "@odata.type": "#microsoft.graph.deviceManagementConfigurationPolicy",
      id: "6a6a6a6a-0000-4000-8000-000000000001",
      name: String(intent.document.displayName),
      description: "Microsoft moved it here",
      platforms: "windows10",
      technologies: "mdm",
      roleScopeTagIds: ["0"],
      settingCount: 0,
      templateReference: {
        templateId: "6a6a6a6a-0000-4000-8000-000000000002_1",
        templateFamily: "endpointSecurityDiskEncryption",
        templateDisplayName: "BitLocker",
        templateDisplayVersion: "Version 1",
      },
      settings: [],
      assignments: [],
    });
    const moved = await plan();
    expect(await itemsOf(moved)).toMatchObject([
      {
        outcome: "blocked",
        reasons: [
          { code: "migrated", message: expect.stringContaining("6a6a6a6a-0000-4000-8000-000000000001") },
        ],
      },
    ]);
  });

  test("a setting of an imported ADMX file gets the ids that it has after another import; without the file nothing is made", async () => {
    const { id, actors } = world.tenant;
    const guid = (at: number) => `4a4a4a4a-0000-4000-8000-00000000000${at}`;
    const known = {
      "@odata.type": "#microsoft.graph.groupPolicyDefinition",
      classType: "machine",
      displayName: "Home page",
      categoryPath: "\\Vendor\\Browser",
    };
    const presentation = (at: number) => ({
      "@odata.type": "#microsoft.graph.groupPolicyPresentationTextBox",
      id: guid(at),
      label: "Address",
    });
    const imported = (at: number) => [{ ...known, id: guid(at), presentations: [presentation(at + 1)] }];
    handle().importAdmx(imported(1));
    const policy = guid(9);
    handle().put(groupPolicies, {
      "@odata.type": "#microsoft.graph.groupPolicyConfiguration",
      id: policy,
      displayName: "Vendor's browser",
      description: "Of an imported file",
      roleScopeTagIds: ["0"],
      policyConfigurationIngestionType: "custom",
      assignments: [],
      definitionValues: [
        {
          id: guid(8),
          enabled: true,
          configurationType: "policy",
          definition: { ...known, id: guid(1), policyType: "admxIngested" },
          presentationValues: [
            {
              "@odata.type": "#microsoft.graph.groupPolicyPresentationValueText",
              id: guid(7),
              value: "https://start.contoso.example",
              presentation: presentation(2),
            },
          ],
        },
      ],
    });
    const { set } = await backedUpNow("groupPolicyConfiguration");
    handle().remove(groupPolicies, policy);
    const count = handle().count(groupPolicies);
    handle().importAdmx([]);
    const without = await plannedFrom(set, "groupPolicyConfiguration", [policy]);
    expect(await itemsOf(without)).toMatchObject([
      {
        outcome: "blocked",
        reasons: [{ code: "unresolved", message: expect.stringContaining("Home page") }],
      },
    ]);
    const request = { restore_id: without.id, reason };
    await expect(requestRestore(actors.owner, id, request)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(handle().count(groupPolicies)).toBe(count);
    handle().importAdmx(imported(3));
    const restore = await plannedFrom(set, "groupPolicyConfiguration", [policy]);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    // Somebody imports the file once more before it is written.
    handle().importAdmx(imported(5));
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    const [made] = await itemsOf(restore);
    expect(made).toMatchObject({ state: "done", is_created: true, differences: [] });
    expect(handle().get(groupPolicies, made?.target_id ?? "")?.definitionValues).toMatchObject([
      {
        definition: { id: guid(5) },
        presentationValues: [{ value: "https://start.contoso.example", presentation: { id: guid(6) } }],
      },
    ]);
  });
});

describe("conditional access that was deleted less than 30 days ago", () => {
  const deletedPolicies = "identity/conditionalAccess/deletedItems/policies";
  const off = (policy: StoredItem) =>
    handle().put(access, { ...live(access, policy), state: "disabled", displayName: "broken" });

  test("comes back under its own id, as the backup has it, and only reports", async () => {
    const policy = enabledAccess();
    off(policy);
    handle().removeSoftly(access, policy.graph_id);
    const count = handle().count(access);
    const restore = await carriedOut([policy]);
    expect(await itemsOf(restore)).toMatchObject([
      {
        state: "done",
        is_created: true,
        target_id: policy.graph_id,
        differences: [],
        later: [expect.any(String)],
      },
    ]);
    expect(handle().count(access)).toBe(count + 1);
    expect(live(access, policy)).toMatchObject({
      state: "enabledForReportingButNotEnforced",
      displayName: policy.document.displayName,
    });
  });

  test("comes back once although the answer was lost", async () => {
    const policy = enabledAccess();
    off(policy);
    handle().removeSoftly(access, policy.graph_id);
    const count = handle().count(access);
    world.sandbox.fault({
      path: `${deletedPolicies}/*/restore`,
      method: "POST",
      count: 1,
      action: { kind: "truncate" },
    });
    const restore = await carriedOut([policy]);
    expect(await itemsOf(restore)).toMatchObject([{ state: "done", target_id: policy.graph_id }]);
    expect(handle().count(access)).toBe(count + 1);
  });

  test("a named location comes back under the id by which policies name it", async () => {
    const { id, actors } = world.tenant;
    const locations = "identity/conditionalAccess/namedLocations";
    const location = "5a5a5a5a-0000-4000-8000-000000000003";
    handle().put(locations, {
      "@odata.type": "#microsoft.graph.countryNamedLocation",
      id: location,
      displayName: "Where we travel",
      countriesAndRegions: ["NL"],
    });
    const { run } = await backUpTypes(world, ["conditionalAccessPolicy", "namedLocation"]);
    handle().removeSoftly(locations, location);
    const restore = await workOut(
      await planRestore(actors.manager, id, {
        set_id: run.backup_set_id ?? 0,
        items: [{ policy_type: "namedLocation", graph_id: location }],
      }),
    );
    expect(restore.outcomes).toEqual({ create: 1 });
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    expect(await itemsOf(restore)).toMatchObject([{ is_created: true, target_id: location }]);
    expect(handle().get(locations, location)).toMatchObject({ countriesAndRegions: ["NL"] });
  });

  test("is made anew where Graph does not let an application bring it back", async () => {
    const policy = enabledAccess();
    off(policy);
    handle().removeSoftly(access, policy.graph_id);
    const count = handle().count(access);
    const refusal = world.sandbox.fault({
      path: `${deletedPolicies}/*/restore`,
      method: "POST",
      action: { kind: "status", status: 403 },
    });
    const restore = await carriedOut([policy]);
    const [made] = await itemsOf(restore);
    expect(refusal.applied).toBe(1);
    expect(made).toMatchObject({ state: "done", is_created: true, differences: [] });
    expect(made?.target_id).not.toBe(policy.graph_id);
    expect(handle().count(access)).toBe(count + 1);
    expect(handle().get(access, made?.target_id ?? "")?.state).toBe("enabledForReportingButNotEnforced");
  });

  test.each(["when it was planned", "since it was planned"])(
    "is made anew where it would be enforced at once: it was enabled, %s",
    async (when) => {
      const { id, actors } = world.tenant;
      const policy = enabledAccess();
      const enabled = live(access, policy);
      const deleteEnabled = () => {
        handle().put(access, enabled);
        handle().removeSoftly(access, policy.graph_id);
      };
      if (when.startsWith("since")) {
        off(policy);
        handle().removeSoftly(access, policy.graph_id);
      } else deleteEnabled();
      const restore = await planned([policy]);
      if (when.startsWith("since")) deleteEnabled();
      await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
      const tried = world.sandbox.fault({
        path: `${deletedPolicies}/*/restore`,
        method: "POST",
        action: { kind: "latency", ms: 1 },
      });
      expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
      expect(tried.matched).toBe(0);
      const [made] = await itemsOf(restore);
      expect(handle().get(access, policy.graph_id)).toBeUndefined();
      expect(handle().get(access, made?.target_id ?? "")?.state).toBe("enabledForReportingButNotEnforced");
    },
  );
});

describe("a restore that came to its end with problems", () => {
  /** A policy that is written, and then refused its assignments. */
  async function halfWritten(): Promise<{ restore: Restore; left: StoredItem }> {
    const { id, actors } = world.tenant;
    const [left] = some("deviceCompliancePolicy", 1, ({ document: { assignments } }) =>
      JSON.stringify(assignments).includes("groupId"),
    );
    if (!left) throw new Error("too few");
    for (const [found] of JSON.stringify(left.document).matchAll(
      /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
    ))
      putGroup(found);
    handle().put(compliance, { ...live(compliance, left), description: "broken", assignments: [] });
    const restore = await planned([left]);
    world.sandbox.fault({
      path: `${compliance}/*/assign`,
      method: "POST",
      count: 1,
      action: { kind: "status", status: 400 },
    });
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done_with_problems" });
    expect(await itemsOf(restore)).toMatchObject([{ state: "failed", error_code: "GRAPH_REFUSED" }]);
    expect(live(compliance, left)).toMatchObject({
      description: left.document.description,
      assignments: [],
    });
    return { restore, left };
  }

  test("goes on: what failed is tried again, and when all is done there is nothing to go on with", async () => {
    const { id, actors } = world.tenant;
    const { restore, left } = await halfWritten();
    await resumeRestore(actors.owner, id, { restore_id: restore.id });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    expect(live(compliance, left).assignments).not.toEqual([]);
    await expect(resumeRestore(actors.owner, id, { restore_id: restore.id })).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });

  test("writes no further over what somebody has changed since, however often it goes on", async () => {
    const { id, actors } = world.tenant;
    const { restore, left } = await halfWritten();
    handle().put(compliance, { ...live(compliance, left), description: "mended by hand" });
    for (let round = 0; round < 2; round++) {
      await resumeRestore(actors.owner, id, { restore_id: restore.id });
      expect(await execute(restore)).toEqual({ kind: "ended", status: "done_with_problems" });
      expect(await itemsOf(restore)).toMatchObject([{ state: "failed", error_code: "CHANGED_SINCE_PLAN" }]);
    }
    expect(live(compliance, left)).toMatchObject({ description: "mended by hand", assignments: [] });
  });
});

test("a restore touches nothing but what was chosen", async () => {
  const chosen = some("deviceCompliancePolicy", 2);
  const [changed, gone] = chosen;
  if (!changed || !gone) throw new Error("too few");
  breakIt(compliance, changed);
  handle().remove(compliance, gone.graph_id);
  const before = new Set([...handle().objects()].map(({ id }) => id));
  const others = () => [...handle().objects()].filter(({ id }) => id !== changed.graph_id && before.has(id));
  const was = JSON.stringify(others());
  const restore = await carriedOut(chosen);
  expect(restore).toMatchObject({ status: "done", states: { done: 2 } });
  expect(JSON.stringify(others())).toBe(was);
});

describe("secrets that people give", () => {
  const configurations = "deviceManagement/deviceConfigurations";
  let secretSet: number;
  let secretive: StoredItem;

  /** The plan to make a policy with secrets anew, and the values that it asks for. */
  async function plannedSecrets(): Promise<{
    restore: Restore;
    item_id: number;
    secrets: Record<string, string>;
  }> {
    const { id, actors } = world.tenant;
    handle().remove(configurations, secretive.graph_id);
    const { policy_type, graph_id } = secretive;
    const restore = await workOut(
      await planRestore(actors.manager, id, { set_id: secretSet, items: [{ policy_type, graph_id }] }),
    );
    const [item] = await itemsOf(restore);
    if (!item) throw new Error("it has no item");
    expect(new Set(item.reasons.map(({ code }) => code))).toEqual(new Set(["secret"]));
    const secrets = Object.fromEntries(item.reasons.map(({ path }) => [path, "s3cret"]));
    return { restore, item_id: item.id, secrets };
  }

  beforeAll(async () => {
    const { run, items } = await backUpTypes(world, ["deviceConfiguration"]);
    const [found] = items.filter(({ document }) => Array.isArray(document.omaSettings));
    if (!found) throw new Error("the set has no policy with OMA settings");
    secretSet = run.backup_set_id ?? 0;
    secretive = found;
  });

  const isKept = async (item_id: number) => {
    const { rows } = await world.admin.query(
      "SELECT secrets_ciphertext IS NOT NULL AS kept FROM restore_items WHERE id = $1",
      [item_id],
    );
    return rows[0].kept;
  };

  test("are erased when the restore has come to its end, and not while it can go on", async () => {
    const { id, actors } = world.tenant;
    const { restore, item_id, secrets } = await plannedSecrets();
    const about = { restore_id: restore.id };
    await changeRestoreItems(actors.manager, id, { ...about, item_ids: [item_id], secrets });
    await requestRestore(actors.owner, id, { ...about, reason });
    await stopRestore(actors.owner, id, about);
    expect(await isKept(item_id)).toBe(true);
    await resumeRestore(actors.owner, id, about);
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    expect(await isKept(item_id)).toBe(false);
  });

  test("are erased of a policy that is written although others of the restore are left", async () => {
    const { id, actors } = world.tenant;
    const { restore, item_id, secrets } = await plannedSecrets();
    const about = { restore_id: restore.id };
    await changeRestoreItems(actors.manager, id, { ...about, item_ids: [item_id], secrets });
    await world.admin.query(
      `INSERT INTO restore_items (tenant_id, restore_id, policy_type, graph_id, display_name, source_sha256, source_encoding, source_content, outcome)
       SELECT tenant_id, restore_id, policy_type, 'another', display_name, source_sha256, source_encoding, source_content, outcome
       FROM restore_items WHERE id = $1`,
      [item_id],
    );
    await requestRestore(actors.owner, id, { ...about, reason });
    await stopWhileFirstIsWritten(restore, { path: configurations, method: "POST" });
    expect((await itemsOf(restore)).map(({ state }) => state)).toEqual(["done", "pending"]);
    expect(await isKept(item_id)).toBe(false);
  });

  test("are no difference when the policy is read back", async () => {
    const { id, actors } = world.tenant;
    const policies = "deviceManagement/configurationPolicies";
    const graph_id = "6b6b6b6b-0000-4000-8000-000000000001";
    const type = "#microsoft.graph.deviceManagementConfiguration";
    handle().put(policies, {
      "@odata.type": `${type}Policy`,
      id: graph_id,
      name: "With a secret",
      description: "",
      platforms: "windows10",
      technologies: "mdm",
      roleScopeTagIds: ["0"],
      settingCount: 1,
      templateReference: {
        templateId: "",
        templateFamily: "none",
        templateDisplayName: null,
        templateDisplayVersion: null,
      },
      settings: [
        {
          id: "0",
          settingInstance: {
            "@odata.type": `${type}SimpleSettingInstance`,
            settingDefinitionId: "vendor_secret",
            simpleSettingValue: {
              "@odata.type": `${type}SecretSettingValue`,
              value: "a token",
              valueState: "encryptedValueToken",
            },
          },
        },
      ],
      assignments: [],
    });
    const { run } = await backUpTypes(world, ["settingsCatalogPolicy"]);
    handle().remove(policies, graph_id);
    const restore = await workOut(
      await planRestore(actors.manager, id, {
        set_id: run.backup_set_id ?? 0,
        items: [{ policy_type: "settingsCatalogPolicy", graph_id }],
      }),
    );
    const [item] = await itemsOf(restore);
    expect(item?.reasons.map(({ code }) => code)).toEqual(["secret"]);
    await changeRestoreItems(actors.manager, id, {
      restore_id: restore.id,
      item_ids: [item?.id ?? 0],
      secrets: { [item?.reasons[0]?.path ?? ""]: "s3cret" },
    });
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    const [done] = await itemsOf(restore);
    expect(done).toMatchObject({ state: "done", differences: [] });
    expect(JSON.stringify(handle().get(policies, done?.target_id ?? "")?.settings)).toContain("s3cret");
  });

  test("are erased when the plan is discarded", async () => {
    const { id, actors } = world.tenant;
    const { restore, item_id, secrets } = await plannedSecrets();
    const about = { restore_id: restore.id };
    await changeRestoreItems(actors.manager, id, { ...about, item_ids: [item_id], secrets });
    expect(await isKept(item_id)).toBe(true);
    await discardRestore(actors.manager, id, about);
    expect(await isKept(item_id)).toBe(false);
  });

  test("are asked for again where no key opens them", async () => {
    const { id, actors } = world.tenant;
    const { restore, item_id, secrets } = await plannedSecrets();
    const restore_id = restore.id;
    const give = () => changeRestoreItems(actors.manager, id, { restore_id, item_ids: [item_id], secrets });
    // The key's id stands behind the first byte.
    const loseKey = () =>
      world.admin.query(
        "UPDATE restore_items SET secrets_ciphertext = overlay(secrets_ciphertext PLACING '\\xdeadbeef' FROM 2) WHERE id = $1",
        [item_id],
      );
    expect((await give()).outcomes).toEqual({ create: 1 });
    await loseKey();
    expect(await getRestoreItem(actors.readonly, id, { restore_id, item_id })).toMatchObject({
      given_secrets: [],
    });
    expect((await give()).outcomes).toEqual({ create: 1 });
    expect((await itemsOf(restore))[0]?.given_secrets).toEqual(Object.keys(secrets));
    await requestRestore(actors.owner, id, { restore_id, reason });
    await loseKey();
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done_with_problems" });
    expect(await itemsOf(restore)).toMatchObject([{ state: "blocked", error_code: "SECRET_MISSING" }]);
  });
});

describe("guards of a request", () => {
  test("another person approves, where the tenant wants two", async () => {
    const { id, actors } = world.tenant;
    const [changed] = some("deviceCompliancePolicy", 1);
    if (!changed) throw new Error("too few");
    breakIt(compliance, changed);
    await saveRestoreSettings(actors.owner, id, { ...settings, two_people: true });
    const restore = await planned([changed]);
    const waiting = await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    expect(waiting).toMatchObject({ status: "awaiting_approval", reason });
    const { rows: told } = await world.admin.query(
      "SELECT body FROM notifications WHERE kind = 'restore.awaiting_approval' AND (data ->> 'restore_id')::int = $1",
      [restore.id],
    );
    expect(new Set(told.map(({ body }) => body.replace(/^.* asks/, "asks")))).toEqual(
      new Set([`asks to write 1 policy: ${reason}`]),
    );
    const about = { restore_id: restore.id };
    await expect(approveRestore(actors.owner, id, about)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(
      world.admin.query("UPDATE restores SET approved_by = requested_by WHERE id = $1", [restore.id]),
    ).rejects.toThrow("approved_by_another");
    const named = (version: number) => ({
      requireVersion(current: number) {
        if (current !== version) throw new AppError("PRECONDITION_FAILED", `It is ${current} by now.`);
      },
    });
    const changedSince = { code: "PRECONDITION_FAILED" };
    await expect(refuseRestore(actors.owner, id, about, named(waiting.version - 1))).rejects.toMatchObject(
      changedSince,
    );
    expect(await refuseRestore(actors.owner, id, about, named(waiting.version))).toMatchObject({
      status: "planned",
    });
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    await world.admin.query("UPDATE memberships SET role = 'owner' WHERE user_id = $1", [
      actors.manager.user_id,
    ]);
    try {
      // The plan that they read was asked for before: somebody may have changed it since.
      await expect(approveRestore(actors.manager, id, about, named(waiting.version))).rejects.toMatchObject(
        changedSince,
      );
      expect(await approveRestore(actors.manager, id, about)).toMatchObject({ status: "queued" });
    } finally {
      await world.admin.query("UPDATE memberships SET role = 'manager' WHERE user_id = $1", [
        actors.manager.user_id,
      ]);
    }
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
  });

  test("who made the API token that asks for a restore does not approve it either", async () => {
    const { id, actors } = world.tenant;
    const [changed] = some("deviceCompliancePolicy", 1);
    if (!changed) throw new Error("too few");
    breakIt(compliance, changed);
    await saveRestoreSettings(actors.owner, id, { ...settings, two_people: true });
    const { id: token_id } = await createToken(actors.owner, id, { name: "Automation", role: "owner" });
    const token: Actor = { kind: "token", token_id, tenant_id: id };
    const restore = await planned([changed]);
    const asked = await requestRestore(token, id, { restore_id: restore.id, reason });
    expect(asked).toMatchObject({
      status: "awaiting_approval",
      requested_by: { id: actors.owner.user_id, name: expect.stringContaining("Automation") },
    });
    await expect(approveRestore(actors.owner, id, { restore_id: restore.id })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
  });

  test("what was asked for is written, whatever is decided for other plans since; and a plan that this changes is refused", async () => {
    const { id, actors } = world.tenant;
    const groupOf = ({ document }: StoredItem) =>
      (document.assignments as { target: { "@odata.type": string; groupId?: string } }[] | undefined)?.find(
        ({ target }) => target["@odata.type"] === "#microsoft.graph.groupAssignmentTarget",
      )?.target.groupId;
    const [assigned] = some("deviceCompliancePolicy", 1, (item) => groupOf(item) !== undefined);
    const group = assigned && groupOf(assigned);
    if (!assigned || !group) throw new Error("no policy is assigned to a group");
    const others = "7c7c7c7c-0000-4000-8000-000000000002";
    for (const [found] of JSON.stringify(assigned.document.assignments).matchAll(
      /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
    ))
      putGroup(found);
    putGroup(others);
    handle().put(compliance, { ...live(compliance, assigned), assignments: [] });
    const asked = await planned([assigned]);
    const left = await planned([assigned]);
    const third = await planned([assigned]);
    expect(await itemsOf(asked)).toMatchObject([{ outcome: "assign", reasons: [] }]);
    await requestRestore(actors.owner, id, { restore_id: asked.id, reason });
    const decide = (target_id: string | null) =>
      decideReference(actors.manager, id, {
        restore_id: third.id,
        kind: "group",
        source_id: group,
        decision: target_id === null ? { kind: "undecided" } : { kind: "map", target_id },
      });
    await decide(others);
    try {
      await expect(requestRestore(actors.owner, id, { restore_id: left.id, reason })).rejects.toMatchObject({
        code: "CONFLICT",
        message: expect.stringContaining("Plan again"),
      });
      expect(await execute(asked)).toEqual({ kind: "ended", status: "done" });
      const written = JSON.stringify(live(compliance, assigned).assignments);
      expect([written.includes(group), written.includes(others)]).toEqual([true, false]);
    } finally {
      await decide(null);
    }
  });

  test("of two owners who change the rules, the second is told of what the first has changed", async () => {
    const { id, actors } = world.tenant;
    const emergency = "11111111-2222-3333-4444-555555555555";
    const theirs = { ...settings, break_glass_users: [emergency] };
    const save = (wanted: RestoreSettings, as_read: RestoreSettings) =>
      saveRestoreSettings(actors.owner, id, { ...wanted, as_read });
    await save(theirs, settings);
    await expect(save({ ...settings, mass_change_limit: 7 }, settings)).rejects.toMatchObject({
      code: "EDIT_CONFLICT",
      message: expect.stringContaining("break_glass_users"),
    });
    expect(await getRestoreSettings(actors.readonly, id, {})).toEqual(theirs);
    const both = { ...theirs, mass_change_limit: 7 };
    expect(await save(both, theirs)).toEqual(both);
    // Of two saves at once, one is too late.
    const results = await Promise.allSettled([save({ ...both, two_people: true }, both), save(theirs, both)]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("many changes are confirmed by their number, and what asks for a confirmation by itself", async () => {
    const { id, actors } = world.tenant;
    const chosen = some("deviceCompliancePolicy", 2);
    const policy = enabledAccess();
    for (const item of chosen) breakIt(compliance, item);
    handle().put(access, { ...live(access, policy), state: "disabled" });
    await saveRestoreSettings(actors.owner, id, { ...settings, mass_change_limit: 2 });
    const restore = await planned([...chosen, policy]);
    const details = await getRestore(actors.readonly, id, { restore_id: restore.id });
    expect(details).toMatchObject({
      must_confirm_count: true,
      to_confirm: [{ display_name: policy.document.displayName }],
    });
    // Who has confirmed it is asked anew when it would be changed in another way, and only then.
    const planAgain = async () => {
      await workOut(await replanRestore(actors.manager, id, { restore_id: restore.id }));
      return (await getRestore(actors.readonly, id, { restore_id: restore.id })).to_confirm;
    };
    expect(await planAgain()).toEqual(details.to_confirm);
    handle().put(access, { ...live(access, policy), state: "enabledForReportingButNotEnforced" });
    const [{ changes_sha256, ...asked } = { changes_sha256: null }, ...others] = await planAgain();
    expect([asked, others]).toEqual([{ ...details.to_confirm[0], changes_sha256: undefined }, []]);
    expect(changes_sha256).not.toBe(details.to_confirm[0]?.changes_sha256);
    expect(changes_sha256).toMatch(/^[0-9a-f]{64}$/);
    handle().put(access, { ...live(access, policy), state: "disabled" });
    expect(await planAgain()).toEqual(details.to_confirm);

    const request = { restore_id: restore.id, reason };
    const confirmations = details.to_confirm.map(({ item_id }) => item_id);
    const refusals = [
      [{}, "confirmations"],
      [{ confirmations }, "count"],
      [{ confirmations, count: 2 }, "count"],
    ] as const;
    for (const [more, path] of refusals)
      await expect(
        requestRestore(actors.owner, id, {
          ...request,
          ...more,
          ...("confirmations" in more && { confirmations: [...more.confirmations] }),
        }),
      ).rejects.toMatchObject({
        code: "VALIDATION_FAILED",
        errors: [{ path }],
      });
    await expect(requestRestore(actors.owner, id, { ...request, reason: " " })).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
    });
    expect(await requestRestore(actors.owner, id, { ...request, confirmations, count: 3 })).toMatchObject({
      status: "queued",
    });
  });

  test("an enabled policy that would not exclude the accounts for emergencies is blocked", async () => {
    const { id, actors } = world.tenant;
    const policy = enabledAccess();
    handle().put(access, { ...live(access, policy), displayName: "broken" });
    await saveRestoreSettings(actors.owner, id, {
      ...settings,
      break_glass_users: ["11111111-2222-4333-8444-555555555555"],
    });
    const restore = await planned([policy]);
    expect(await itemsOf(restore)).toMatchObject([
      { outcome: "blocked", reasons: [{ code: "break_glass" }] },
    ]);
    const request = { restore_id: restore.id, reason };
    await expect(requestRestore(actors.owner, id, request)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("nothing is written of a policy whose excluded group is gone, whatever is decided, and the others are", async () => {
    const { id, actors } = world.tenant;
    const [included, excluded] = [
      "7c7c7c7c-0000-4000-8000-000000000004",
      "7c7c7c7c-0000-4000-8000-000000000005",
    ];
    putGroup(included);
    const to = (kind: string, groupId: string) => ({
      target: { "@odata.type": `#microsoft.graph.${kind}`, groupId },
    });
    const policy = {
      ...compliancePolicy(9_001),
      assignments: [to("groupAssignmentTarget", included), to("exclusionGroupAssignmentTarget", excluded)],
    };
    const [other] = some("deviceCompliancePolicy", 1);
    if (!other) throw new Error("too few");
    handle().put(compliance, policy);
    const { run } = await backUpTypes(world, ["deviceCompliancePolicy"]);
    const wide = [to("groupAssignmentTarget", included)];
    handle().put(compliance, { ...policy, description: "broken", assignments: wide });
    breakIt(compliance, other);
    const restore = await workOut(
      await planRestore(actors.manager, id, {
        set_id: run.backup_set_id ?? 0,
        items: [policy.id, other.graph_id].map((graph_id) => ({
          policy_type: "deviceCompliancePolicy",
          graph_id,
        })),
      }),
    );
    const about = { restore_id: restore.id };
    const guarded = { outcome: "blocked", reasons: [{ code: "excluded_unresolved" }] };
    expect(await itemsOf(restore)).toMatchObject([guarded, { outcome: "update" }]);
    await decideReference(actors.manager, id, {
      ...about,
      kind: "group",
      source_id: excluded,
      decision: { kind: "leave_out" },
    });
    expect(await itemsOf(restore)).toMatchObject([guarded, { outcome: "update" }]);
    await requestRestore(actors.owner, id, { ...about, reason });
    expect(await execute(restore)).toEqual({ kind: "ended", status: "done" });
    expect((await itemsOf(restore)).map(({ state }) => state)).toEqual(["blocked", "done"]);
    expect(handle().get(compliance, policy.id)).toMatchObject({ description: "broken", assignments: wide });
  });

  test("a copy is made beside the live policy, under its prefix", async () => {
    const { id, actors } = world.tenant;
    const [policy] = some("deviceCompliancePolicy", 1);
    if (!policy) throw new Error("too few");
    const restore = await planned([policy]);
    const [item] = await itemsOf(restore);
    await changeRestoreItems(actors.manager, id, {
      restore_id: restore.id,
      item_ids: [item?.id ?? 0],
      mode: "copy",
      prefix: "Copy of ",
    });
    const count = handle().count(compliance);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    await execute(restore);
    expect(handle().count(compliance)).toBe(count + 1);
    const [done] = await itemsOf(restore);
    expect(done).toMatchObject({ state: "done", differences: [], is_created: true });
    expect(handle().get(compliance, done?.target_id ?? "")?.displayName).toBe(
      `Copy of ${policy.document.displayName}`,
    );
  });
});

describe("a restore into another tenant", () => {
  test("writes there alone, with the connection of that tenant, and both audit logs say so", async () => {
    const { foreign, tenant } = world;
    const { writer } = foreign.sandbox;
    if (!writer) throw new Error("no writer");
    await saveWriteConnection(foreign.actors.owner, foreign.id, {
      client_id: writer.clientId,
      credential_kind: "secret",
      credential: writer.clientSecret,
      keep_hours: null,
    });
    const target = world.sandbox.tenant(foreign.sandbox.entraTenantId);
    const chosen = some("deviceCompliancePolicy", 2);
    const names = chosen.map(({ document }) => document.displayName);
    for (const { id, object } of [...target.objects(compliance)])
      if (names.includes(object.displayName)) target.remove(compliance, id);
    const request = {
      set_id: setId,
      source_tenant_id: tenant.id,
      items: chosen.map(({ policy_type, graph_id }) => ({ policy_type, graph_id })),
    };
    // Of the source, their role must include taking a copy out.
    await expect(planRestore(foreign.actors.owner, foreign.id, request)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    const { rows } = await world.admin.query(
      "SELECT min(user_id) AS id FROM memberships WHERE tenant_id = $1 AND role = 'owner'",
      [foreign.id],
    );
    await world.admin.query("INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'manager')", [
      tenant.id,
      rows[0].id,
    ]);
    const provider: Actor = { kind: "user", user_id: rows[0].id };
    const restore = await planRestore(provider, foreign.id, request);
    const mine = handle().count(compliance);
    const theirs = target.count(compliance);
    await workOutPlan(foreign.id, restore.id, await jobOf(restore), never(), tuning().graph);
    const items = () =>
      listRestoreItems(provider, foreign.id, { restore_id: restore.id, limit: 50 }).then(
        (page) => page.items,
      );
    // What they are assigned to is not there: a person says what stands for it, and every policy has that.
    const group = "7c7c7c7c-0000-4000-8000-000000000001";
    target.put("groups", { "@odata.type": "#microsoft.graph.group", id: group, displayName: "Their pilots" });
    const references = await listRestoreReferences(provider, foreign.id, { restore_id: restore.id });
    expect([...new Set(references.map(({ kind }) => kind))].sort()).toEqual(["group", "scopeTag"]);
    for (const { kind, id } of references)
      await decideReference(provider, foreign.id, {
        restore_id: restore.id,
        kind,
        source_id: id,
        decision: { kind: "map", ...(kind === "group" ? { target_id: group } : { target_id: "0" }) },
      });
    for (const item of await items())
      expect(item).toMatchObject({ outcome: "create", reasons: [], state: "pending" });
    await requestRestore(provider, foreign.id, { restore_id: restore.id, reason });
    const writes = () => world.sandbox.requests.entries({}).filter(({ status }) => status === 201);
    const before = writes().length;
    await executeRestore(foreign.id, restore.id, await jobOf(restore), never(), tuning());
    expect(await items()).toMatchObject(
      chosen.map(() => ({ state: "done", differences: [], is_created: true })),
    );
    expect([handle().count(compliance), target.count(compliance)]).toEqual([mine, theirs + 2]);
    expect(
      new Set(
        writes()
          .slice(before)
          .map((each) => each.tenant),
      ),
    ).toEqual(new Set([foreign.sandbox.entraTenantId]));
    expect(
      (await items()).map(({ target_id }) => target.get(compliance, target_id ?? "")?.displayName).sort(),
    ).toEqual(names.map(String).sort());
    expect(JSON.stringify([...target.objects(compliance)])).toContain(group);
    // The connection was for one restore.
    expect(await getWriteConnection(provider, foreign.id, {})).toBeNull();
    const audited = await world.admin.query(
      "SELECT tenant_id, action FROM audit_log WHERE action LIKE 'restore.%' AND (tenant_id = $1 OR details ->> 'for_tenant_id' = $1::text) ORDER BY id",
      [foreign.id],
    );
    expect(audited.rows).toContainEqual({ tenant_id: tenant.id, action: "restore.source_read" });
    expect(audited.rows).toContainEqual({ tenant_id: foreign.id, action: "restore.requested" });
  });

  test("never takes a scope tag for that of the same number there", async () => {
    const { foreign, tenant } = world;
    const [tag] = some("roleScopeTag", 1, ({ document }) => document.isBuiltIn !== true);
    if (!tag) throw new Error("too few");
    const tags = "deviceManagement/roleScopeTags";
    const target = world.sandbox.tenant(foreign.sandbox.entraTenantId);
    for (const { id, object } of [...target.objects(tags)])
      if (object.displayName === tag.document.displayName) target.remove(tags, id);
    const theirs = { displayName: "Finance of theirs", description: "Nobody restores it", isBuiltIn: false };
    target.put(tags, {
      "@odata.type": "#microsoft.graph.roleScopeTag",
      id: tag.graph_id,
      ...theirs,
      assignments: [],
    });
    await world.admin.query(
      `INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'manager')
       ON CONFLICT (tenant_id, user_id) DO NOTHING`,
      [tenant.id, foreign.actors.owner.user_id],
    );
    const { policy_type, graph_id } = tag;
    const restore = await planRestore(foreign.actors.owner, foreign.id, {
      set_id: setId,
      source_tenant_id: tenant.id,
      items: [{ policy_type, graph_id }],
    });
    await workOutPlan(foreign.id, restore.id, await jobOf(restore), never(), tuning().graph);
    const { items } = await listRestoreItems(foreign.actors.owner, foreign.id, {
      restore_id: restore.id,
      limit: 50,
    });
    expect(items).toMatchObject([{ display_name: tag.document.displayName, live_graph_id: null }]);
    expect(target.get(tags, tag.graph_id)).toMatchObject(theirs);
  });
});

describe("the sweep", () => {
  test("gives a restore whose job is gone another one, which ends it, and forgets what may write no longer", async () => {
    const { id, actors } = world.tenant;
    const [changed] = some("deviceCompliancePolicy", 1);
    if (!changed) throw new Error("too few");
    breakIt(compliance, changed);
    const restore = await planned([changed]);
    await requestRestore(actors.owner, id, { restore_id: restore.id, reason });
    const lost = await jobOf(restore);
    expect(await sweepRestores()).toEqual({ requeued: 0, removed: 0 });
    await world.admin.query("DELETE FROM pgboss.job WHERE id = $1", [lost]);
    expect(await sweepRestores()).toEqual({ requeued: 1, removed: 0 });
    expect(await jobOf(restore)).not.toBe(lost);
    // Whoever had the old job writes nothing.
    expect(await executeRestore(id, restore.id, lost, never(), tuning())).toEqual({ kind: "released" });
    await execute(restore);
    expect(await itemsOf(restore)).toMatchObject([{ state: "done" }]);
    await world.admin.query("UPDATE write_connections SET kept_until = now() - interval '1 second'");
    expect(await sweepRestores()).toMatchObject({ requeued: 0 });
    expect((await world.admin.query("SELECT FROM write_connections")).rowCount).toBe(0);
  });
});
