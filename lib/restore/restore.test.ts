import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { capture } from "#lib/capture/capture";
import { createGraphClient } from "#lib/graph/client";
import { catalog, findType } from "#lib/policies/catalog";
import { displayNameOf } from "#lib/policies/display-name";
import { writingOf } from "#lib/policies/write";
import { stages } from "#lib/policies/write/write-rule";
import { testTuning } from "#lib/testing/graph-server";
import { broken, compare, deletable, type Item, isBuiltIn, SECRET, settle } from "#lib/testing/restored";
import type { GraphObject } from "#sandbox/json";
import { createSandboxCertificate, type Sandbox, startSandbox } from "#sandbox/server";
import { TestClient } from "#sandbox/test-client";
import { type Document, typeOf, without } from "./document.ts";
import { decisionKey, type KnownObject, kindsOf, mappingOf } from "./mapping.ts";
import { matchLive } from "./match.ts";
import { inOrder } from "./order.ts";
import type { ItemPlan, RestoreInput, RestoreMode, WriteRequest } from "./plan.ts";
import { planItem, withNewId } from "./plan-item.ts";
import { rewriteReferences } from "./references.ts";

const registration = (n: number) => ({
  entraTenantId: `6f1c5f0e-0c2a-4d53-9d3b-6a1f2c9b7e1${n}`,
  clientId: `b7a1d1c2-93c4-4b6e-8a54-1b7f2f0f9a1${n}`,
  clientSecret: "reads",
  writer: { clientId: `0d1f2a3b-0000-4000-8000-00000000000${n}`, clientSecret: "writes" },
});
const contoso = { ...registration(1), policies: 100 };
const fabrikam = { ...registration(2), policies: 0 };
const graphUrl = "https://graph.microsoft.com";

const types = catalog.filter(({ key }) => {
  const rule = writingOf(key);
  return !("cannot" in rule) && rule.delegatedOnly === null;
});

let sandbox: Sandbox;
beforeAll(async () => {
  const certificate = await createSandboxCertificate();
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), certificate.cert]);
  sandbox = await startSandbox({ tls: certificate, tenants: [contoso, fabrikam] });
});
afterAll(async () => {
  await sandbox.stop();
  tls.setDefaultCACertificates(tls.getCACertificates("bundled"));
});

type Tenant = typeof contoso;

/** All that can be restored of a tenant, through the product's own capture. */
async function captured(tenant: Tenant): Promise<Item[]> {
  const signal = new AbortController().signal;
  const { entraTenantId, clientId, clientSecret: secret } = tenant;
  const connection = {
    graphUrl: sandbox.url,
    loginUrl: sandbox.loginUrl,
    entraTenantId,
    clientId,
    credential: { kind: "secret" as const, secret },
  };
  const client = createGraphClient(connection, { signal, tuning: testTuning() });
  const items: Item[] = [];
  const policyTypes = types.filter(({ kind }) => kind === "policy").map(({ key }) => key);
  const outcomes = await capture(
    client,
    { policyTypes, includeFoundations: true },
    {
      async write(batch) {
        for (const { policyType, graphId: id, document } of batch) {
          const type = findType(policyType);
          if (type) items.push({ type, id, document: JSON.parse(new TextDecoder().decode(document)) });
        }
      },
      progress() {},
    },
    signal,
  );
  expect(outcomes.filter(({ failed, error_code }) => failed > 0 || error_code !== null)).toEqual([]);
  return items;
}

const everyType = types.map(({ key }) => key).sort();

const handle = (tenant: Tenant) => sandbox.tenant(tenant.entraTenantId);

/** What policies may refer to: what was captured, and the directory. */
function known(tenant: Tenant, items: readonly Item[]): KnownObject[] {
  const directory = [
    ["group", "groups"],
    ["user", "users"],
    ["application", "servicePrincipals"],
  ] as const;
  return [
    ...items.flatMap(({ type, id, document }) =>
      kindsOf(type.key).map((kind) => ({
        kind,
        id,
        name: displayNameOf(document, ""),
        of: typeOf(document),
      })),
    ),
    ...directory.flatMap(([kind, collection]) =>
      [...handle(tenant).objects(collection)].map(({ id, object }) => ({
        kind,
        id: kind === "application" ? String(object.appId) : id,
        name: String(object.displayName),
      })),
    ),
  ];
}

/** Secrets that a person would give: every one that a plan asks for. */
function planned(input: RestoreInput): ItemPlan {
  const plan = planItem(input);
  if (plan.outcome !== "blocked") return plan;
  const secrets = plan.reasons.filter(({ code }) => code === "secret");
  return secrets.length === plan.reasons.length
    ? planItem({ ...input, secrets: new Map(secrets.map(({ path }) => [path, SECRET])) })
    : plan;
}

/** Restores items, each planned when its turn comes, as a worker would. Returns the plans by item. */
async function restore(
  tenant: Tenant,
  items: readonly Item[],
  how: { live: readonly Item[]; mode: RestoreMode; source: readonly KnownObject[] },
  /** All that the tenant has. */
  there: readonly Item[] = how.live,
): Promise<{ plans: Map<Item, ItemPlan>; ids: Map<Item, string> }> {
  const client = await TestClient.connect(sandbox, { ...tenant, ...tenant.writer });
  const target = known(tenant, there);
  const made = new Map<string, string | null>();
  const resolve = mappingOf({ source: how.source, target, made });
  const liveOf = (item: Item): Document | null => {
    if (how.mode.kind === "copy") return null;
    const all = how.live.filter(({ type }) => type.key === item.type.key).map(({ document }) => document);
    const match = matchLive(item.type, item.document, all);
    if ("ambiguous" in match) throw new Error(`Several are ${displayNameOf(item.document, "")}.`);
    return match.live;
  };
  const inputs = new Map(items.map((item) => [item, liveOf(item)]));
  const plan = (item: Item) =>
    planned({
      type: item.type,
      backup: item.document,
      live: inputs.get(item) ?? null,
      mode: how.mode,
      resolve,
      graphUrl,
    });
  if (how.mode.kind !== "copy") {
    for (const item of items) {
      const live = inputs.get(item);
      for (const kind of kindsOf(item.type.key)) {
        const key = decisionKey(kind, item.id);
        const rule = writingOf(item.type.key);
        if (live) made.set(key, String(live[item.type.idProperty]));
        else if (
          !("cannot" in rule) &&
          planned({
            type: item.type,
            backup: item.document,
            live: null,
            mode: how.mode,
            resolve: () => "pending",
            graphUrl,
          }).outcome === "create"
        )
          made.set(key, null);
      }
    }
  }
  const plans = new Map<Item, ItemPlan>();
  const rank = (item: Item) => {
    const rule = writingOf(item.type.key);
    return "cannot" in rule ? 0 : stages.indexOf(rule.stage);
  };
  const ids = new Map<Item, string>(
    [...inputs].flatMap(([item, live]) =>
      live ? [[item, String(live[item.type.idProperty])] as const] : [],
    ),
  );
  const send = async ({ method, version, path, body }: WriteRequest) => {
    const response = await client.fetch(`/${version}/${path}`, {
      method,
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${text}\n${JSON.stringify(body)}`);
    return text === "" ? {} : (JSON.parse(text) as GraphObject);
  };
  const own = (request: WriteRequest, item: Item) => stages.indexOf(request.stage) <= rank(item);
  for (const item of [...items].sort((a, b) => rank(a) - rank(b))) {
    const itemPlan = plan(item);
    plans.set(item, itemPlan);
    if (!("requests" in itemPlan)) continue;
    for (const request of itemPlan.requests.filter((one) => own(one, item))) {
      const answer = await send(withNewId(request, ids.get(item) ?? ""));
      if (!request.creates) continue;
      ids.set(item, String(answer.id));
      if (how.mode.kind !== "copy")
        for (const kind of kindsOf(item.type.key)) made.set(decisionKey(kind, item.id), String(answer.id));
    }
  }
  // What refers to others is planned anew when all of them are there.
  const rest = new Map<string, WriteRequest[]>();
  items.forEach((item, at) => {
    const itemPlan = plan(item);
    if (!("requests" in itemPlan)) return;
    expect(itemPlan.pending, `${item.type.key} ${item.id}`).toEqual([]);
    const id = ids.get(item) ?? "";
    rest.set(
      String(at),
      itemPlan.requests.filter((one) => !own(one, item)).map((request) => withNewId(request, id)),
    );
    for (const { request } of itemPlan.later)
      rest.get(String(at))?.push(withNewId({ ...request, stage: "priority" }, id));
  });
  for (const { request } of inOrder(rest)) await send(request);
  return { plans, ids };
}

/** Puts what policies refer to and the generator left out: groups that were deleted, apps that never were. */
function complete(tenant: Tenant, items: readonly Item[]): void {
  const resolve = mappingOf({ source: [], target: known(tenant, items) });
  const collections = {
    group: ["groups", "group"],
    user: ["users", "user"],
    app: ["deviceAppManagement/mobileApps", "iosStoreApp"],
  } as const;
  for (const { type, document } of items) {
    const rule = writingOf(type.key);
    if ("cannot" in rule) continue;
    for (const { kind, id } of rewriteReferences(document, rule, resolve).reasons) {
      if (id === undefined || !(kind === "group" || kind === "user" || kind === "app")) continue;
      const [collection, short] = collections[kind];
      if (handle(tenant).get(collection, id)) continue;
      handle(tenant).put(collection, {
        "@odata.type": `#microsoft.graph.${short}`,
        id,
        displayName: `Found ${id}`,
        ...(short === "iosStoreApp" && { publishingState: "published", roleScopeTagIds: ["0"] }),
      });
    }
  }
}

describe("every type that can be restored", () => {
  test("captured, broken or deleted, restored, captured: the same", async () => {
    settle(handle(contoso));
    complete(contoso, await captured(contoso));
    const backup = await captured(contoso);
    expect([...new Set(backup.map(({ type }) => type.key))].sort()).toEqual(everyType);
    const source = known(contoso, backup);
    const again = await restore(contoso, backup, { live: backup, mode: { kind: "inPlace" }, source });
    expect([...again.plans.values()].filter(({ outcome }) => outcome !== "unchanged")).toEqual([]);

    const deleted = new Set<Item>();
    const free = deletable(backup);
    backup.forEach((item, at) => {
      if (isBuiltIn(item)) return;
      const { type } = item;
      const tenant = handle(contoso);
      const id = type.single ? ([...tenant.objects(type.path)][0]?.id ?? "") : item.id;
      if (at % 2 === 0 && free.has(item)) {
        tenant.remove(type.path, id);
        deleted.add(item);
      } else {
        const object = tenant.get(type.path, id);
        if (object) tenant.put(type.path, { ...broken(object, type.key), id });
      }
    });
    const live = await captured(contoso);
    const { plans, ids } = await restore(contoso, backup, { live, mode: { kind: "inPlace" }, source });
    for (const [item, plan] of plans) {
      const wanted = deleted.has(item) ? "create" : isBuiltIn(item) ? "unchanged" : "update";
      const built = item.document.isBuiltIn === true && ["assign", "unchanged"].includes(plan.outcome);
      expect(built ? wanted : plan.outcome, `${item.type.key} ${JSON.stringify(plan).slice(0, 500)}`).toBe(
        wanted,
      );
    }
    const written = [...plans].filter(([, { outcome }]) => outcome === "update" || outcome === "create");
    expect([...new Set(written.map(([{ type }]) => type.key))].sort()).toEqual(everyType);
    const after = await captured(contoso);
    compare(backup, after, ids, (item) => deleted.has(item));
  }, 240_000);

  test("as copies: each beside its original, which stays as it is", async () => {
    const before = await captured(contoso);
    const { plans, ids } = await restore(
      contoso,
      before,
      { live: [], mode: { kind: "copy", prefix: PREFIX }, source: known(contoso, before) },
      before,
    );
    const after = await captured(contoso);
    compare(before, after, new Map(), () => false);
    const copied = before.filter((item) => plans.get(item)?.outcome === "create");
    expect(copied.length).toBeGreaterThan(100);
    compare(copied, after, ids, () => true, PREFIX);
    for (const [item, plan] of plans) {
      if (plan.outcome === "create") continue;
      expect(plan.outcome, `${item.type.key} ${JSON.stringify(plan).slice(0, 500)}`).toBe("impossible");
    }
  }, 240_000);

  test("into an empty tenant, where names find what policies refer to", async () => {
    const { backup, target } = await emptied();
    const live = await captured(fabrikam);
    const { plans, ids } = await restore(
      fabrikam,
      backup,
      { live, mode: { kind: "inPlace" }, source: known(contoso, backup) },
      live,
    );
    expect(
      [...plans].flatMap(([{ type, id }, plan]) =>
        plan.outcome === "blocked" ? [{ type: type.key, id, reasons: plan.reasons }] : [],
      ),
    ).toEqual([]);
    const after = await captured(fabrikam);
    const written = backup.filter((item) =>
      ["create", "update", "assign", "unchanged"].includes(plans.get(item)?.outcome ?? ""),
    );
    compare(written, after, ids, () => true, "", target);
    const types = new Set(written.map(({ type }) => type.key));
    expect([...types].sort()).toEqual(everyType);
  }, 240_000);

  test("taken back: as it was before the restore, but for what only a deletion could undo", async () => {
    const backup = await captured(contoso);
    for (const item of backup) {
      if (isBuiltIn(item)) continue;
      const { type } = item;
      const tenant = handle(contoso);
      const id = type.single ? ([...tenant.objects(type.path)][0]?.id ?? "") : item.id;
      const object = tenant.get(type.path, id);
      if (object) tenant.put(type.path, { ...broken(object, type.key), id });
    }
    const before = await captured(contoso);
    const mode = { kind: "inPlace" } as const;
    await restore(contoso, backup, { live: before, mode, source: known(contoso, backup) });
    const live = await captured(contoso);
    // They cannot be enabled again beside policies of conditional access that are.
    const chosen = before.filter(({ type }) => type.key !== "securityDefaultsPolicy");
    const { plans } = await restore(contoso, chosen, { live, mode, source: known(contoso, before) });
    const keysOf = (items: readonly Item[]) => new Set(items.map(({ type }) => type.key));
    const written = chosen.filter((item) => {
      const outcome = plans.get(item)?.outcome;
      return outcome === "update" || outcome === "assign";
    });
    const whole = written.filter((item) => {
      const plan = plans.get(item);
      return plan !== undefined && "stays" in plan && plan.stays.length === 0;
    });
    // The categories of an intent show its settings once more, and nobody breaks them there.
    const told = (items: readonly Item[]) =>
      items.map((item) => ({ ...item, document: without(item.document, ["categories"]) }));
    compare(told(whole), told(await captured(contoso)), new Map(), () => false);
    const shown = keysOf(written);
    expect(everyType.filter((key) => !shown.has(key))).toEqual(["securityDefaultsPolicy"]);
    expect(keysOf(whole).size).toBeGreaterThan(everyType.length - 6);
  }, 240_000);
});

const PREFIX = "[Restored 2026-11-29] ";

/** Contoso's backup, and a tenant that has groups of the same names, what Microsoft gives every tenant, and no more. */
async function emptied(): Promise<{ backup: Item[]; target: Map<string, string> }> {
  const backup = await captured(contoso);
  const there = handle(fabrikam);
  for (const { type, id, document } of await captured(fabrikam)) {
    const kept =
      type.single ||
      isBuiltIn({ type, id, document }) ||
      document.isBuiltIn === true ||
      document.isDefaultProfile === true;
    if (!kept) there.remove(type.path, id);
  }
  // Microsoft's roles are the same everywhere, and the generator makes each tenant its own.
  const roles = "deviceManagement/roleDefinitions";
  const models = [...handle(contoso).objects(roles)].map(({ object }) => object);
  for (const { id, object } of [...there.objects(roles)]) {
    const model = models.find(({ displayName }) => displayName === object.displayName);
    const { permissions = [], rolePermissions = [] } = model ?? {};
    there.put(roles, { ...object, id, permissions, rolePermissions, roleAssignments: [] });
  }
  const target = new Map<string, string>();
  for (const collection of ["groups", "users", "servicePrincipals"]) {
    for (const { id } of [...there.objects(collection)]) there.remove(collection, id);
    let n = 0;
    for (const { id, object } of [...handle(contoso).objects(collection)]) {
      // Users and applications keep their ids: nobody is guessed by name.
      const same = collection !== "groups";
      const other = same ? id : `9a9a9a9a-0000-4000-8000-${String(n++).padStart(12, "0")}`;
      there.put(collection, {
        ...object,
        id: other,
        displayName: `${String(object.displayName)} ${same ? "" : n}`,
      });
      if (!same) {
        handle(contoso).put(collection, { ...object, id, displayName: `${String(object.displayName)} ${n}` });
        target.set(id, other);
      }
    }
  }
  // Apps that need an installer were added by hand.
  let n = 0;
  for (const { type, id, document } of backup) {
    if (type.key !== "mobileApp") continue;
    const plan = planItem({
      type,
      backup: document,
      live: null,
      mode: { kind: "inPlace" },
      resolve: () => "pending",
      graphUrl,
    });
    if (plan.outcome !== "impossible") continue;
    const other = `8a8a8a8a-0000-4000-8000-${String(n++).padStart(12, "0")}`;
    const object = handle(contoso).get(type.path, id);
    if (object) there.put(type.path, { ...object, id: other, assignments: [], roleScopeTagIds: ["0"] });
    target.set(id, other);
  }
  return { backup, target };
}
