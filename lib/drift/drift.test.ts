import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "vitest";
import { listIncidents } from "#lib/alerts/incidents";
import { listAuditLog } from "#lib/audit/list";
import { tellAuthors } from "#lib/authors/tell";
import { compareTenants } from "#lib/compare/by-name";
import { transaction } from "#lib/db/transaction";
import { documentSet } from "#lib/documentation/document-set";
import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import { changesToldSeconds } from "#lib/limits";
import { getPortfolio } from "#lib/overview/portfolio";
import { listRestoreItems } from "#lib/restore/list";
import { workOutPlan } from "#lib/restore/work-out-plan";
import { collection, compliancePolicy, policy_type } from "#lib/testing/compliance-policies";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, makeSet } from "#lib/testing/sets";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import { until, withWorld } from "#lib/testing/world";
import { getBaseline, removeBaseline } from "./baseline.ts";
import { compareDrift } from "./compare-drift.ts";
import { acceptDrift, denyDrift } from "./decide.ts";
import { describeDrift } from "./describe-drift.ts";
import { getDrift } from "./details.ts";
import { getDriftSummary, listDrift } from "./list.ts";
import { purgeGoneDrift } from "./purge.ts";
import { restoreDrift } from "./restore-drift.ts";
import type { Drift } from "./schema.ts";
import { setBaseline } from "./set-baseline.ts";

const world = withWorld({ policies: 0 });
const scheduleIds = new Map<number, number>();
const twin = (tenant = world.tenant) => world.sandbox.tenant(tenant.sandbox.entraTenantId);
const byName = (drifts: readonly Drift[]) => new Map(drifts.map((drift) => [drift.display_name, drift]));

/** Runs the tenant's schedule once, and does the job that the run has enqueued. */
async function back(tenant = world.tenant): Promise<number> {
  const setId = await makeSet(tenant, scheduleIds.get(tenant.id) ?? 0);
  const { rows } = await world.admin.query<{ data: { tenant_id: number; backup_set_id: number | null } }>(
    "DELETE FROM pgboss.job WHERE name = 'compare-drift' RETURNING data",
  );
  for (const { data } of rows) await compareDrift(data.tenant_id, data.backup_set_id);
  return setId;
}

const differences = async (filter: object = {}) => {
  const { id, actors } = world.tenant;
  return byName((await listDrift(actors.readonly, id, { limit: 200, ...filter })).items);
};

const groupId = (n: number) => `99999999-3333-4000-8000-00000000000${n}`;
const assignedTo = (group: string) => ({
  id: `${group}_group`,
  source: "direct",
  target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: group },
});

/** A group of a tenant's directory. */
function pilots(tenant: typeof world.tenant, n: number, displayName = "Pilots"): string {
  const id = groupId(n);
  twin(tenant).put("groups", { "@odata.type": "#microsoft.graph.group", id, displayName });
  return id;
}

beforeAll(async () => {
  for (const tenant of [world.tenant, world.foreign]) {
    for (let n = 1; n <= 6; n += 1) twin(tenant).put(collection, compliancePolicy(n));
    const { id } = await makeSchedule(tenant.actors.manager, tenant.id, { policy_types: [policy_type] });
    scheduleIds.set(tenant.id, id);
  }
});

describe("the tenant's own baseline", () => {
  test("differences are found by runs, decided about, told of, restored, and gone", async () => {
    const { id, actors } = world.tenant;
    const setId = await back();
    const { rows: none } = await world.admin.query("SELECT FROM pgboss.job WHERE name = 'compare-drift'");
    expect(none).toEqual([]);
    expect(await getDriftSummary(actors.readonly, id, {})).toMatchObject({ baseline: null, new: 0 });
    await expect(setBaseline(actors.operator, id, { set_id: setId })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    const baseline = await setBaseline(actors.manager, id, { set_id: setId });
    expect(baseline).toMatchObject({ coverage: "all", items: 6, source: { set_id: setId, tenant_id: id } });
    expect(baseline.types).toMatchObject([{ policy_type, is_whole: true }]);

    twin().put(collection, { ...compliancePolicy(1), description: "changed" });
    twin().put(collection, { ...compliancePolicy(2), description: "changed" });
    twin().remove(collection, compliancePolicy(3).id);
    twin().put(collection, compliancePolicy(7));
    await back();
    const found = await differences();
    expect(
      [...found.values()].map(({ display_name, kind, state }) => [display_name, kind, state]).sort(),
    ).toEqual([
      ["Policy 1", "changed", "new"],
      ["Policy 2", "changed", "new"],
      ["Policy 3", "removed", "new"],
      ["Policy 7", "added", "new"],
    ]);
    const [one, two, three, seven] = [1, 2, 3, 7].map((n) => found.get(`Policy ${n}`));
    if (!one || !two || !three || !seven) throw new Error("not found");
    const details = await getDrift(actors.readonly, id, { drift_id: one.id });
    expect(details.changes).toMatchObject([
      { kind: "changed", path: ["description"], before: "as it was", after: "changed" },
    ]);
    expect(details.words).toMatchObject([
      { section: "About", name: "Description", before: { text: "as it was" }, after: { text: "changed" } },
    ]);
    expect((await getDrift(actors.readonly, id, { drift_id: three.id })).changes).not.toEqual([]);
    const open = () =>
      listIncidents(actors.readonly, id, {}).then(({ items }) =>
        items.filter((each) => each.cause === "drift"),
      );
    expect(await open()).toMatchObject([
      { kind: "drift.found", count: 1, body: expect.stringContaining("4 new, 0 denied") },
    ]);

    const decided = [{ id: one.id, version: one.version }];
    await expect(acceptDrift(actors.operator, id, { drifts: decided, reason: "x" })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await expect(acceptDrift(actors.manager, id, { drifts: decided, reason: " " })).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
    });
    await acceptDrift(actors.manager, id, { drifts: [...decided, { id: seven.id }], reason: "A pilot" });
    await denyDrift(actors.manager, id, { drifts: [{ id: two.id }, { id: three.id }] });
    await expect(denyDrift(actors.manager, id, { drifts: decided })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    expect(await getDriftSummary(actors.readonly, id, {})).toMatchObject({ new: 0, accepted: 2, denied: 2 });
    expect(await open()).toMatchObject([{ count: 1, body: expect.stringContaining("0 new, 2 denied") }]);
    const portfolio = await getPortfolio(actors.readonly, { timezone: "UTC" });
    expect(portfolio.map(({ drift }) => drift)).toEqual([{ new: 0, denied: 2 }]);
    expect(
      (await listAuditLog(actors.readonly, id, { limit: 10 })).items.map(({ action }) => action),
    ).toEqual(expect.arrayContaining(["baseline.set", "drift.accepted", "drift.denied"]));

    // The set that the baseline was chosen from may be gone.
    await behindTheGuards(world.admin, "UPDATE backup_sets SET deleted_at = now() WHERE id = $1", [setId]);
    await expect(restoreDrift(actors.manager, id, { drift_ids: [seven.id] })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    const restore = await restoreDrift(actors.manager, id, { drift_ids: [two.id, three.id] });
    expect(restore).toMatchObject({ status: "planning", source: { set_id: setId }, items: 2 });
    const { rows } = await world.admin.query("SELECT job_id FROM restores WHERE id = $1", [restore.id]);
    const limiters = new LimiterRegistry(systemClock, unlimitedBudgets);
    await workOutPlan(id, restore.id, rows[0].job_id, new AbortController().signal, { limiters });
    const plan = await listRestoreItems(actors.readonly, id, { restore_id: restore.id });
    expect(plan.items.map(({ display_name, outcome }) => [display_name, outcome])).toEqual([
      ["Policy 2", "update"],
      ["Policy 3", "create"],
    ]);

    // An accepted one that changes is new; denied ones that return are gone, and so is the incident with the last.
    for (const n of [2, 3]) twin().put(collection, compliancePolicy(n));
    twin().put(collection, { ...compliancePolicy(1), description: "changed again" });
    await back();
    expect((await differences()).get("Policy 1")).toMatchObject({
      state: "new",
      renewed: "changed",
      reason: "A pilot",
    });
    expect((await differences({ state: "gone" })).get("Policy 2")).toMatchObject({
      state: "denied",
      gone_why: "returned",
    });
    twin().put(collection, compliancePolicy(1));
    await back();
    expect([...(await differences()).keys()]).toEqual(["Policy 7"]);
    expect(await open()).toEqual([]);
    const { rows: told } = await world.admin.query(
      "SELECT kind FROM alert_events WHERE kind LIKE 'drift.%' ORDER BY id",
    );
    expect(told.map(({ kind }) => kind)).toEqual(["drift.found", "drift.gone"]);
  });

  test("chosen policies alone are watched; a set from before the last one says nothing any more", async () => {
    const { id, actors } = world.tenant;
    twin().remove(collection, compliancePolicy(7).id);
    const setId = await back();
    const items = [1, 2].map((n) => ({ policy_type, graph_id: compliancePolicy(n).id }));
    await setBaseline(actors.manager, id, { set_id: setId, items });
    twin().put(collection, { ...compliancePolicy(1), description: "else" });
    twin().put(collection, { ...compliancePolicy(4), description: "else" });
    twin().put(collection, compliancePolicy(8));
    const older = await back();
    expect([...(await differences()).keys()]).toEqual(["Policy 1"]);
    twin().put(collection, compliancePolicy(1));
    await back();
    expect(await compareDrift(id, older)).toBeNull();
    expect([...(await differences()).keys()]).toEqual([]);
    await removeBaseline(actors.manager, id, {});
    await expect(getBaseline(actors.readonly, id, {})).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(
      setBaseline(actors.manager, id, { set_id: setId, items: [{ policy_type, graph_id: "nothing" }] }),
    ).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

test("a difference from another baseline than that of now is shown and restored as what it was, or not at all", async () => {
  const { id, actors } = world.tenant;
  const first = await back();
  await setBaseline(actors.manager, id, { set_id: first });
  for (const n of [1, 2]) twin().put(collection, { ...compliancePolicy(n), description: "once" });
  await back();
  twin().put(collection, { ...compliancePolicy(1), description: "twice" });
  twin().remove(collection, compliancePolicy(2).id);
  const second = await back();
  const found = await differences();
  const [one, two] = [1, 2].map((n) => found.get(`Policy ${n}`)?.id ?? 0);
  if (!one || !two) throw new Error("not found");
  const changes = async () =>
    (await getDrift(actors.readonly, id, { drift_id: one })).changes?.map(({ before, after }) => [
      before,
      after,
    ]) ?? null;
  expect(await changes()).toEqual([["as it was", "twice"]]);
  const history = async () =>
    (await listDrift(actors.readonly, id, { limit: 200, state: "gone" })).items.map((drift) => drift.id);

  await setBaseline(actors.manager, id, { set_id: second });
  expect([...(await differences()).keys()].sort()).toEqual(["Policy 1", "Policy 2"]);
  expect(await changes()).toBeNull();
  // The new baseline has no Policy 2, and a Policy 1 that nobody was shown.
  for (const [drift_ids, name] of [
    [[two], "Policy 2"],
    [[one], "Policy 1"],
  ] as const)
    await expect(restoreDrift(actors.manager, id, { drift_ids: [...drift_ids] })).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining(`does not have "${name}"`),
    });
  await compareDrift(id, null);
  expect(await history()).toContain(one);
  expect(await changes()).toBeNull();
  await setBaseline(actors.manager, id, { set_id: first, policy_types: [policy_type] });
  expect(await changes()).toEqual([["as it was", "twice"]]);
  await removeBaseline(actors.manager, id, {});
  expect(await changes()).toBeNull();
  const all = (await history()).length;
  await world.admin.query("UPDATE drifts SET gone_at = now() - interval '401 days' WHERE id = $1", [one]);
  expect(await purgeGoneDrift()).toBe(1);
  expect(await history()).toHaveLength(all - 1);
  await expect(changes()).rejects.toMatchObject({ code: "NOT_FOUND" });
  for (const n of [1, 2]) twin().put(collection, compliancePolicy(n));
});

test("a difference that the new baseline takes in is gone because of it, and one that returns to what it says, by itself", async () => {
  const { id, actors } = world.tenant;
  const first = await back();
  await setBaseline(actors.manager, id, { set_id: first });
  for (const n of [1, 2]) twin().put(collection, { ...compliancePolicy(n), description: "else" });
  for (const n of [5, 6]) twin().remove(collection, compliancePolicy(n).id);
  for (const n of [11, 12]) twin().put(collection, compliancePolicy(n));
  await back();
  const found = await differences();
  expect(found.size).toBe(6);
  const denied = [...found.values()].map((drift) => ({ id: drift.id }));
  await denyDrift(actors.manager, id, { drifts: denied });
  for (const n of [2, 6]) twin().put(collection, compliancePolicy(n));
  twin().remove(collection, compliancePolicy(12).id);
  const second = await back();
  await setBaseline(actors.manager, id, { set_id: second });
  await compareDrift(id, null);
  expect(await differences()).toEqual(new Map());
  const gone = (await listDrift(actors.readonly, id, { limit: 200, state: "gone" })).items.filter((drift) =>
    denied.some((each) => each.id === drift.id),
  );
  expect(
    Object.fromEntries(gone.map(({ kind, display_name, gone_why }) => [`${display_name} ${kind}`, gone_why])),
  ).toEqual({
    "Policy 1 changed": "baseline_changed",
    "Policy 2 changed": "returned",
    "Policy 5 removed": "baseline_changed",
    "Policy 6 removed": "returned",
    "Policy 11 added": "baseline_changed",
    "Policy 12 added": "returned",
  });
  for (const n of [1, 5]) twin().put(collection, compliancePolicy(n));
  twin().remove(collection, compliancePolicy(11).id);
  await removeBaseline(actors.manager, id, {});
});

test("messages say which policies differ, how, and by whom where that is known; ten of them, and never a secret", async () => {
  const { id, actors } = world.tenant;
  await setBaseline(actors.manager, id, { set_id: await back() });
  const added = Array.from({ length: 10 }, (_, n) => compliancePolicy(20 + n));
  for (const policy of added) twin().put(collection, policy);
  const setId = await back();
  // The message waits for who changed what, as that of the changes themselves does.
  const waits = async () => {
    const { rows } = await world.admin.query(
      `SELECT extract(epoch FROM j.start_after - j.created_on)::int AS wait
       FROM alert_events e JOIN pgboss.job j ON j.name = 'route-alert' AND (j.data ->> 'event_id')::bigint = e.id
       WHERE e.kind = 'drift.found' AND e.data ->> 'backup_set_id' = $1 ORDER BY j.created_on`,
      [String(setId)],
    );
    return rows.map(({ wait }) => wait);
  };
  expect(await waits()).toEqual([changesToldSeconds]);
  await transaction({ as: "app", tenant_id: id }, (db) => tellAuthors(db, id, setId));
  expect(await waits()).toEqual([changesToldSeconds, 0]);

  twin().put(collection, { ...compliancePolicy(1), description: "changed" });
  const secret = "the key of the kiosk";
  const setting = { displayName: "Key", isEncrypted: true, secretReferenceValueId: secret, value: secret };
  twin().put(collection, { ...compliancePolicy(2), omaSettings: [setting] });
  twin().remove(collection, compliancePolicy(3).id);
  await back();
  await world.admin.query(
    `INSERT INTO policy_changes (tenant_id, source, event_id, graph_id, occurred_at, activity, operation, actor_kind, actor_name)
     VALUES ($1, 'intune', 'drift', $2, now(), 'Patch', 'update', 'user', 'ada@contoso.example')`,
    [id, compliancePolicy(1).id],
  );
  const { policies, more } = await describeDrift(id);
  expect([policies.length, more]).toEqual([10, 3]);
  const told = new Map(policies.map(({ name, lines }) => [name, lines]));
  expect(told.get("Policy 1")).toEqual([
    "Description: as it was → changed",
    "Last changed by ada@contoso.example",
  ]);
  expect(told.get("Policy 3")).toEqual(["In the baseline, and not in the tenant any more"]);
  expect([...told.values()].filter(([line]) => line === "Not in the baseline")).toHaveLength(7);
  expect(told.get("Policy 2")?.length).toBeGreaterThan(0);
  expect(JSON.stringify(policies)).not.toContain(secret);

  for (const policy of [...added, compliancePolicy(2)]) twin().remove(collection, policy.id);
  for (const n of [1, 2, 3]) twin().put(collection, compliancePolicy(n));
  await removeBaseline(actors.manager, id, {});
});

test("that drift is gone is not told before that it was found, which waits for who caused it", async () => {
  const { id, actors } = world.tenant;
  await setBaseline(actors.manager, id, { set_id: await back() });
  twin().put(collection, { ...compliancePolicy(1), description: "changed" });
  await back();
  const drift = (await differences()).get("Policy 1");
  await acceptDrift(actors.manager, id, { drifts: [{ id: drift?.id ?? 0 }], reason: "Known" });
  const { rows } = await world.admin.query<{ kind: string; start_after: Date }>(
    `SELECT e.kind, j.start_after
     FROM alert_events e JOIN pgboss.job j ON j.name = 'route-alert' AND (j.data ->> 'event_id')::bigint = e.id
     WHERE e.incident_id = (SELECT max(id) FROM incidents WHERE tenant_id = $1 AND cause = 'drift') ORDER BY e.id`,
    [id],
  );
  expect(rows.map(({ kind }) => kind)).toEqual(["drift.found", "drift.gone"]);
  const [found = 0, gone = 0] = rows.map(({ start_after }) => start_after.getTime());
  expect(gone).toBeGreaterThanOrEqual(found);
  twin().put(collection, compliancePolicy(1));
  await removeBaseline(actors.manager, id, {});
});

test("what is called otherwise by now is the same, also when the baseline's set is gone", async () => {
  const { id, actors } = world.tenant;
  const assignments = [assignedTo(pilots(world.tenant, 2))];
  twin().put(collection, { ...compliancePolicy(1), assignments });
  const setId = await back();
  await setBaseline(actors.manager, id, { set_id: setId });
  pilots(world.tenant, 2, "Pilots of the north");
  twin().put(collection, { ...compliancePolicy(1), description: "changed", assignments });
  const newer = await back();
  const drift = (await differences()).get("Policy 1");
  const differing = async () => {
    const { words, names } = await getDrift(actors.readonly, id, { drift_id: drift?.id ?? 0 });
    return { words: words?.map(({ name }) => name), before: names.left.group?.[groupId(2)]?.name };
  };
  expect(await differing()).toEqual({ words: ["Description"], before: "Pilots" });
  // Nor does the documentation call it changed, whose lines end with how and from what.
  const asked = { set_id: newer, since_set_id: setId, format: "csv" } as const;
  const lines = (await text((await documentSet(actors.manager, id, asked)).stream)).split("\r\n");
  expect(lines.filter((line) => line.includes("Pilots"))).toEqual([
    expect.stringMatching(/,Included,Pilots of the north,[^,]+,,$/),
  ]);
  await world.admin.query("UPDATE baselines SET source_set_id = 999999 WHERE tenant_id = $1", [id]);
  expect(await differing()).toEqual({ words: ["Description"], before: "Pilots" });
  await removeBaseline(actors.manager, id, {});
  twin().put(collection, compliancePolicy(1));
});

describe("another tenant's set as the baseline", () => {
  test("asks for a role there, pairs by name as comparisons do, and sees no other tenant", async () => {
    const { id, actors } = world.tenant;
    const { foreign } = world;
    // Other ids, the same names; two of one name, of which one says the same.
    const other = (n: number, name: string, more: object = {}) => {
      const policy = compliancePolicy(n);
      return { ...policy, id: policy.id.replace(/^0/, "9"), displayName: name, ...more };
    };
    for (let n = 1; n <= 6; n += 1) twin(foreign).remove(collection, compliancePolicy(n).id);
    // Each has a group of one name; whom else the other tenant's policy is for, nobody knows by name.
    const [theirGroup, ourGroup, unknown] = [pilots(foreign, 1), pilots(world.tenant, 2), groupId(3)];
    twin(foreign).put(
      collection,
      other(1, "policy 1", { assignments: [assignedTo(theirGroup), assignedTo(unknown)] }),
    );
    const everyDevice = {
      id: "1_all",
      target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" },
    };
    twin().put(collection, { ...compliancePolicy(1), assignments: [everyDevice, assignedTo(ourGroup)] });
    twin(foreign).put(collection, other(2, "Policy 2", { description: "otherwise" }));
    twin(foreign).put(collection, other(3, "Twin", { description: "one" }));
    twin(foreign).put(collection, other(4, "Twin", { description: "two" }));
    twin(foreign).put(collection, other(5, "Only there"));
    for (const n of [3, 4])
      twin().put(collection, {
        ...compliancePolicy(n),
        displayName: "Twin",
        description: n === 3 ? "two" : "three",
      });
    const [theirs, ours] = [await back(foreign), await back()];
    const wanted = { set_id: theirs, source_tenant_id: foreign.id };
    await expect(setBaseline(actors.manager, id, wanted)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await world.admin.query(
      "INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'readonly')",
      [foreign.id, actors.manager.user_id],
    );
    await expect(setBaseline(actors.manager, id, wanted)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await world.admin.query("UPDATE memberships SET role = 'manager' WHERE tenant_id = $1 AND user_id = $2", [
      foreign.id,
      actors.manager.user_id,
    ]);
    const baseline = await setBaseline(actors.manager, id, wanted);
    expect(baseline.source).toMatchObject({ tenant_id: foreign.id, set_id: theirs });
    await compareDrift(id, null);
    const { items } = await listDrift(actors.readonly, id, { limit: 200 });
    const compared = await compareTenants(actors.manager, id, {
      set_id: ours,
      with_tenant_id: foreign.id,
      with_set_id: theirs,
      limit: 200,
    });
    const of = (rows: readonly (string | undefined)[][]) => rows.map((row) => row.join(" ")).sort();
    expect(
      of(
        items.map(({ kind, graph_id, live_graph_id }) => [
          kind,
          kind === "added" ? "" : graph_id,
          live_graph_id ?? "",
        ]),
      ),
    ).toEqual(
      of(
        compared.items.map(({ change, left, right }) => [
          change,
          left?.graph_id ?? "",
          right?.graph_id ?? "",
        ]),
      ),
    );
    expect(
      items
        .filter(({ kind }) => kind === "changed")
        .map(({ display_name }) => display_name)
        .sort(),
    ).toEqual(["Policy 1", "Policy 2", "Twin"]);
    const changed = items.find(({ display_name }) => display_name === "Policy 2");
    const details = await getDrift(actors.readonly, id, { drift_id: changed?.id ?? 0 });
    expect(details.changes?.map(({ path }) => path.join("/"))).toEqual(["description"]);
    // Whom it is assigned to is told, too.
    const reassigned = items.find(({ display_name }) => display_name === "Policy 1");
    const { words } = await getDrift(actors.readonly, id, { drift_id: reassigned?.id ?? 0 });
    expect(
      words
        ?.filter(({ section }) => section === "Assignments")
        .map(({ kind, name, before, after }) => [kind, name, before, after]),
    ).toEqual([
      ["added", "Included", null, { kind: "text", text: "All devices" }],
      ["removed", "Included", { kind: "text", text: `Unknown group ${unknown}` }, null],
    ]);
    expect(
      (await listAuditLog(foreign.actors.readonly, foreign.id, { limit: 5 })).items.map(
        ({ action }) => action,
      ),
    ).toContain("baseline.source_read");
    // The other tenant has no baseline by this, sees nothing of ours, and neither does anybody of it.
    expect(await getDriftSummary(foreign.actors.readonly, foreign.id, {})).toMatchObject({
      baseline: null,
      new: 0,
    });
    await expect(listDrift(foreign.actors.owner, id, {})).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(
      acceptDrift(foreign.actors.owner, foreign.id, {
        drifts: [{ id: changed?.id ?? 0 }],
        reason: "Not mine",
      }),
    ).rejects.toMatchObject({ code: "NOT_FOUND" });
    // A message does not say that it is gone, what never was in the tenant.
    const told = (await describeDrift(id)).policies.find(({ name }) => name === "Only there");
    expect(told?.lines).toEqual(["In the baseline, and not in the tenant"]);
  });

  test("hashes of an earlier version are worked out anew: nothing differs by them, and what was accepted is", async () => {
    const { id, actors } = world.tenant;
    const found = async () =>
      (await listDrift(actors.readonly, id, { limit: 200 })).items
        .map(({ kind, display_name, state, renewed }) => [kind, display_name, state, renewed].join(" "))
        .sort();
    const { items } = await listDrift(actors.readonly, id, { limit: 200 });
    await acceptDrift(actors.manager, id, {
      drifts: items.map((drift) => ({ id: drift.id })),
      reason: "Known",
    });
    const expected = await found();
    expect(new Set(items.map(({ kind }) => kind))).toEqual(new Set(["added", "changed", "removed"]));
    const earlier = (...columns: string[]) =>
      columns.map((column) => `${column} = '00' || substr(${column}, 3)`).join(", ");
    await world.admin.query(`UPDATE baseline_items SET ${earlier("hash")}`);
    await world.admin.query(`UPDATE document_sayings SET ${earlier("saying")}`);
    await world.admin.query(
      `UPDATE drifts SET ${earlier("baseline_hash", "live_hash", "decided_baseline_hash", "decided_live_hash")}`,
    );
    await back();
    expect(await found()).toEqual(expected);
    const changed = items.find(({ display_name }) => display_name === "Policy 2");
    const details = await getDrift(actors.readonly, id, { drift_id: changed?.id ?? 0 });
    expect(details.changes?.map(({ path }) => path.join("/"))).toEqual(["description"]);
  });

  test("chosen while a set is being compared with the one before, it finds what it would have found alone", async () => {
    const { id, actors } = world.tenant;
    const found = async () =>
      (await listDrift(actors.readonly, id, { limit: 200 })).items
        .map(({ kind, display_name }) => `${kind} ${display_name}`)
        .sort();
    const expected = await found();
    const { source } = await getBaseline(actors.readonly, id, {});
    const wanted = { set_id: source.set_id, source_tenant_id: source.tenant_id };
    await removeBaseline(actors.manager, id, {});
    const ours = await back();
    await setBaseline(actors.manager, id, { set_id: ours });
    const keeper = await world.admin.connect();
    try {
      await keeper.query("BEGIN");
      await keeper.query("SELECT pg_advisory_xact_lock(hashtextextended('tenantpilot.drift', $1))", [id]);
      const waiting = (count: number) =>
        until(`${count} wait for the tenant's baseline`, async () => {
          const { rows } = await world.admin.query(
            `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
          );
          return rows.length === count;
        });
      const choice = setBaseline(actors.manager, id, wanted);
      await waiting(1);
      const comparison = compareDrift(id, ours);
      await waiting(2);
      await keeper.query("COMMIT");
      await choice;
      expect(await comparison).toBeNull();
    } finally {
      keeper.release(true);
    }
    await compareDrift(id, null);
    expect(await found()).toEqual(expected);
  });
});
