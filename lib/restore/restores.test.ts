import { generate } from "selfsigned";
import { beforeAll, describe, expect, test } from "vitest";
import { listAuditLog } from "#lib/audit/list";
import { saveConnection } from "#lib/connection/connection";
import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import { backUpTypes, type StoredItem } from "#lib/testing/captured";
import { behindTheGuards } from "#lib/testing/sets";
import type { TestTenant } from "#lib/testing/tenants";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import { withWorld } from "#lib/testing/world";
import { changeRestoreItems, decideReference, listRestoreReferences, replanRestore } from "./change-plan.ts";
import { planRestore } from "./create.ts";
import { getRestoreItem } from "./item-details.ts";
import { getRestore, listRestoreItems } from "./list.ts";
import { requestRestore } from "./request.ts";
import type { Restore, RestoreItem } from "./schema.ts";
import { searchGroups } from "./search-groups.ts";
import { workOutPlan } from "./work-out-plan.ts";
import { saveWriteConnection, testWriteConnection } from "./write-connection.ts";

const world = withWorld({ policies: 120 });
const types = [
  "settingsCatalogPolicy",
  "deviceCompliancePolicy",
  "deviceConfiguration",
  "conditionalAccessPolicy",
  "policySet",
];
let setId: number;
let backedUp: StoredItem[];

const tuning = () => ({ limiters: new LimiterRegistry(systemClock, unlimitedBudgets) });
const handle = () => world.sandbox.tenant(world.tenant.sandbox.entraTenantId);

async function workOut(restore: Restore): Promise<void> {
  const { rows } = await world.admin.query("SELECT job_id FROM restores WHERE id = $1", [restore.id]);
  const result = await workOutPlan(
    world.tenant.id,
    restore.id,
    rows[0].job_id,
    new AbortController().signal,
    tuning(),
  );
  expect(result).toEqual({ kind: "planned" });
}

/** Plans a restore of some items of the set, as a manager and the worker would. */
async function planned(items: readonly StoredItem[]): Promise<Restore> {
  const { id, actors } = world.tenant;
  const restore = await planRestore(actors.manager, id, {
    set_id: setId,
    items: items.map(({ policy_type, graph_id }) => ({ policy_type, graph_id })),
  });
  expect(restore.status).toBe("planning");
  await workOut(restore);
  return getRestore(actors.readonly, id, { restore_id: restore.id }).then((found) => found);
}

async function itemsOf(restore: { id: number }): Promise<RestoreItem[]> {
  const { id, actors } = world.tenant;
  const { items } = await listRestoreItems(actors.readonly, id, { restore_id: restore.id, limit: 200 });
  return items;
}

const some = (type: string, at = 0): StoredItem => {
  const found = backedUp.filter(({ policy_type }) => policy_type === type)[at];
  if (!found) throw new Error(`the set has no ${type} ${at}`);
  return found;
};

beforeAll(async () => {
  const { run, items } = await backUpTypes(world, types);
  setId = run.backup_set_id ?? 0;
  backedUp = items;
});

describe("a plan", () => {
  test("says of each policy what would be done, and writes nothing", async () => {
    const { id, actors } = world.tenant;
    const [same, changed, gone] = [0, 1, 2].map((at) => some("deviceCompliancePolicy", at));
    if (!same || !changed || !gone) throw new Error("too few policies");
    const collection = "deviceManagement/deviceCompliancePolicies";
    const before = handle().get(collection, changed.graph_id);
    if (!before) throw new Error("it is not there");
    handle().put(collection, { ...before, id: changed.graph_id, description: "broken" });
    handle().remove(collection, gone.graph_id);
    const restore = await planned([same, changed, gone]);
    expect(restore).toMatchObject({
      status: "planned",
      items: 3,
      outcomes: { unchanged: 1, update: 1, create: 1 },
      changes: 2,
    });
    expect(handle().get(collection, changed.graph_id)?.description).toBe("broken");
    expect(handle().get(collection, gone.graph_id)).toBeUndefined();
    const [first, second, third] = await itemsOf(restore);
    expect([first?.outcome, second?.outcome, third?.outcome]).toEqual(["unchanged", "update", "create"]);
    const details = await getRestoreItem(actors.readonly, id, {
      restore_id: restore.id,
      item_id: second?.id ?? 0,
    });
    expect(details.changes.map(({ path }) => path.join("/"))).toEqual(["description"]);
    expect(details.words).toMatchObject([
      { name: "Description", before: { kind: "text", text: "broken" }, after: null },
    ]);
    const created = await getRestoreItem(actors.readonly, id, {
      restore_id: restore.id,
      item_id: third?.id ?? 0,
    });
    expect(new Set(created.words.map(({ kind }) => kind))).toEqual(new Set(["added"]));
    expect(details.requests).toMatchObject([{ method: "PATCH" }]);
    handle().put(collection, { ...before, id: changed.graph_id });
    const again = await replanRestore(actors.manager, id, { restore_id: restore.id });
    await workOut(again);
    expect(await getRestore(actors.readonly, id, { restore_id: restore.id })).toMatchObject({
      status: "planned",
      outcomes: { unchanged: 2, create: 1 },
    });
    const skipped = await changeRestoreItems(actors.manager, id, {
      restore_id: restore.id,
      item_ids: [third?.id ?? 0],
      is_skipped: true,
    });
    expect(skipped.changes).toBe(0);
    const copied = await changeRestoreItems(actors.manager, id, {
      restore_id: restore.id,
      item_ids: [first?.id ?? 0],
      mode: "copy",
    });
    expect(copied.outcomes.create).toBe(1);
    expect((await itemsOf(restore))[0]?.prefix).toMatch(/^\[Restored \d{4}-\d\d-\d\d\] $/);
    const { items: log } = await listAuditLog(actors.readonly, id, { limit: 50 });
    expect(log.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["restore.created", "restore.planned", "restore.replanned", "restore.changed"]),
    );
  });
});

test("what somebody decides is looked up in the tenant, and kept unlooked at where nobody may look", async () => {
  const { id, actors } = world.tenant;
  const assigned = backedUp.find(
    ({ policy_type, document }) =>
      policy_type === "deviceCompliancePolicy" && JSON.stringify(document.assignments).includes("groupId"),
  );
  if (!assigned) throw new Error("no policy is assigned to a group");
  const { id: restore_id } = await planned([assigned]);
  const references = () => listRestoreReferences(actors.readonly, id, { restore_id });
  const source = (await references()).find(({ kind }) => kind === "group")?.id ?? "";
  const decide = (kind: string, target_id: string, source_id = source) =>
    decideReference(actors.manager, id, {
      restore_id,
      kind,
      source_id,
      decision: { kind: "map", target_id, target_name: "As the caller says" },
    });
  const decision = async () => (await references()).find((each) => each.id === source)?.decision;
  const uuid = (n: number) => `${n}aaaaaaa-1111-4111-8111-111111111111`;
  for (const [n, collection, type] of [
    [1, "groups", "group"],
    [2, "users", "user"],
    [3, "identity/conditionalAccess/namedLocations", "ipNamedLocation"],
    [4, "policies/authenticationStrengthPolicies", "authenticationStrengthPolicy"],
  ] as const)
    handle().put(collection, {
      "@odata.type": `#microsoft.graph.${type}`,
      id: uuid(n),
      displayName: `The ${type}`,
    });
  const nowhere = uuid(9);
  for (const [kind, target] of [
    ["group", nowhere],
    ["group", "Sales"],
    ["user", uuid(1)],
    ["assignmentFilter", nowhere],
    ["scopeTag", "987654"],
    ["namedLocation", nowhere],
    ["authenticationStrength", nowhere],
    ["app", nowhere],
    ["app", "x?$select=id"],
  ] as const)
    await expect(decide(kind, target), `${kind} ${target}`).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
      errors: [{ path: "decision.target_id" }],
    });
  expect(await decision()).toBeNull();

  await decide("group", uuid(1).toUpperCase());
  expect(await decision()).toMatchObject({
    target_id: uuid(1),
    target_name: "The group",
    checked_at: expect.any(String),
    not_checked: null,
  });
  await decide("user", uuid(2), "a user");
  for (const [kind, target] of [
    ["assignmentFilter", some("assignmentFilter").graph_id],
    ["scopeTag", some("roleScopeTag").graph_id],
    ["namedLocation", uuid(3)],
    ["authenticationStrength", uuid(4)],
  ] as const)
    await decide(kind, target, `of ${kind}`);
  const { rows } = await world.admin.query(
    "SELECT source_id FROM reference_decisions WHERE tenant_id = $1 AND checked_at IS NOT NULL ORDER BY 1",
    [id],
  );
  expect(rows.map(({ source_id }) => source_id)).toEqual(
    [
      "a user",
      "of assignmentFilter",
      "of authenticationStrength",
      "of namedLocation",
      "of scopeTag",
      source,
    ].sort(),
  );

  world.sandbox.fault({ path: "groups", action: { kind: "permissionRevoked" } });
  await decide("group", nowhere);
  expect(await decision()).toMatchObject({
    target_id: nowhere,
    target_name: "As the caller says",
    checked_at: null,
    not_checked: expect.stringContaining("Group.ReadBasic.All"),
  });
});

test("groups are found by words of their names, twenty at most, and why they are not is said", async () => {
  const { id, actors } = world.tenant;
  world.sandbox.reset();
  for (let n = 0; n < 21; n++)
    handle().put("groups", {
      "@odata.type": "#microsoft.graph.group",
      id: `${String(n).padStart(8, "0")}-4444-4444-8444-444444444444`,
      displayName: `Zulu "Pilots" ${String.fromCharCode(65 + n)}`,
    });
  const search = (text: string) => searchGroups(actors.manager, id, { search: text });
  const many = await search('zul "pilots"');
  expect(many).toMatchObject({ has_more: true, problem: null });
  expect(many.groups).toHaveLength(20);
  expect(await search("Pilots C zulu")).toEqual({
    groups: [{ id: "00000002-4444-4444-8444-444444444444", name: 'Zulu "Pilots" C' }],
    has_more: false,
    problem: null,
  });
  expect((await search("nobody is called so")).groups).toEqual([]);
  await expect(search(" ")).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
  await expect(search("x".repeat(121))).rejects.toMatchObject({
    errors: [{ path: "search", message: "must be at most 120 characters" }],
  });
  await expect(searchGroups(actors.operator, id, { search: "zulu" })).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
  world.sandbox.fault({ path: "groups", action: { kind: "permissionRevoked" } });
  expect(await search("zulu")).toMatchObject({
    groups: [],
    problem: expect.stringContaining("Group.ReadBasic.All"),
  });
});

test("the connection for writing is another app registration, and its test says what it may write", async () => {
  const { id, actors, sandbox } = world.tenant;
  const { writer } = sandbox;
  if (!writer) throw new Error("no writer");
  await expect(
    saveWriteConnection(actors.owner, id, {
      client_id: sandbox.clientId,
      credential_kind: "secret",
      credential: "x",
    }),
  ).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
  await saveWriteConnection(actors.owner, id, {
    client_id: writer.clientId,
    credential_kind: "secret",
    credential: writer.clientSecret,
  });
  const result = await testWriteConnection(actors.owner, id, {});
  expect(result.ok).toBe(true);
  const of = (key: string) => result.types.find(({ policy_type }) => policy_type === key)?.writable;
  expect([of("settingsCatalogPolicy"), of("enrollmentRestriction"), of("authenticationContext")]).toEqual([
    "yes",
    "not_by_applications",
    "never",
  ]);
});

test("a certificate for writing that ends before it would be forgotten is refused, and it is said how long it may be kept", async () => {
  const { id, actors, sandbox } = world.tenant;
  const save = async (hours: number, keep_hours: number | null) => {
    const notAfterDate = new Date(Date.now() + hours * 3_600_000);
    const notBeforeDate = new Date(notAfterDate.getTime() - 86_400_000);
    const made = await generate([{ name: "commonName", value: "Writer" }], {
      notBeforeDate,
      notAfterDate,
      keySize: 2048,
    });
    return saveWriteConnection(actors.owner, id, {
      client_id: sandbox.writer?.clientId ?? "",
      credential_kind: "certificate",
      credential: `${made.private}\n${made.cert}`,
      keep_hours,
    });
  };
  const refusedAt = (path: string, message: string) => ({
    code: "VALIDATION_FAILED",
    errors: [{ path, message: expect.stringContaining(message) }],
  });
  await expect(save(-1, 8)).rejects.toMatchObject(
    refusedAt("credential", "must be a certificate that holds"),
  );
  await expect(save(5.5, 8)).rejects.toMatchObject(refusedAt("keep_hours", "must be at most 5"));
  // Until the next restore is a week at most.
  await expect(save(100.5, null)).rejects.toMatchObject(refusedAt("keep_hours", "must be at most 100"));
  expect(await save(5.5, 5)).toMatchObject({ credential_kind: "certificate" });
  expect(await save(200, null)).toMatchObject({ kept_until: null });
});

test("a reason that is longer than Intune's approvals take is refused where it was given", async () => {
  const { id, actors } = world.tenant;
  await expect(
    requestRestore(actors.owner, id, { restore_id: 1, reason: "ü".repeat(501) }),
  ).rejects.toMatchObject({
    code: "VALIDATION_FAILED",
    errors: [{ path: "reason", message: "must be at most 1000 bytes" }],
  });
});

test("what was read before the connection led to another Entra tenant is planned as another tenant's", async () => {
  const { id, actors, sandbox } = world.tenant;
  const lead = ({ entraTenantId, clientId, clientSecret }: TestTenant["sandbox"]) =>
    saveConnection(actors.owner, id, {
      cloud: "sandbox",
      entra_tenant_id: entraTenantId,
      client_id: clientId,
      credential_kind: "secret",
      credential: clientSecret,
    });
  const tag = backedUp.find(
    ({ policy_type, document }) => policy_type === "roleScopeTag" && document.isBuiltIn !== true,
  );
  if (!tag) throw new Error("the set has no scope tag");
  const { policy_type, graph_id } = tag;
  const tags = "deviceManagement/roleScopeTags";
  const there = world.sandbox.tenant(world.foreign.sandbox.entraTenantId);
  for (const { id: tagId, object } of [...there.objects(tags)])
    if (object.displayName === tag.document.displayName) there.remove(tags, tagId);
  const theirs = { displayName: "Finance of theirs", description: "Nobody restores it", isBuiltIn: false };
  there.put(tags, {
    "@odata.type": "#microsoft.graph.roleScopeTag",
    id: graph_id,
    ...theirs,
    assignments: [],
  });
  const live = async (from: number) => {
    const restore = await planRestore(actors.manager, id, {
      set_id: from,
      items: [{ policy_type, graph_id }],
    });
    await workOut(restore);
    return (await itemsOf(restore))[0]?.live_graph_id;
  };
  expect(await live(setId)).toBe(graph_id);
  await lead(world.foreign.sandbox);
  try {
    // It has the same number there, which each tenant gives by itself.
    expect(await live(setId)).toBeNull();
    const { run } = await backUpTypes(world, ["deviceCompliancePolicy"]);
    expect(await live(run.backup_set_id ?? 0)).toBe(graph_id);
    // Of one from before this was noted nobody knows more than that it is the tenant's.
    await behindTheGuards(
      world.admin,
      "UPDATE backup_sets SET manifest = manifest - 'read_from' WHERE id = $1",
      [setId],
    );
    expect(await live(setId)).toBe(graph_id);
  } finally {
    await lead(sandbox);
    world.sandbox.reset();
  }
});
