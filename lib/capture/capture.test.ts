import tls from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createGraphClient, type GraphTuning } from "#lib/graph/client";
import { canonicalize } from "#lib/policies/canonical";
import { catalog, foundationKeys, policyTypeKeys } from "#lib/policies/catalog";
import { testTuning } from "#lib/testing/graph-server";
import { heldOf } from "#lib/testing/held";
import { createSandboxCertificate, type FaultRule, type Sandbox, startSandbox } from "#sandbox/server";
import { type CapturedItem, type CaptureSink, capture, type TypeOutcome } from "./capture.ts";
import { runOutcome } from "./outcome.ts";

const tenant = {
  entraTenantId: "6f1c5f0e-0c2a-4d53-9d3b-6a1f2c9b7e10",
  clientId: "b7a1d1c2-93c4-4b6e-8a54-1b7f2f0f9a11",
  clientSecret: "contoso-secret",
};
const SETTINGS_CATALOG = "deviceManagement/configurationPolicies";

let certificate: { key: string; cert: string };
let sandbox: Sandbox;
beforeAll(async () => {
  certificate = await createSandboxCertificate();
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), certificate.cert]);
});
beforeEach(async () => {
  sandbox = await startSandbox({ tls: certificate, tenants: [{ ...tenant, policies: 150 }] });
  return () => sandbox.stop();
});
afterAll(() => tls.setDefaultCACertificates(tls.getCACertificates("bundled")));

interface Captured {
  outcomes: TypeOutcome[];
  items: CapturedItem[];
  progress: TypeOutcome[];
  /** Time on the capture's own clock, where waiting costs nothing; milliseconds. */
  took: number;
  of(key: string): TypeOutcome;
}

interface Settings {
  types?: readonly string[];
  foundations?: boolean;
  sink?: Partial<CaptureSink>;
  signal?: AbortSignal;
  tuning?: Partial<GraphTuning>;
}

/** Captures the sandbox's tenant; every wait is over at once. */
async function run(settings: Settings = {}): Promise<Captured> {
  const signal = settings.signal ?? new AbortController().signal;
  const connection = {
    graphUrl: sandbox.url,
    loginUrl: sandbox.loginUrl,
    entraTenantId: tenant.entraTenantId,
    clientId: tenant.clientId,
    credential: { kind: "secret" as const, secret: tenant.clientSecret },
  };
  const tuning = testTuning(settings.tuning);
  const client = createGraphClient(connection, { signal, tuning });
  const items: CapturedItem[] = [];
  const progress: TypeOutcome[] = [];
  const sink: CaptureSink = {
    async write(batch) {
      items.push(...batch);
    },
    progress: (outcome) => progress.push(outcome),
    ...settings.sink,
  };
  const plan = {
    policyTypes: settings.types ?? policyTypeKeys,
    includeFoundations: settings.foundations ?? false,
  };
  const outcomes = await capture(client, plan, sink, signal);
  for (const outcome of outcomes) {
    expect(outcome.captured + outcome.gone + outcome.failed).toBe(outcome.expected);
  }
  const of = (key: string) => {
    const outcome = outcomes.find((candidate) => candidate.policy_type === key);
    if (!outcome) throw new Error(`no outcome of ${key}`);
    return outcome;
  };
  return { outcomes, items, progress, took: tuning.clock?.now() ?? Number.NaN, of };
}

const documentOf = (item: CapturedItem | undefined) => JSON.parse(new TextDecoder().decode(item?.document));
const theTenant = () => sandbox.tenant(tenant.entraTenantId);

/** What the tenant has of a type, from the sandbox's own books. */
function objectsOf(key: string) {
  const type = catalog.find((candidate) => candidate.key === key);
  if (!type) throw new Error(`no type ${key}`);
  return heldOf(theTenant(), type).map(({ id, document }) => ({ type, id, object: document }));
}

/** Kinds that Microsoft has not invented yet are of this type, and no sandbox makes them. */
const empty = ["otherEnrollmentConfiguration", "inventoryPolicy"];

describe("a whole tenant", () => {
  test("every type and foundation is captured, each object equal to the tenant's", async () => {
    const { outcomes, items, of } = await run({ foundations: true });
    expect(runOutcome(outcomes)).toMatchObject({ status: "success", error_code: null, retryable: false });
    expect(outcomes.map((outcome) => outcome.policy_type)).toEqual([...policyTypeKeys, ...foundationKeys]);
    for (const key of [...policyTypeKeys, ...foundationKeys]) {
      const expected = objectsOf(key);
      if (!empty.includes(key)) expect(of(key).captured, key).toBeGreaterThan(0);
      expect(of(key).captured, key).toBe(expected.length);
      for (const { type, id, object } of expected) {
        const item = items.find((candidate) => candidate.policyType === key && candidate.graphId === id);
        const wanted = canonicalize(object, type);
        expect(documentOf(item)).toEqual(JSON.parse(new TextDecoder().decode(wanted.document)));
        expect(item?.sha256).toBe(wanted.sha256);
        expect(item?.displayName).not.toBe("");
      }
    }
    expect(new Set(items.map((item) => `${item.policyType} ${item.graphId}`)).size).toBe(items.length);
  });

  test("collections that types share are listed once", async () => {
    await run({ types: ["settingsCatalogPolicy", "endpointSecurityPolicy", "securityBaselinePolicy"] });
    const lists = sandbox.requests.entries({ phase: "list", path: SETTINGS_CATALOG });
    expect(lists).toHaveLength(1);
  });

  test("progress tells how each type stands, up to its end", async () => {
    const { progress, outcomes } = await run({ types: ["settingsCatalogPolicy", "nonsense"] });
    const counts = progress
      .filter((one) => one.policy_type === "settingsCatalogPolicy")
      .map((one) => one.captured);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(progress.find((one) => one.policy_type === "nonsense")?.skipped).toBe(true);
    expect(progress.findLast((one) => one.policy_type === "settingsCatalogPolicy")).toEqual(outcomes[0]);
  });
});

describe("traps", () => {
  test("1: settings beyond the first page of 25 are captured", async () => {
    const { items } = await run({ types: ["settingsCatalogPolicy"] });
    const large = items.filter((item) => (item.children.settings?.announced ?? 0) > 25);
    expect(large.length).toBeGreaterThan(0);
    for (const item of items) {
      const { announced, captured } = item.children.settings ?? {};
      expect(captured).toBe(announced);
      expect(documentOf(item).settings).toHaveLength(announced ?? -1);
    }
  });

  test("1: fewer settings than announced make the policy missing, not whole", async () => {
    const [victim] = objectsOf("settingsCatalogPolicy").filter(
      ({ object }) => Number(object.settingCount) > 1,
    );
    const id = String(victim?.object.id);
    sandbox.fault({ path: `${SETTINGS_CATALOG}/${id}/settings`, action: { kind: "dropItems", keep: 1 } });
    const { outcomes, items, of } = await run({ types: ["settingsCatalogPolicy"] });
    expect(items.map((item) => item.graphId)).not.toContain(id);
    expect(of("settingsCatalogPolicy")).toMatchObject({ failed: 1, error_code: "INCOMPLETE_CAPTURE" });
    expect(of("settingsCatalogPolicy").missing).toEqual([
      {
        graph_id: id,
        display_name: victim?.object.name,
        error_code: "INCOMPLETE_CAPTURE",
        reason: expect.stringContaining(`announced ${victim?.object.settingCount} settings and delivered 1`),
      },
    ]);
    expect(runOutcome(outcomes)).toMatchObject({ status: "partial", error_code: "INCOMPLETE_CAPTURE" });
  });

  test("1: a policy that was edited while it was listed is read once more", async () => {
    const [victim] = objectsOf("settingsCatalogPolicy").filter(
      ({ object }) => Number(object.settingCount) > 1,
    );
    const path = `${SETTINGS_CATALOG}/${victim?.object.id}/settings`;
    sandbox.fault({ path, count: 1, action: { kind: "dropItems", keep: 1 } });
    const { outcomes } = await run({ types: ["settingsCatalogPolicy"] });
    expect(runOutcome(outcomes).status).toBe("success");
  });

  test("2: encrypted OMA values are named as not captured, the policy is kept", async () => {
    theTenant().put("deviceManagement/deviceConfigurations", {
      "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
      id: "0a0a0a0a-0000-4000-8000-000000000001",
      displayName: "Custom with a secret",
      omaSettings: [
        {
          "@odata.type": "#microsoft.graph.omaSettingInteger",
          displayName: "Plain",
          omaUri: "./a",
          value: 1,
        },
        {
          "@odata.type": "#microsoft.graph.omaSettingString",
          displayName: "Secret",
          omaUri: "./b",
          isEncrypted: true,
          secretReferenceValueId: "abc",
          value: "****",
        },
      ],
      assignments: [],
    });
    const { outcomes, items } = await run({ types: ["deviceConfiguration"] });
    const item = items.find((candidate) => candidate.displayName === "Custom with a secret");
    expect(item?.notes).toEqual(["secret not captured: omaSettings[1].value"]);
    expect(runOutcome(outcomes).status).toBe("success");
  });

  test("3: scripts need their own permission; what lacks it is named, the rest goes on", async () => {
    theTenant().setPermissions(["DeviceManagementConfiguration.Read.All"]);
    const { outcomes, of } = await run({ types: ["deviceManagementScript", "deviceCompliancePolicy"] });
    expect(of("deviceManagementScript")).toMatchObject({ captured: 0, error_code: "PERMISSION_MISSING" });
    expect(of("deviceManagementScript").error_message).toContain("DeviceManagementScripts.Read.All");
    expect(of("deviceManagementScript").request_id).toMatch(/[0-9a-f-]{36}/);
    expect(of("deviceCompliancePolicy").error_code).toBeNull();
    const run1 = runOutcome(outcomes);
    expect(run1).toMatchObject({ status: "partial", error_code: "PERMISSION_MISSING", retryable: false });
    expect(run1.error_message).toContain("DeviceManagementScripts.Read.All");
  });

  test("4: parts of a batch that fail are tried again", async () => {
    const rule = { via: "batch", probability: 0.3, seed: 1 } as const;
    sandbox.fault({ ...rule, action: { kind: "status", status: 503 } });
    sandbox.fault({ ...rule, seed: 2, action: { kind: "status", status: 429, retryAfter: 1 } });
    const { outcomes } = await run({ types: ["settingsCatalogPolicy"] });
    expect(runOutcome(outcomes).status).toBe("success");
  });

  test("4: a part that keeps failing is counted as failed, never dropped", async () => {
    const [first, second] = objectsOf("settingsCatalogPolicy").map(({ object }) => String(object.id));
    sandbox.fault({ path: `${SETTINGS_CATALOG}/${first}/settings`, action: { kind: "status", status: 500 } });
    sandbox.fault({
      path: `${SETTINGS_CATALOG}/${second}/settings`,
      action: { kind: "status", status: 403 },
    });
    const { outcomes, of } = await run({ types: ["settingsCatalogPolicy"] });
    const { expected, captured, failed, missing } = of("settingsCatalogPolicy");
    expect([captured, failed]).toEqual([expected - 2, 2]);
    expect(new Map(missing.map((item) => [item.graph_id, item.error_code]))).toEqual(
      new Map([
        [first, "GRAPH_UNAVAILABLE"],
        [second, "PERMISSION_MISSING"],
      ]),
    );
    expect(runOutcome(outcomes)).toMatchObject({ status: "partial", retryable: true });
  });

  test.each(["list", "page", "child"] as const)(
    "5: an error body with status 200 at a %s is never stored",
    async (phase) => {
      const fault: FaultRule = {
        phase: [phase],
        path: `${SETTINGS_CATALOG}/**`,
        action: { kind: "errorWith200" },
      };
      sandbox.fault(phase === "list" ? { ...fault, path: SETTINGS_CATALOG } : fault);
      const { outcomes, items, of } = await run({
        types: ["settingsCatalogPolicy", "deviceCompliancePolicy"],
      });
      for (const item of items) expect(documentOf(item)).not.toHaveProperty("error");
      expect(of("settingsCatalogPolicy").error_code).toBe("GRAPH_UNAVAILABLE");
      expect(runOutcome(outcomes)).toMatchObject({ status: "partial", error_code: "GRAPH_UNAVAILABLE" });
    },
  );

  test("6: what is touched without being changed keeps its hash", async () => {
    const before = await run({ foundations: true });
    theTenant().drift({ touch: 40 });
    const after = await run({ foundations: true });
    const hashes = (captured: Captured) =>
      Object.fromEntries(captured.items.map((item) => [`${item.policyType} ${item.graphId}`, item.sha256]));
    expect(hashes(after)).toEqual(hashes(before));
  });
});

describe("what is missing is told", () => {
  test("a policy deleted after it was listed is gone, not an error", async () => {
    const [victim] = objectsOf("settingsCatalogPolicy");
    theTenant().remove(SETTINGS_CATALOG, String(victim?.object.id), { listed: true });
    const { outcomes, of } = await run({ types: ["settingsCatalogPolicy"] });
    expect(of("settingsCatalogPolicy")).toMatchObject({ gone: 1, failed: 0, error_code: null });
    expect(runOutcome(outcomes).status).toBe("success");
  });

  test("a 404 of a part whose policy exists is no deletion", async () => {
    sandbox.fault({ path: `${SETTINGS_CATALOG}/*/settings`, action: { kind: "status", status: 404 } });
    const { of } = await run({ types: ["settingsCatalogPolicy"] });
    expect(of("settingsCatalogPolicy")).toMatchObject({
      gone: 0,
      captured: 0,
      error_code: "INCOMPLETE_CAPTURE",
    });
  });

  test("a list that breaks off is never complete", async () => {
    sandbox = await replaceSandbox(1_000);
    sandbox.fault({ phase: ["page"], path: SETTINGS_CATALOG, action: { kind: "status", status: 500 } });
    const { outcomes, of, items } = await run({ types: ["settingsCatalogPolicy"] });
    const outcome = of("settingsCatalogPolicy");
    expect(outcome).toMatchObject({ listed: false, failed: 0, error_code: "GRAPH_UNAVAILABLE" });
    expect(outcome.captured).toBe(items.length);
    expect(outcome.captured).toBeGreaterThan(0);
    expect(outcome.missing[0]).toMatchObject({
      graph_id: null,
      reason: expect.stringContaining("broke off after"),
    });
    expect(runOutcome(outcomes)).toMatchObject({ status: "partial", retryable: true });
  });

  test.each([
    ["foreignNextLink", "INCOMPLETE_CAPTURE"],
    ["nextLinkLoop", "INCOMPLETE_CAPTURE"],
  ] as const)("a list with %s is never complete", async (kind, code) => {
    sandbox.fault({ phase: ["list"], path: SETTINGS_CATALOG, action: { kind } });
    const { of } = await run({ types: ["settingsCatalogPolicy"] });
    expect(of("settingsCatalogPolicy")).toMatchObject({ listed: false, error_code: code });
  });

  test("unknown types are skipped, and alone ask nothing of Graph", async () => {
    const { outcomes, of } = await run({ types: ["nonsense", "namedLocation"] });
    expect(of("nonsense")).toMatchObject({ skipped: true, error_code: "UNKNOWN_POLICY_TYPE" });
    expect(runOutcome(outcomes)).toMatchObject({ status: "partial", error_code: "UNKNOWN_POLICY_TYPE" });
    sandbox.reset();
    const alone = await run({ types: ["nonsense", "assignmentFilter"], foundations: true });
    expect(runOutcome(alone.outcomes)).toMatchObject({
      status: "skipped",
      error_code: "UNKNOWN_POLICY_TYPE",
    });
    expect(sandbox.requests.counters.http).toBe(0);
  });
});

async function replaceSandbox(policies: number): Promise<Sandbox> {
  await sandbox.stop();
  return startSandbox({ tls: certificate, tenants: [{ ...tenant, policies }] });
}

describe("every fault in every phase", () => {
  const types = ["settingsCatalogPolicy", "conditionalAccessPolicy"];
  const phases = {
    token: { phase: ["token"] },
    list: { phase: ["list"], path: SETTINGS_CATALOG },
    page: { phase: ["page"], path: `${SETTINGS_CATALOG}/**` },
    batch: { phase: ["batch"] },
    part: { via: "batch", path: `${SETTINGS_CATALOG}/**` },
    child: { phase: ["child"], path: `${SETTINGS_CATALOG}/*/settings` },
  } as const;
  const unavailable = { code: "GRAPH_UNAVAILABLE", retryable: true };
  const faults = {
    "429": [
      { kind: "status", status: 429, retryAfter: 1 },
      { code: "GRAPH_THROTTLE", retryable: true },
    ],
    "429 bare": [
      { kind: "status", status: 429 },
      { code: "GRAPH_THROTTLE", retryable: true },
    ],
    "500": [{ kind: "status", status: 500 }, unavailable],
    "503": [{ kind: "status", status: 503, retryAfter: 1 }, unavailable],
    hang: [{ kind: "hang" }, unavailable],
    truncate: [{ kind: "truncate" }, unavailable],
    reset: [{ kind: "reset" }, unavailable],
    malformed: [{ kind: "malformed" }, unavailable],
    empty: [{ kind: "empty200" }, unavailable],
    "401": [
      { kind: "status", status: 401 },
      { code: "TOKEN_EXPIRED", retryable: false },
    ],
    "403": [{ kind: "permissionRevoked" }, { code: "PERMISSION_MISSING", retryable: false }],
    "401 as 403": [{ kind: "forbiddenAs401" }, { code: "PERMISSION_MISSING", retryable: false }],
    "400": [
      { kind: "status", status: 400 },
      { code: "TYPE_UNAVAILABLE", retryable: false },
    ],
  } as const;
  /** How often one address is asked for at most; a time-out counts twice. */
  const attempts: Record<keyof typeof faults, number> = {
    "429": 13,
    "429 bare": 13,
    "500": 6,
    "503": 6,
    hang: 3,
    truncate: 6,
    reset: 6,
    malformed: 6,
    empty: 6,
    "401": 2,
    "403": 1,
    "401 as 403": 1,
    "400": 1,
  };
  /** Real milliseconds, which only what hangs has to wait for: a busy machine may take long for what does answer. */
  const timeoutFor = (fault: string, hangMs: number) => (fault === "hang" ? hangMs : 20_000);
  const cases = Object.keys(phases).flatMap((phase) =>
    Object.keys(faults).map((fault) => [fault, phase] as const),
  );

  test.for(cases)("%s at %s", async ([faultName, phaseName], { skip }) => {
    const [action, expected] = faults[faultName as keyof typeof faults];
    const phase = phases[phaseName as keyof typeof phases];
    try {
      sandbox.fault({ ...phase, action } as FaultRule);
    } catch {
      skip("Graph cannot fail in this way here, says the sandbox");
    }
    const { outcomes, of, took } = await run({
      types,
      tuning: { requestTimeoutMs: timeoutFor(faultName, 200) },
    });
    if (sandbox.requests.counters.byFault[action.kind] === undefined) skip("the fault met no request");
    const result = runOutcome(outcomes);
    expect(took).toBeLessThan(10 * 60_000);
    const asked = Map.groupBy(
      sandbox.requests.entries().filter((request) => request.fault && request.phase !== "batch"),
      ({ phase: at, path, query }) => (at === "token" ? path : `${path}?${query}`),
    );
    for (const [address, requests] of asked) {
      // Entra answers 401 for good.
      const most =
        phaseName === "token" && faultName === "401" ? 1 : attempts[faultName as keyof typeof faults];
      // What hangs is given up after so short a time that a busy machine may not have sent it by then.
      const isExact = (phaseName === "token" || phaseName === "list") && faultName !== "hang";
      if (isExact) expect(requests, address).toHaveLength(most);
      else expect(requests.length, address).toBeLessThanOrEqual(most);
    }
    if (phaseName === "token") {
      const refused = ["401", "403", "400"].includes(faultName);
      const code = refused ? "AUTH_CONFIG" : expected.code;
      expect(result).toMatchObject({ status: "failed", error_code: code, retryable: !refused });
      expect(of("conditionalAccessPolicy").error_code).toBe(code);
      return;
    }
    expect(result.status).not.toBe("success");
    expect(result).toMatchObject({ error_code: expected.code, retryable: expected.retryable });
    const { expected: found, captured, failed, listed, missing, ...verdict } = of("settingsCatalogPolicy");
    expect(verdict).toMatchObject({ error_code: expected.code, gone: 0, skipped: false });
    expect(verdict.error_message).toMatch(/\w{3}.*\.$/);
    if (action.kind === "status") expect(verdict.request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(captured + failed).toBe(found);
    expect(missing).toHaveLength(Math.min(100, failed + (listed ? 0 : 1)));
    for (const { error_code, reason } of missing)
      expect([error_code, reason.length > 20]).toEqual([expected.code, true]);
    if (phaseName === "list") expect({ found, listed }).toEqual({ found: 0, listed: false });
    if (expected.code !== "TOKEN_EXPIRED") {
      expect(of("conditionalAccessPolicy").error_code).toBeNull();
      expect(result.status).toBe("partial");
    }
  });

  const passing = cases.filter(
    ([fault, phase]) =>
      faults[fault as keyof typeof faults][1].retryable || (fault === "401" && phase !== "token"),
  );
  test.for(passing)("%s at %s, once, does no harm", async ([faultName, phaseName], { skip }) => {
    const [action] = faults[faultName as keyof typeof faults];
    const phase = phases[phaseName as keyof typeof phases];
    try {
      sandbox.fault({ ...phase, action, count: 1 } as FaultRule);
    } catch {
      skip("Graph cannot fail in this way here, says the sandbox");
    }
    const { outcomes } = await run({ types, tuning: { requestTimeoutMs: timeoutFor(faultName, 700) } });
    expect(sandbox.requests.counters.byFault[action.kind]).toBe(1);
    expect(runOutcome(outcomes)).toMatchObject({ status: "success" });
  });
});

describe("stopping", () => {
  test("a credential that Entra refuses fails every type, with one sign-in", async () => {
    theTenant().expireSecret();
    const { outcomes } = await run({ foundations: true });
    expect(new Set(outcomes.map((outcome) => outcome.error_code))).toEqual(new Set(["AUTH_CONFIG"]));
    const result = runOutcome(outcomes);
    expect(result).toMatchObject({ status: "failed", error_code: "AUTH_CONFIG", retryable: false });
    expect(result.error_message).toContain("secret has expired");
    expect(sandbox.requests.entries({ phase: "token" })).toHaveLength(1);
  });

  test("tokens that expire in the middle are replaced", async () => {
    let written = false;
    const { outcomes } = await run({
      sink: {
        async write() {
          if (!written) theTenant().expireTokens();
          written = true;
        },
      },
    });
    expect(written).toBe(true);
    expect(runOutcome(outcomes).status).toBe("success");
    expect(sandbox.requests.counters.byStatus["401"]).toBeGreaterThan(0);
  });

  test("an abort ends it with the abort's reason, and no item is written after", async () => {
    const controller = new AbortController();
    const reason = new Error("canceled");
    let writesAfter = 0;
    const running = run({
      signal: controller.signal,
      sink: {
        async write() {
          if (controller.signal.aborted) writesAfter += 1;
          controller.abort(reason);
        },
      },
    });
    await expect(running).rejects.toBe(reason);
    expect(writesAfter).toBe(0);
  });

  test("a sink that fails ends it with the sink's error", async () => {
    const broken = new Error("the database is away");
    let writes = 0;
    const write = async () => {
      writes += 1;
      throw broken;
    };
    await expect(run({ sink: { write } })).rejects.toBe(broken);
    expect(writes).toBe(1);
  });

  test("writes never overlap", async () => {
    let writing = 0;
    let most = 0;
    const write = async () => {
      writing += 1;
      most = Math.max(most, writing);
      await new Promise((done) => setImmediate(done));
      writing -= 1;
    };
    await run({ sink: { write }, foundations: true });
    expect(most).toBe(1);
  });
});

describe("a second attempt", () => {
  const unchanged = (stored: ReadonlyMap<string, string | null>, states: ReadonlyMap<string, string>) =>
    new Set([...states].filter(([id, state]) => stored.get(id) === state).map(([id]) => id));

  test("fetches only what an earlier one does not have, or what changed since", async () => {
    const types = ["settingsCatalogPolicy"];
    const first = await run({ types });
    const stored = new Map(first.items.map((item) => [item.graphId, item.lastModified]));
    const [changed, missing] = first.items.map((item) => item.graphId);
    stored.set(String(changed), "2001-01-01T00:00:00Z");
    stored.delete(String(missing));
    const reused: string[] = [];
    sandbox.requests.clear();
    const second = await run({
      types,
      sink: {
        earlier: async (_, states) => unchanged(stored, states),
        reuse: async (_, ids) => {
          reused.push(...ids);
        },
      },
    });
    expect(second.of("settingsCatalogPolicy").captured).toBe(first.items.length);
    expect(second.items.map((item) => item.graphId).toSorted()).toEqual([changed, missing].toSorted());
    expect(reused).toHaveLength(first.items.length - 2);
    const children = sandbox.requests
      .entries({ phase: "child" })
      .map((request) => request.path.split("/")[2]);
    expect(new Set(children)).toEqual(new Set([changed, missing]));
  });

  test("fetches again what was assigned otherwise meanwhile, although its date says nothing of it", async () => {
    const types = ["settingsCatalogPolicy"];
    const first = await run({ types });
    const stored = new Map(first.items.map((item) => [item.graphId, item.lastModified]));
    const id = String(first.items[0]?.graphId);
    const [date, assigned] = stored.get(id)?.split(" ") ?? [];
    expect(assigned).toMatch(/^[0-9a-f]{64}$/);
    stored.set(id, `${date} ${"0".repeat(64)}`);
    const second = await run({
      types,
      sink: {
        earlier: async (_type, states) => unchanged(stored, states),
        reuse: async () => {},
      },
    });
    expect(second.items.map((item) => item.graphId)).toEqual([id]);
  });
});
