import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FaultAction, type FaultRule, type Sandbox, startSandbox } from "./server.ts";
import { CONTOSO, TestClient, tokenForm } from "./test-client.ts";

const FABRIKAM = { ...CONTOSO, entraTenantId: "0a4b1c9e-5d7f-4f6a-8b2c-3d4e5f607182" };
const LIST = "/beta/deviceManagement/configurationPolicies";

let sandbox: Sandbox;
let client: TestClient;

beforeAll(async () => {
  sandbox = await startSandbox({ tenants: [CONTOSO, FABRIKAM] });
  client = await TestClient.connect(sandbox, CONTOSO);
});
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

const statuses = async (count: number, path = LIST) => {
  const seen: number[] = [];
  for (let n = 0; n < count; n++) seen.push((await client.fetch(path)).status);
  return seen;
};
const unavailable: FaultAction = { kind: "status", status: 503 };

describe("which requests a fault meets", () => {
  it("the n-th, a number of times, or a share of them", async () => {
    sandbox.fault({ nth: 2, action: unavailable });
    expect(await statuses(3)).toEqual([200, 503, 200]);
    sandbox.reset();
    sandbox.fault({ count: 2, action: unavailable });
    expect(await statuses(3)).toEqual([503, 503, 200]);
    sandbox.reset();
    const rule: FaultRule = { probability: 0.3, seed: 5, action: unavailable };
    sandbox.fault(rule);
    const drawn = await statuses(60);
    const failed = drawn.filter((status) => status === 503).length;
    expect(failed).toBeGreaterThan(6);
    expect(failed).toBeLessThan(32);
    sandbox.reset();
    sandbox.fault(rule);
    expect(await statuses(60)).toEqual(drawn);
  });

  it("of a tenant, a family, a phase or a path", async () => {
    const other = await TestClient.connect(sandbox, FABRIKAM);
    const { body } = await client.get(`${LIST}?$top=1`);
    const next = String(body["@odata.nextLink"]);
    const [policy] = body.value as { id: string }[];
    const requests = {
      list: () => client.fetch(LIST),
      page: () => client.fetch(next),
      item: () => client.fetch(`${LIST}/${policy?.id}`),
      child: () => client.fetch(`${LIST}/${policy?.id}/settings`),
      access: () => client.fetch("/v1.0/identity/conditionalAccess/policies"),
      other: () => other.fetch(LIST),
    };
    const met = async (match: Omit<FaultRule, "action">) => {
      sandbox.reset();
      sandbox.fault({ ...match, action: unavailable });
      const names: string[] = [];
      for (const [name, request] of Object.entries(requests))
        if ((await request()).status === 503) names.push(name);
      return names;
    };
    expect(await met({ tenant: FABRIKAM.entraTenantId })).toEqual(["other"]);
    expect(await met({ family: "conditionalAccess" })).toEqual(["access"]);
    expect(await met({ phase: ["page"] })).toEqual(["page"]);
    expect(await met({ phase: ["item", "child"] })).toEqual(["item", "child"]);
    expect(await met({ path: "deviceManagement/*/*/settings" })).toEqual(["child"]);
    expect(await met({ path: "/deviceManagement/**", tenant: CONTOSO.entraTenantId })).toEqual([
      "list",
      "page",
      "item",
      "child",
    ]);
    expect(await met({ via: "batch" })).toEqual([]);
  });
});

describe("what a fault does", () => {
  const child = async () => {
    const { items } = await client.all(LIST);
    const large = items.find(({ settingCount }) => Number(settingCount) > 30);
    return `${LIST}/${large?.id}/settings`;
  };

  it("answers with a status, a code and a Retry-After", async () => {
    sandbox.fault({ action: { kind: "status", status: 429, code: "TooMany", retryAfter: 3 } });
    const reply = await client.get(LIST);
    expect(reply).toMatchObject({ status: 429, body: { error: { code: "TooMany" } } });
    expect(reply.headers.get("retry-after")).toBe("3");
  });

  it("delays", async () => {
    sandbox.fault({ action: { kind: "latency", ms: 60 } });
    const started = performance.now();
    expect((await client.get(LIST)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(55);
  });

  it("lets go what waits once it is removed", async () => {
    const fault = sandbox.fault({ action: { kind: "latency", ms: 60_000 } });
    const answer = client.get(LIST);
    await expect.poll(() => fault.applied).toBe(1);
    fault.remove();
    expect((await answer).status).toBe(200);
  });

  it("hangs until the caller gives up", async () => {
    sandbox.fault({ action: { kind: "hang" } });
    await expect(client.fetch(LIST, { signal: AbortSignal.timeout(100) })).rejects.toThrow("timeout");
    expect(sandbox.requests.count({ status: 0 })).toBe(1);
  });

  it.each(["truncate", "malformed", "empty200"] as const)("%s: the body is no JSON", async (kind) => {
    sandbox.fault({ action: { kind } });
    const response = await client.fetch(LIST);
    expect(response.status).toBe(200);
    await expect(response.json()).rejects.toThrow();
  });

  it("resets the connection", async () => {
    sandbox.fault({ action: { kind: "reset" } });
    await expect(client.fetch(LIST)).rejects.toThrow("fetch failed");
  });

  it("says 200 and means an error", async () => {
    sandbox.fault({ action: { kind: "errorWith200", code: "Oops" } });
    expect(await client.get(LIST)).toMatchObject({ status: 200, body: { error: { code: "Oops" } } });
  });

  it("leads nextLink away or in a loop", async () => {
    sandbox.fault({ count: 1, action: { kind: "foreignNextLink", origin: "https://evil.example" } });
    sandbox.fault({ action: { kind: "nextLinkLoop" } });
    const away = await client.get(LIST);
    expect(String(away.body["@odata.nextLink"])).toMatch(/^https:\/\/evil\.example\/beta\/deviceManagement/);
    const circle = await client.get(LIST);
    const again = await client.get(String(circle.body["@odata.nextLink"]));
    expect(again.body.value).toEqual(circle.body.value);
    expect(again.body["@odata.nextLink"]).toBe(circle.body["@odata.nextLink"]);
  });

  it("lets settings end early", async () => {
    const path = await child();
    sandbox.fault({ path: "**/settings", action: { kind: "dropItems", keep: 20 } });
    const { items, pages } = await client.all(path);
    expect({ items: items.length, pages }).toEqual({ items: 20, pages: 1 });
  });

  it("takes a permission away, as 403 or as Intune's 401 with Forbidden inside", async () => {
    sandbox.fault({ count: 1, action: { kind: "permissionRevoked" } });
    sandbox.fault({ action: { kind: "forbiddenAs401" } });
    expect((await client.get(LIST)).status).toBe(403);
    const { status, body } = await client.get(LIST);
    const { message } = body.error as { message: string };
    expect(status).toBe(401);
    expect(JSON.parse(message).ErrorCode).toBe("Forbidden");
  });

  it("works on the token endpoint", async () => {
    const url = `${sandbox.url}/${CONTOSO.entraTenantId}/oauth2/v2.0/token`;
    const ask = () => fetch(url, { method: "POST", body: tokenForm(CONTOSO) });
    sandbox.fault({ count: 1, action: { kind: "secretExpired" } });
    expect(await (await ask()).json()).toMatchObject({ error: "invalid_client", error_codes: [7000222] });
    sandbox.fault({ phase: ["token"], count: 1, action: { kind: "status", status: 429, retryAfter: 1 } });
    const throttled = await ask();
    expect([throttled.status, throttled.headers.get("retry-after")]).toEqual([429, "1"]);
    sandbox.fault({ phase: ["token"], count: 1, action: { kind: "malformed" } });
    await expect((await ask()).json()).rejects.toThrow();
    expect((await ask()).status).toBe(200);
    expect(sandbox.requests.counters.byFamily).toEqual({ login: 4 });
  });

  it("works on a batch as a whole", async () => {
    sandbox.fault({ phase: ["batch"], count: 1, action: { kind: "status", status: 503 } });
    const requests = [{ id: "1", url: "/deviceManagement/intents" }];
    expect((await client.batch(requests)).status).toBe(503);
    expect((await client.batch(requests)).status).toBe(200);
  });
});
