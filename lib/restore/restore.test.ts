import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { capture } from "#lib/capture/capture";
import { createGraphClient } from "#lib/graph/client";
import { catalog, findType } from "#lib/policies/catalog";
import { displayNameOf } from "#lib/policies/display-name";
import type { PolicyType } from "#lib/policies/policy-type";
import { writingOf } from "#lib/policies/write";
import { stages } from "#lib/policies/write/write-rule";
import { testTuning } from "#lib/testing/graph-server";
import type { GraphObject } from "#sandbox/json";
import { createSandboxCertificate, type Sandbox, startSandbox } from "#sandbox/server";
import { TestClient } from "#sandbox/test-client";
import { type Document, isDocument, typeOf, without } from "./document.ts";
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

const SECRET = "given by a person";

type Tenant = typeof contoso;
interface Item {
  type: PolicyType;
  id: string;
  document: Document;
}

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

const meaningful = new Set([
  "definition",
  "presentation",
  "authenticationStrength",
  "authenticationMethodConfigurations",
  "includeTargets",
  "excludeTargets",
]);

/** The document without ids, with references as `to` has them. */
function comparableForm(item: Item, to: ReadonlyMap<string, string>, prefix = ""): Record<string, unknown> {
  const walk = (value: unknown, parent: string): unknown => {
    if (typeof value === "string") return to.get(value) ?? value;
    if (Array.isArray(value)) return value.map((one) => walk(one, parent));
    if (!isDocument(value)) return value;
    // What nobody can read back; a person gave it.
    const secret =
      typeOf(value) === "deviceManagementConfigurationSecretSettingValue" ||
      ["****", SECRET].includes(String(value.value));
    if (secret) return { "@odata.type": value["@odata.type"] };
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
        // Told of each app and of what a policy set holds, by Graph alone.
        if (parent === "apps" && name === "version") return [];
        if (parent === "items" && (name === "displayName" || name === "itemType")) return [];
        if (name === "id" && !meaningful.has(parent)) return [];
        if (["createdDateTime", "isAssigned", "source", "sourceId"].includes(name)) return [];
        // None is told as null or not at all.
        if (name.startsWith("deviceAndAppManagementAssignmentFilter") && (inner === null || inner === "none"))
          return [];
        if (["isEncrypted", "secretReferenceValueId", "isReadOnly"].includes(name)) return [];
        return [[name, walk(inner, name)]];
      }),
    );
  };
  const result = walk(item.document, "") as Record<string, unknown>;
  if (Array.isArray(result.assignments)) result.assignments = sorted(result.assignments);
  for (const name of ["displayName", "name", "profileName"])
    if (prefix !== "" && typeof result[name] === "string" && result[name].startsWith(prefix))
      result[name] = result[name].slice(prefix.length);
  return result;
}

const sorted = (list: readonly unknown[]) => list.map((one) => JSON.stringify(one)).sort();

/** What a new object does not have from its backup: Graph decides it, or people set it by hand. See the rules. */
const notInNewObjects: Readonly<Record<string, readonly string[]>> = {
  deviceConfiguration: ["supportsScopeTags"],
  windowsUpdateRing: [
    "supportsScopeTags",
    "featureUpdatesPaused",
    "featureUpdatesPauseExpiryDateTime",
    "qualityUpdatesPaused",
    "qualityUpdatesPauseExpiryDateTime",
  ],
  // Older names of what stands under newer ones.
  windowsAutopilotDeploymentProfile: [
    "language",
    "enableWhiteGlove",
    "extractHardwareHash",
    "outOfBoxExperienceSettings",
  ],
  deviceEnrollmentNotificationConfiguration: ["notificationMessageTemplateId", "notificationTemplates"],
  managedDeviceAppConfiguration: ["appSupportsOemConfig"],
  mobileApp: ["categories", "relationships", "manifestHash"],
  appProtectionPolicy: ["protectedAppLockerFiles", "exemptAppLockerFiles"],
};

/** Breaks an object as somebody would who should not have: every part of it that a restore can write. */
function broken(object: GraphObject, key: string): GraphObject {
  const next: GraphObject = { ...object };
  const change = (name: string, make: (value: never) => unknown) => {
    if (next[name] !== undefined && next[name] !== null) next[name] = make(next[name] as never) as never;
  };
  const fewer = (list: unknown[]) => list.slice(1);
  const name = key === "deviceCustomAttributeShellScript" ? "description" : "displayName";
  const fixedName = ["authenticationMethodsPolicy", "authorizationPolicy", "securityDefaultsPolicy"].includes(
    key,
  );
  if (!fixedName && object.isBuiltIn !== true) change(name, (text) => `${text} broken`);
  change("name", (text) => `${text} broken`);
  change("assignments", fewer);
  change(
    "settings",
    key === "endpointSecurityIntent"
      ? (list: GraphObject[]) => list.map((one) => ({ ...one, valueJson: "7", value: 7 }))
      : fewer,
  );
  if (Array.isArray(next.settings) && typeof next.settingCount === "number")
    next.settingCount = next.settings.length;
  change("definitionValues", fewer);
  change("items", fewer);
  change("apps", fewer);
  change("allowedCombinations", fewer);
  change("combinationConfigurations", () => []);
  change("localizedNotificationMessages", (list: GraphObject[]) =>
    list.map((one) => ({ ...one, subject: "broken" })),
  );
  change("scheduledActionsForRule", (list: GraphObject[]) =>
    list.map((one) => ({
      ...one,
      scheduledActionConfigurations: [{ id: "x", actionType: "block", gracePeriodHours: 99 }],
    })),
  );
  change("authenticationMethodConfigurations", (list: GraphObject[]) =>
    list.map((one) => ({ ...one, state: "disabled" })),
  );
  change("roleAssignments", (list: GraphObject[]) => list.map((one) => ({ ...one, description: "broken" })));
  change("allowInvitesFrom", () => "adminsGuestInvitersAndAllMembers");
  change("priority", (priority: number) => (priority === 0 ? 0 : priority + 10));
  if (key === "securityDefaultsPolicy") next.isEnabled = true;
  // What the live object has and the backup lacks is put back as well.
  if (key === "deviceConfiguration" && "omaSettings" in next === false) next.description = "broken";
  return next;
}

/** Microsoft's own, which nobody can break. */
function isBuiltIn({ document, type }: Item): boolean {
  return (document.isBuiltIn === true && type.key !== "roleDefinition") || document.policyType === "builtIn";
}

/** What somebody could delete, and nothing else would change: what others refer to is proved in another tenant. */
function deletable(items: readonly Item[]): Set<Item> {
  const texts = items.map(({ document }) => JSON.stringify(document));
  return new Set(
    items.filter((item) => {
      const rule = writingOf(item.type.key);
      if ("cannot" in rule || "never" in rule.create || item.document.isDefaultProfile === true) return false;
      if (!["policy", "conditionalAccess", "policySet"].includes(rule.stage)) return false;
      return items.every((other, at) => other === item || !texts[at]?.includes(item.id));
    }),
  );
}

/** The generated tenant in a state that Graph would have it in. */
function settle(tenant: Tenant): void {
  const enrollment = "deviceManagement/deviceEnrollmentConfigurations";
  let priority = 1;
  for (const { id, object } of [...handle(tenant).objects(enrollment)])
    handle(tenant).put(enrollment, { ...object, id, priority: priority++ });
  // In a tenant of this size the generator makes Microsoft's own alone.
  handle(tenant).put("policies/authenticationStrengthPolicies", {
    "@odata.type": "#microsoft.graph.authenticationStrengthPolicy",
    id: "7a7a7a7a-0000-4000-8000-000000000001",
    displayName: "Keys",
    description: "Own strength",
    policyType: "custom",
    requirementsSatisfied: "mfa",
    allowedCombinations: ["windowsHelloForBusiness", "fido2"],
    combinationConfigurations: [
      {
        "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
        id: "7a7a7a7a-0000-4000-8000-000000000002",
        appliesToCombinations: ["fido2"],
        allowedAAGUIDs: ["7a7a7a7a-0000-4000-8000-000000000003"],
      },
    ],
  });
  const defaults = "policies/identitySecurityDefaultsEnforcementPolicy";
  for (const { id, object } of [...handle(tenant).objects(defaults)])
    handle(tenant).put(defaults, { ...object, id, isEnabled: false });
}

describe("every type that can be restored", () => {
  test("captured, broken or deleted, restored, captured: the same", async () => {
    settle(contoso);
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

function compare(
  backup: readonly Item[],
  after: readonly Item[],
  /** New ids, by what the item was. */
  ids: ReadonlyMap<Item, string>,
  isNew: (item: Item) => boolean,
  prefix = "",
  /** Ids of the tenant that was written to, by those of the backup. */
  elsewhere: ReadonlyMap<string, string> = new Map(),
): void {
  const to = new Map(elsewhere);
  // Copies refer to the originals.
  if (prefix === "") for (const [item, id] of ids) if (!/^\d+$/.test(item.id)) to.set(item.id, id);
  const faults: string[] = [];
  for (const item of backup) {
    const id = ids.get(item) ?? item.id;
    const found = after.find((one) => one.type.key === item.type.key && (one.id === id || item.type.single));
    if (!found) {
      faults.push(`${item.type.key} ${item.id}: gone`);
      continue;
    }
    const left = comparableForm(item, to);
    const right = comparableForm(found, new Map(), prefix);
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      if (isNew(item) && notInNewObjects[item.type.key]?.includes(name)) continue;
      const [was, is] = [JSON.stringify(left[name]), JSON.stringify(right[name])];
      if (was !== is)
        faults.push(
          `${item.type.key} ${typeOf(item.document)} ${name}: ${was?.slice(0, 300)} / ${is?.slice(0, 300)}`,
        );
    }
  }
  expect(faults).toEqual([]);
}

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
