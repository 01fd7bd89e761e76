import { fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { retentionActor } from "#lib/access/actor";
import { compareSets } from "#lib/compare/compare";
import { testConnection } from "#lib/connection/connection";
import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import { defaultRetryPolicy } from "#lib/graph/retry";
import { sweepRetention } from "#lib/retention/retention";
import { makeSchedule } from "#lib/testing/schedules";
import { insertSets, makeSet } from "#lib/testing/sets";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import { withWorkers } from "#lib/testing/workers";
import { until, withWorld } from "#lib/testing/world";
import type { FaultAction } from "#sandbox/server";
import { bundled } from "../../scripts/testing/bundle.ts";
import { changeAuthors, changeAuthorsReport } from "./change-authors.ts";
import { lookForChangeAuthors } from "./look.ts";
import { purgeAllChangeAuthors, purgeChangeAuthors } from "./purge.ts";

const world = withWorld({ policies: 60 });
const workers = withWorkers(world);
const settingsCatalog = "deviceManagement/configurationPolicies";
const conditionalAccess = "identity/conditionalAccess/policies";

/** Everything that lives in the collections that the tests let drift. */
const intuneTypes = ["settingsCatalogPolicy", "endpointSecurityPolicy", "securityBaselinePolicy"];
const entraTypes = ["conditionalAccessPolicy", "authenticationMethodsPolicy"];
let scheduleId: number;

const twin = () => world.sandbox.tenant(world.tenant.sandbox.entraTenantId);
const capture = () => makeSet(world.tenant, scheduleId);
const readonly = () => world.tenant.actors.readonly;

/** A look with no patience and no limits. */
function look(setId: number, signal: AbortSignal = new AbortController().signal) {
  const limiters = new LimiterRegistry(systemClock, unlimitedBudgets);
  const retry = { ...defaultRetryPolicy, throttleRetries: 0, outageRetries: 0 };
  return lookForChangeAuthors(world.tenant.id, setId, signal, { limiters, retry });
}

const authorsOf = (setId: number, more: object = {}) =>
  changeAuthors(readonly(), world.tenant.id, { set_id: setId, ...more });
const stored = async () =>
  (await world.admin.query("SELECT count(*)::int AS n FROM policy_changes")).rows[0].n as number;
const jobsOf = async (setId: number) =>
  (
    await world.admin.query<{ state: string; wait: number }>(
      `SELECT state::text, extract(epoch FROM start_after - created_on)::int AS wait FROM pgboss.job
       WHERE name = 'change-authors' AND (data->>'backup_set_id')::int = $1 ORDER BY start_after`,
      [setId],
    )
  ).rows;

/** What the audit trail says of the objects that a drift has changed: Graph id → who. */
const whoChanged = () =>
  new Map(
    twin()
      .auditTrail()
      .map(({ object, actor }) => [object.id, actor]),
  );

async function schedule(policy_types: string[]): Promise<void> {
  const { id, actors } = world.tenant;
  scheduleId = (await makeSchedule(actors.manager, id, { policy_types })).id;
}

beforeEach(() => schedule(intuneTypes));
afterEach(() => world.sandbox.reset());

describe("who changed what", () => {
  test("is told per policy: people and apps, from both logs, of the time between the two sets", async () => {
    await schedule([...intuneTypes, ...entraTypes]);
    const first = await capture();
    twin().drift({ change: 3, add: 1, remove: 1, collection: settingsCatalog });
    twin().drift({ change: 1, collection: conditionalAccess });
    twin().drift({ change: 1, collection: "policies/authenticationMethodsPolicy" });
    const actors = whoChanged();
    const second = await capture();
    expect(await look(second)).toMatchObject({
      kind: "looked",
      logs: { intune: "read", entra: "read" },
      recorded: 7,
    });

    const authors = await authorsOf(second);
    const { items } = await compareSets(readonly(), world.tenant.id, { set_id: second });
    const changed = items.map((row) => (row.right ?? row.left)?.graph_id ?? "");
    expect(Object.keys(authors).sort()).toEqual([...changed].sort());
    for (const { change, right, left } of items) {
      const graphId = (right ?? left)?.graph_id ?? "";
      const actor = actors.get(graphId);
      expect(authors[graphId]).toEqual([
        expect.objectContaining({
          who: actor?.name,
          kind: actor?.kind,
          operation: { added: "create", removed: "delete" }[change as string] ?? "update",
        }),
      ]);
    }
    expect(Object.keys(await authorsOf(first))).toEqual([]);
  });

  test("belongs to its own range: the next set has only what came after, and a wider range has both", async () => {
    await schedule([...intuneTypes, ...entraTypes]);
    const first = await capture();
    twin().drift({ change: 1, collection: settingsCatalog, seed: 1 });
    const second = await capture();
    await look(second);
    twin().drift({ change: 1, collection: conditionalAccess, seed: 2 });
    const third = await capture();
    await look(third);
    const [one, two, both] = await Promise.all([
      authorsOf(second),
      authorsOf(third),
      authorsOf(third, { with_set_id: first }),
    ]);
    expect([Object.keys(one).length, Object.keys(two).length]).toEqual([1, 1]);
    expect(both).toEqual({ ...one, ...two });
    expect(await authorsOf(first, { with_set_id: third })).toEqual(both);
    const [graphId = ""] = Object.keys(one);
    expect(await authorsOf(third, { with_set_id: first, graph_ids: [graphId, "nothing"] })).toEqual(one);
    expect(await authorsOf(third, { with_set_id: first, graph_ids: [] })).toEqual({});
  });

  test("of one policy is told newest first, a few", async () => {
    await capture();
    const { changed } = twin().drift({ change: 1, collection: settingsCatalog });
    const id = changed[0]?.id ?? "";
    const now = Date.now();
    for (let n = 1; n <= 8; n += 1) twin().noteInAuditLog("update", settingsCatalog, { id }, { at: now - n });
    const second = await capture();
    await look(second);
    const events = (await authorsOf(second))[id] ?? [];
    expect(events).toHaveLength(5);
    expect(events.map((event) => event.at)).toEqual(
      events
        .map((event) => event.at)
        .toSorted()
        .toReversed(),
    );
  });

  test("leaves out what failed, and what concerns no policy of the two sets", async () => {
    await capture();
    const { changed } = twin().drift({ change: 1, collection: settingsCatalog });
    const id = changed[0]?.id ?? "";
    twin().noteInAuditLog("delete", settingsCatalog, { id }, { succeeded: false });
    twin().noteInAuditLog("update", settingsCatalog, { id: "00000000-0000-4000-8000-000000000000" });
    // The same id in the log of another service is another object.
    twin().noteInAuditLog("update", conditionalAccess, { id });
    const second = await capture();
    await look(second);
    expect(await authorsOf(second)).toEqual({
      [id]: [expect.objectContaining({ operation: "update", activity: expect.stringMatching(/^Patch /) })],
    });
  });

  test("is said in the alert of the changes, which waits for it", async () => {
    await capture();
    twin().drift({ change: 2, collection: settingsCatalog });
    const names = [...new Set([...whoChanged().values()].map(({ name }) => name))];
    // Who changed a policy of another schedule meanwhile has no part in it.
    await world.admin.query(
      `INSERT INTO policy_changes (tenant_id, source, event_id, graph_id, occurred_at, activity, operation, actor_kind, actor_name)
       VALUES ($1, 'entra', 'elsewhere', 'another policy', now(), 'Update', 'update', 'user', 'elsewhere@contoso.example')`,
      [world.tenant.id],
    );
    const second = await capture();
    const event = async () =>
      (
        await world.admin.query(
          `SELECT e.body, e.data, array_agg(extract(epoch FROM j.start_after - j.created_on)::int ORDER BY j.created_on) AS waits
           FROM alert_events e JOIN pgboss.job j ON j.name = 'route-alert' AND (j.data ->> 'event_id')::bigint = e.id
           WHERE e.kind = 'policies.changed' AND (e.data ->> 'backup_set_id')::int = $1 GROUP BY e.id`,
          [second],
        )
      ).rows;
    expect(await event()).toMatchObject([
      { body: expect.stringMatching(/since its last backup\.$/), waits: [180] },
    ]);
    for (let n = 0; n < 2; n += 1) await look(second);
    const [told] = await event();
    expect(told).toMatchObject({ waits: [180, 0] });
    expect(told.data.changed_by.toSorted()).toEqual(names.toSorted());
    for (const name of names) expect(told.body.split(name)).toHaveLength(2);
  });

  test("is not said of policies that one of the sets did not read", async () => {
    await schedule([...intuneTypes, ...entraTypes]);
    const first = await capture();
    const { rows } = await world.admin.query<{ graph_id: string }>(
      "SELECT graph_id FROM backup_items WHERE backup_set_id = $1 AND policy_type = 'conditionalAccessPolicy' LIMIT 1",
      [first],
    );
    const elsewhere = async (event: string) =>
      world.admin.query(
        `INSERT INTO policy_changes (tenant_id, source, event_id, graph_id, occurred_at, activity, operation, actor_kind, actor_name)
         VALUES ($1, 'entra', $2, $3, now(), 'Update', 'update', 'user', 'unread@contoso.example')`,
        [world.tenant.id, event, rows[0]?.graph_id],
      );
    const told = async (setId: number) => {
      await look(setId);
      const { rows } = await world.admin.query(
        `SELECT data -> 'changed_by' AS who FROM alert_events
         WHERE kind = 'policies.changed' AND (data ->> 'backup_set_id')::int = $1`,
        [setId],
      );
      return rows.map(({ who }) => who.includes("unread@contoso.example"));
    };
    await elsewhere("not read in the newer");
    const unread = world.sandbox.fault({ path: conditionalAccess, action: { kind: "status", status: 403 } });
    twin().drift({ change: 1, collection: settingsCatalog, seed: 1 });
    const partial = await capture();
    expect(await told(partial)).toEqual([false]);
    unread.remove();
    await elsewhere("not read in the older");
    twin().drift({ change: 1, collection: settingsCatalog, seed: 2 });
    expect(await told(await capture())).toEqual([false]);
  });

  test("is said of policies that the set before did not read, since they were last seen", async () => {
    await schedule([...intuneTypes, ...entraTypes]);
    await capture();
    const unread = world.sandbox.fault({ path: conditionalAccess, action: { kind: "status", status: 403 } });
    twin().drift({ change: 1, remove: 1, collection: conditionalAccess });
    const names = [...new Set([...whoChanged().values()].map(({ name }) => name))];
    await capture();
    unread.remove();
    const newer = await capture();
    expect(await look(newer)).toMatchObject({ kind: "looked", logs: { entra: "read" }, recorded: 2 });
    const { rows } = await world.admin.query<{ who: string[] }>(
      `SELECT data -> 'changed_by' AS who FROM alert_events
       WHERE kind = 'policies.changed' AND (data ->> 'backup_set_id')::int = $1`,
      [newer],
    );
    expect(rows.map(({ who }) => who.toSorted())).toEqual([names.toSorted()]);
  });

  test("asks only the logs of the services in which something changed", async () => {
    await capture();
    twin().drift({ change: 1, collection: settingsCatalog });
    const second = await capture();
    world.sandbox.requests.clear();
    expect(await look(second)).toMatchObject({ logs: { intune: "read" } });
    expect(world.sandbox.requests.count({ family: "auditLogs" })).toBe(0);
    expect(world.sandbox.requests.count({ path: "deviceManagement/auditEvents" })).toBe(1);
  });

  test("is found whatever the letter case and prefix of the ids", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id, { policy_types: ["appProtectionPolicy"] });
    await makeSet(world.tenant, schedule.id);
    const { changed } = twin().drift({ change: 2, collection: "deviceAppManagement/managedAppPolicies" });
    const prefixed = changed.map((one) => one.id);
    expect(prefixed.every((one) => /^[A-Z]_/.test(one))).toBe(true);
    for (const one of prefixed) {
      twin().noteInAuditLog("update", "deviceAppManagement/managedAppPolicies", { id: one.slice(2) });
    }
    const second = await makeSet(world.tenant, schedule.id);
    await look(second);
    const authors = await authorsOf(second);
    expect(prefixed.map((one) => authors[one]?.length)).toEqual([2, 2]);
  });
});

describe("without the permission", () => {
  test("nothing is asked or shown, and nothing else is different", async () => {
    const { id, actors } = world.tenant;
    const policyRead = ["DeviceManagementConfiguration.Read.All", "Policy.Read.All"];
    twin().setPermissions(policyRead);
    await schedule([...intuneTypes, ...entraTypes]);
    await capture();
    twin().drift({ change: 1, collection: settingsCatalog });
    twin().drift({ change: 1, collection: conditionalAccess });
    const second = await capture();
    const notifications = await world.admin.query("SELECT count(*) FROM notifications");
    world.sandbox.requests.clear();
    const logs = { intune: "not_permitted", entra: "not_permitted" };
    expect(await look(second)).toEqual({ kind: "looked", logs, recorded: 0 });
    expect(world.sandbox.requests.counters.graph).toBe(0);
    expect(await changeAuthorsReport(readonly(), id, { set_id: second })).toMatchObject({
      authors: {},
      logs,
    });
    // There is no point in looking again.
    expect(await jobsOf(second)).toHaveLength(1);
    expect((await world.admin.query("SELECT count(*) FROM notifications")).rows).toEqual(notifications.rows);

    const tested = await testConnection(actors.owner, id, {});
    expect(tested).toMatchObject({
      ok: true,
      change_authors: [
        { log: "intune", granted: false, permission: "DeviceManagementApps.Read.All" },
        { log: "entra", granted: false, permission: "AuditLog.Read.All" },
      ],
    });
    expect(tested.message).toContain("optional: grant DeviceManagementApps.Read.All and AuditLog.Read.All");
  });

  test("for one log, the other is read all the same", async () => {
    twin().setPermissions(["DeviceManagementConfiguration.Read.All", "Policy.Read.All", "AuditLog.Read.All"]);
    await schedule([...intuneTypes, ...entraTypes]);
    await capture();
    twin().drift({ change: 1, collection: settingsCatalog });
    twin().drift({ change: 1, collection: conditionalAccess });
    const second = await capture();
    expect(await look(second)).toMatchObject({
      logs: { intune: "not_permitted", entra: "read" },
      recorded: 1,
    });
  });

  test("a connection that is granted everything is told nothing of it", async () => {
    const { id, actors } = world.tenant;
    const tested = await testConnection(actors.owner, id, {});
    expect(tested.change_authors?.map((each) => each.granted)).toEqual([true, true]);
    expect(tested.message).toBe("Signed in. Every policy type can be read.");
  });
});

describe("whatever Microsoft answers, run and set stay as they were", () => {
  const everything = async () => {
    const { rows } = await world.admin.query(
      `SELECT (SELECT json_agg(r ORDER BY id) FROM backup_schedule_runs r) AS runs,
              (SELECT json_agg(b ORDER BY id) FROM backup_sets b) AS sets,
              (SELECT count(*) FROM notifications) AS notifications, (SELECT count(*) FROM audit_log) AS audit`,
    );
    return JSON.stringify(rows);
  };
  const license = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
  let second: number;
  beforeAll(async () => {
    await schedule(intuneTypes);
    await capture();
    twin().drift({ change: 1, collection: settingsCatalog });
    second = await capture();
    world.sandbox.reset();
  });

  test.each<[string, FaultAction, object]>([
    ["403", { kind: "status", status: 403, code: license }, { kind: "looked", state: "not_permitted" }],
    ["a 401 that means 403", { kind: "forbiddenAs401" }, { kind: "looked", state: "not_permitted" }],
    ["404", { kind: "status", status: 404 }, { kind: "looked", state: "not_permitted" }],
    ["400", { kind: "status", status: 400 }, { kind: "looked", state: "failed" }],
    ["401", { kind: "status", status: 401 }, { kind: "looked", state: "failed" }],
    ["429", { kind: "status", status: 429, retryAfter: 1 }, { kind: "try_again", state: "failed" }],
    ["500", { kind: "status", status: 500 }, { kind: "try_again", state: "failed" }],
    ["half an answer", { kind: "truncate" }, { kind: "try_again", state: "failed" }],
    ["no JSON", { kind: "malformed" }, { kind: "try_again", state: "failed" }],
    ["an error as success", { kind: "errorWith200" }, { kind: "try_again", state: "failed" }],
    ["nothing", { kind: "empty200" }, { kind: "try_again", state: "failed" }],
    ["a link elsewhere", { kind: "foreignNextLink" }, { kind: "looked", state: "read_in_part" }],
    ["pages in a loop", { kind: "nextLinkLoop" }, { kind: "looked", state: "read_in_part" }],
  ])("%s", async (_, action, expected) => {
    const { kind, state } = expected as { kind: string; state: string };
    await world.admin.query("DELETE FROM policy_change_looks WHERE backup_set_id = $1", [second]);
    const before = await everything();
    world.sandbox.fault({ path: "deviceManagement/auditEvents", action });
    expect(await look(second)).toMatchObject({ kind });
    expect((await changeAuthorsReport(readonly(), world.tenant.id, { set_id: second })).logs).toEqual({
      intune: state,
    });
    expect(await everything()).toBe(before);
  });

  test("garbage in the events is passed over", async () => {
    await capture();
    const { changed } = twin().drift({ change: 1, collection: settingsCatalog });
    const id = changed[0]?.id ?? "";
    twin().noteInAuditLog("update", settingsCatalog, { id, displayName: "a\0b\ud800" });
    twin().noteInAuditLog("update", settingsCatalog, { id }, { at: 0 });
    const second = await capture();
    expect(await look(second)).toMatchObject({ kind: "looked", recorded: 2 });
  });

  test("a sign-in that is refused or does not answer", async () => {
    const before = await everything();
    const token = world.sandbox.fault({ phase: ["token"], action: { kind: "status", status: 503 } });
    expect(await look(second)).toMatchObject({ kind: "try_again" });
    token.remove();
    twin().expireSecret();
    expect(await look(second)).toEqual({ kind: "nothing_to_do" });
    expect(await everything()).toBe(before);
  });

  test("another encryption key, or no connection, or no such set", async () => {
    expect(await look(second + 1_000)).toEqual({ kind: "nothing_to_do" });
    const key = process.env.TENANTPILOT_ENCRYPTION_KEY;
    process.env.TENANTPILOT_ENCRYPTION_KEY = Buffer.alloc(32, 1).toString("base64");
    try {
      expect(await look(second)).toEqual({ kind: "nothing_to_do" });
    } finally {
      process.env.TENANTPILOT_ENCRYPTION_KEY = key;
    }
  });
});

describe("the job", () => {
  test("exists only where something changed since the set before", async () => {
    expect(await jobsOf(await capture())).toEqual([]);
    expect(await jobsOf(await capture())).toEqual([]);
    twin().drift({ touch: 5, collection: settingsCatalog });
    expect(await jobsOf(await capture())).toEqual([]);
    twin().drift({ remove: 1, collection: settingsCatalog });
    const changed = await capture();
    expect(await jobsOf(changed)).toMatchObject([{ state: "created", wait: 0 }]);
  });

  test("comes again once, later, and finds what arrived late", async () => {
    await capture();
    twin().drift({ change: 2, collection: settingsCatalog });
    const second = await capture();
    world.sandbox.fault({
      path: "deviceManagement/auditEvents",
      count: 1,
      action: { kind: "dropItems", keep: 0 },
    });
    expect(await look(second)).toMatchObject({ recorded: 0 });
    expect((await jobsOf(second)).map((job) => job.wait)).toEqual([0, 45 * 60]);
    expect(await look(second)).toMatchObject({ recorded: 2 });
    expect(await jobsOf(second)).toHaveLength(2);
    // One more that fails takes nothing back.
    const action: FaultAction = { kind: "status", status: 500 };
    world.sandbox.fault({ path: "deviceManagement/auditEvents", action });
    expect(await look(second)).toMatchObject({ kind: "try_again" });
    const report = await changeAuthorsReport(readonly(), world.tenant.id, { set_id: second });
    expect(report.logs).toEqual({ intune: "read" });
    expect(Object.keys(report.authors)).toHaveLength(2);
  });

  test("repeated, at once or after being stopped in the middle, stores each event once", async () => {
    await capture();
    twin().drift({ change: 4, collection: settingsCatalog });
    const second = await capture();
    const before = await stored();
    world.sandbox.fault({ path: "deviceManagement/auditEvents", action: { kind: "hang" } });
    const stop = new AbortController();
    const stopped = look(second, stop.signal);
    await until("it waits for an answer", async () => world.sandbox.requests.counters.maxConcurrency > 0);
    stop.abort();
    expect(await stopped).toMatchObject({ kind: "try_again" });
    expect(await stored()).toBe(before);
    await clearFaults();
    const results = await Promise.all([look(second), look(second), look(second)]);
    const recorded = results.map((result) => (result.kind === "looked" ? result.recorded : -1));
    expect(recorded.toSorted()).toEqual([0, 0, 4]);
    expect(await look(second)).toMatchObject({ recorded: 0 });
    expect(await stored()).toBe(before + 4);
    expect(await jobsOf(second)).toHaveLength(2);
  });

  test("killed without warning at any point, and repeated, stores each event once", async () => {
    await capture();
    twin().drift({ change: 6, collection: settingsCatalog });
    const second = await capture();
    const before = await stored();
    const folder = await mkdtemp(join(tmpdir(), "tenantpilot-authors-"));
    const certificate = join(folder, "ca.pem");
    try {
      await writeFile(certificate, world.sandbox.caCertificate);
      for (const ms of [0, 20, 60]) await killedLook(second, certificate, ms);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await look(second);
    expect(await stored()).toBe(before + 6);
    expect(await jobsOf(second)).toHaveLength(2);
    const { rows } = await world.admin.query(
      "SELECT sources FROM policy_change_looks WHERE backup_set_id = $1",
      [second],
    );
    expect(rows).toEqual([{ sources: { intune: "read" } }]);
  }, 60_000);

  test("looks at a bounded number of events, newest first, and says so", async () => {
    await capture();
    const { changed } = twin().drift({ change: 1, collection: settingsCatalog });
    const id = changed[0]?.id ?? "";
    const at = Date.now();
    for (let n = 0; n < 2_100; n += 1) twin().noteInAuditLog("update", settingsCatalog, { id }, { at });
    const second = await capture();
    world.sandbox.requests.clear();
    expect(await look(second)).toEqual({
      kind: "looked",
      logs: { intune: "read_in_part" },
      recorded: 2_000,
    });
    expect(world.sandbox.requests.count({ path: "deviceManagement/auditEvents" })).toBe(10);
  });

  test("is done by a worker, moments after the run", async () => {
    const { id, actors } = world.tenant;
    await schedule([...intuneTypes, ...entraTypes]);
    await capture();
    twin().drift({ change: 1, collection: settingsCatalog });
    twin().drift({ change: 1, collection: conditionalAccess });
    const names = whoChanged();
    // Those that other tests left would come first.
    await world.admin.query("DELETE FROM pgboss.job WHERE name = 'change-authors'");
    const second = await capture();
    await workers.start();
    const authors = await until("the worker has looked", async () => {
      const report = await changeAuthorsReport(actors.readonly, id, { set_id: second });
      return report.looked_at !== null && report.authors;
    });
    expect(Object.entries(authors).map(([graphId, [event]]) => [graphId, event?.who])).toEqual(
      [...names].map(([graphId, actor]) => [graphId, actor.name]).toSorted(),
    );
  }, 60_000);
});

describe("what is stored", () => {
  test("is the tenant's own", async () => {
    await capture();
    twin().drift({ change: 1, collection: settingsCatalog });
    const second = await capture();
    await look(second);
    expect(Object.keys(await authorsOf(second))).toHaveLength(1);
    const { foreign } = world;
    await expect(changeAuthors(foreign.actors.owner, foreign.id, { set_id: second })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(
      changeAuthors(foreign.actors.owner, world.tenant.id, { set_id: second }),
    ).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await lookForChangeAuthors(foreign.id, second, new AbortController().signal)).toEqual({
      kind: "nothing_to_do",
    });
    await expect(authorsOf(second, { with_set_id: 999_999 })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("stays as long as a set reaches back to it, the bin included, and then goes", async () => {
    const { id, actors } = world.foreign;
    const schedule = await makeSchedule(actors.manager, id);
    const days = (n: number) => new Date(Date.now() - n * 86_400_000);
    await insertSets(world.admin, {
      tenantId: id,
      scheduleId: schedule.id,
      sets: [{ created_at: days(20) }, { created_at: days(10) }],
    });
    await world.admin.query(
      "UPDATE backup_sets SET deleted_at = now() WHERE tenant_id = $1 AND created_at < $2",
      [id, days(15)],
    );
    const insert = (event: string, at: Date) =>
      world.admin.query(
        `INSERT INTO policy_changes (tenant_id, source, event_id, graph_id, occurred_at, activity, operation, actor_kind, actor_name)
         VALUES ($1, 'intune', $2, 'policy', $3, 'Patch', 'update', 'user', 'marta@contoso.example')`,
        [id, event, at],
      );
    await insert("before all sets", days(21));
    await insert("in the bin's time", days(19));
    await insert("in the last set's time", days(5));
    const left = async () =>
      (
        await world.admin.query(
          "SELECT event_id FROM policy_changes WHERE tenant_id = $1 ORDER BY occurred_at",
          [id],
        )
      ).rows.map((row) => row.event_id);

    await sweepRetention();
    await purgeAllChangeAuthors();
    expect(await left()).toEqual(["in the bin's time", "in the last set's time"]);
    const { rows } = await world.admin.query(
      "SELECT details FROM audit_log WHERE tenant_id = $1 AND action = 'policy_changes.purged'",
      [id],
    );
    expect(rows).toEqual([{ details: { events: 1 } }]);
    await sweepRetention({ older_than_days: 0 });
    await purgeAllChangeAuthors();
    expect(await left()).toEqual(["in the last set's time"]);
    expect(await purgeChangeAuthors(retentionActor, id, {})).toEqual({ removed: 0, more: false });
  });
});

/** Faults alone go: what the tenant's administrators did stays. */
async function clearFaults(): Promise<void> {
  await fetch(`${world.sandbox.url}/_sandbox/faults`, { method: "DELETE" });
}

/** Lets a process look, and kills it `ms` after it began. */
async function killedLook(setId: number, certificate: string, ms: number): Promise<void> {
  const script = await bundled("lib/testing/change-authors-process.ts");
  const child = fork(script, [String(world.tenant.id), String(setId)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: [],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate, LOG_LEVEL: "error" },
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const begun = new Promise<void>((resolve) => child.once("message", () => resolve()));
  await Promise.race([
    begun,
    ended.then((code) => Promise.reject(new Error(`The process ended by itself with ${code}`))),
  ]);
  await delay(ms);
  child.kill("SIGKILL");
  await ended;
}
