import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "./server.ts";
import { CONTOSO, TestClient } from "./test-client.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ tenants: [CONTOSO] });
});
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

async function ask(method: string, path: string, body?: unknown) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${sandbox.url}/_sandbox${path}`, {
    method,
    ...(body !== undefined && { body: text }),
  });
  return { status: response.status, body: await response.json() };
}

const tenant = `/tenants/${CONTOSO.entraTenantId}`;
const DC = "deviceManagement/deviceConfigurations";

describe("control endpoints", () => {
  it("tell what is there", async () => {
    const { body } = await ask("GET", "");
    expect(body.tenants).toMatchObject([
      { entraTenantId: CONTOSO.entraTenantId, clientId: CONTOSO.clientId },
    ]);
    expect(body.tenants[0].collections[DC]).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toContain(CONTOSO.clientSecret);
    const pem = await (await fetch(`${sandbox.url}/_sandbox/ca.pem`)).text();
    expect(pem).toBe(sandbox.caCertificate);
  });

  it("set, show and remove faults", async () => {
    const client = await TestClient.connect(sandbox, CONTOSO);
    const action = { kind: "status", status: 500 };
    const made = await ask("POST", "/faults", { family: "intune", action });
    expect(made).toMatchObject({ status: 201, body: { rule: { family: "intune", action }, applied: 0 } });
    expect((await client.get(`/v1.0/${DC}`)).status).toBe(500);
    expect((await ask("GET", "/faults")).body.faults).toMatchObject([{ applied: 1 }]);
    expect((await ask("DELETE", `/faults/${made.body.id}`)).status).toBe(200);
    expect((await client.get(`/v1.0/${DC}`)).status).toBe(200);
    expect((await ask("DELETE", `/faults/${made.body.id}`)).status).toBe(404);
  });

  it("drift a tenant, and reset takes it back", async () => {
    const client = await TestClient.connect(sandbox, CONTOSO);
    const before = await client.get(`/beta/${DC}`);
    const { status, body } = await ask("POST", `${tenant}/drift`, {
      change: 2,
      remove: 1,
      add: 3,
      collection: DC,
    });
    expect(status).toBe(200);
    expect([body.changed, body.removed, body.added].map((list: unknown[]) => list.length)).toEqual([2, 1, 3]);
    const after = await client.get(`/beta/${DC}`);
    expect((after.body.value as []).length).toBe((before.body.value as []).length + 2);
    expect((await ask("POST", "/reset")).status).toBe(200);
    expect((await client.get(`/beta/${DC}`)).body).toEqual(before.body);
  });

  it("let writes wait for a second administrator", async () => {
    const required = await ask("PUT", `${tenant}/approvals`, { required: true });
    expect(required).toEqual({ status: 200, body: { required: true, waiting: [] } });
    expect((await ask("POST", `${tenant}/approve`)).body).toEqual({ approved: [] });
    expect((await ask("PUT", `${tenant}/approvals`, {})).status).toBe(422);
  });

  it("set permissions, settings, and expire secrets and tokens", async () => {
    const client = await TestClient.connect(sandbox, CONTOSO);
    await ask("PUT", `${tenant}/permissions`, { permissions: ["Policy.Read.All"] });
    expect((await client.get(`/v1.0/${DC}`)).status).toBe(403);
    expect((await ask("PUT", "/settings", { enforceLimits: true, latencyMs: 1 })).body).toEqual({
      enforceLimits: true,
      latencyMs: 1,
    });
    await ask("POST", `${tenant}/expire-tokens`);
    expect((await client.get(`/v1.0/${DC}`)).status).toBe(401);
    await ask("POST", `${tenant}/expire-secret`);
    await expect(client.renew(CONTOSO)).rejects.toThrow("7000222");
  });

  it("count requests and leave their own out", async () => {
    const client = await TestClient.connect(sandbox, CONTOSO);
    await client.get(`/v1.0/${DC}`);
    const { body } = await ask("GET", "/requests?entries=1");
    expect(body).toMatchObject({ http: 2, graph: 1, byFamily: { login: 1, intune: 1 } });
    expect(body.entries).toMatchObject([{ path: DC, phase: "list", status: 200 }]);
    await ask("DELETE", "/requests");
    expect((await ask("GET", "/requests")).body).toMatchObject({ http: 0, graph: 0 });
  });

  it.each([
    ["POST", "/faults", "{", 400, "BROKEN_JSON", undefined],
    ["POST", "/faults", { action: { kind: "explode" } }, 422, "INVALID", "action.kind"],
    ["POST", "/faults", { nth: 0, action: { kind: "hang" } }, 422, "INVALID", "nth"],
    ["POST", "/faults", { action: { kind: "status", status: 200 } }, 422, "INVALID", "action.status"],
    ["POST", `${tenant}/drift`, { change: -1 }, 422, "INVALID", "change"],
    ["POST", `${tenant}/drift`, { collection: "deviceManagement/nothing" }, 422, "INVALID", "collection"],
    ["PUT", `${tenant}/permissions`, {}, 422, "INVALID", "permissions"],
    ["PUT", "/settings", { latencyMs: "fast" }, 422, "INVALID", "latencyMs"],
    ["POST", "/tenants/nobody/drift", { change: 1 }, 404, "NO_TENANT", undefined],
    ["GET", "/nothing", undefined, 404, "NO_SUCH_PATH", undefined],
    ["PUT", "/faults", {}, 405, "METHOD_NOT_ALLOWED", undefined],
  ])("%s %s with %j is refused clearly", async (method, path, given, status, code, at) => {
    const reply = await ask(method, path, given);
    expect(reply).toMatchObject({ status, body: { error: { code } } });
    if (at !== undefined)
      expect(reply.body.error.issues.map((issue: { path: string }) => issue.path)).toContain(at);
  });
});
