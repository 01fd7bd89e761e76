import { describe, expect, it } from "vitest";
import { GraphLimits } from "./limits.ts";
import { startSandbox } from "./server.ts";
import { CONTOSO, TestClient } from "./test-client.ts";

const DEVICES = "deviceManagement/deviceConfigurations";

describe("Graph's limits", () => {
  it("take 1000 Intune requests in 20 s from an app, and tell when the next fits", () => {
    const limits = new GraphLimits();
    const ask = (at: number, tenant = "t") => limits.admit("intune", tenant, "app", DEVICES, at);
    for (let n = 0; n < 1000; n++) expect(ask(n * 10)).toBeUndefined();
    expect(ask(10_000)).toEqual({ retryAfter: 10 });
    expect(ask(10_000, "other")).toBeUndefined();
  });

  it("count what they refuse", () => {
    const limits = new GraphLimits();
    const ask = (at: number) => limits.admit("intune", "t", "app", DEVICES, at);
    for (let n = 0; n < 1000; n++) ask(0);
    for (let n = 0; n < 1000; n++) expect(ask(10_000)).toBeDefined();
    expect(ask(20_001)).toBeDefined();
    expect(ask(40_002)).toBeUndefined();
  });

  it("take 2000 Intune requests from all apps of a tenant", () => {
    const limits = new GraphLimits();
    for (let n = 0; n < 2000; n++)
      expect(limits.admit("intune", "t", `app${n % 4}`, DEVICES, 0)).toBeUndefined();
    expect(limits.admit("intune", "t", "app0", DEVICES, 0)).toEqual({ retryAfter: 20 });
  });

  it("take 20 requests in 20 s to administrative templates, and others meanwhile", () => {
    const limits = new GraphLimits();
    const ask = (path: string, at: number) => limits.admit("intune", "t", "app", path, at);
    const values = "deviceManagement/groupPolicyConfigurations/1/definitionValues";
    for (let n = 0; n < 20; n++) expect(ask(values, 0)).toBeUndefined();
    expect(ask(values, 0)).toEqual({ retryAfter: 20 });
    expect(ask("deviceManagement/groupPolicyConfigurations", 0)).toBeDefined();
    expect(ask(DEVICES, 0)).toBeUndefined();
    expect(ask(values, 20_000)).toBeUndefined();
  });

  it("tell Intune's callers how long to wait, mostly", () => {
    const limits = new GraphLimits();
    const told = Array.from({ length: 1008 }, () => limits.admit("intune", "t", "app", DEVICES, 0)).slice(
      1000,
    );
    expect(told.filter((refusal) => refusal?.retryAfter === undefined)).toHaveLength(2);
  });

  it("take one conditional access request a second, and mostly tell nothing", () => {
    const limits = new GraphLimits();
    const path = "identity/conditionalAccess/policies";
    const ask = (at: number) => limits.admit("conditionalAccess", "t", "app", path, at);
    expect(ask(0)).toBeUndefined();
    expect([ask(100), ask(200), ask(300)]).toEqual([
      { retryAfter: undefined },
      { retryAfter: undefined },
      { retryAfter: undefined },
    ]);
    expect(ask(400)).toEqual({ retryAfter: 1 });
    expect(ask(1400)).toBeUndefined();
    expect(limits.admit("policies", "t", "app", "policies/authorizationPolicy", 1000)).toBeUndefined();
  });

  it("count each part of a batch and answer 429 as the service would", async () => {
    const sandbox = await startSandbox({ tenants: [CONTOSO], enforceLimits: true });
    const client = await TestClient.connect(sandbox, CONTOSO);
    const url = "/identity/conditionalAccess/policies";
    const { body } = await client.batch([
      { id: "1", url },
      { id: "2", url },
    ]);
    const parts = body.responses as { status: number; headers: object }[];
    expect(parts.map(({ status }) => status).sort()).toEqual([200, 429]);
    for (const part of parts) expect(part.headers).not.toHaveProperty("Retry-After");
    const requests = Array.from({ length: 20 }, (_, n) => ({
      id: String(n),
      url: "/deviceManagement/intents?$top=1",
    }));
    for (let n = 0; n < 50; n++) await client.batch(requests);
    const refused = await client.get("/beta/deviceManagement/intents");
    expect(refused).toMatchObject({ status: 429, body: { error: { code: "TooManyRequests" } } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    await sandbox.stop();
  });
});
