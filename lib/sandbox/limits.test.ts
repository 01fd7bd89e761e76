import { describe, expect, it } from "vitest";
import { GraphLimits } from "./limits.ts";
import { startSandbox } from "./server.ts";
import { CONTOSO, TestClient } from "./test-client.ts";

describe("Graph's limits", () => {
  it("take 1000 Intune requests in 20 s from an app, and tell when the next fits", () => {
    const limits = new GraphLimits();
    for (let n = 0; n < 1000; n++) expect(limits.admit("intune", "t", "app", n * 10)).toBeUndefined();
    expect(limits.admit("intune", "t", "app", 10_000)).toEqual({ retryAfter: 10 });
    expect(limits.admit("intune", "other", "app", 10_000)).toBeUndefined();
    expect(limits.admit("intune", "t", "app", 20_000)).toBeUndefined();
    expect(limits.admit("intune", "t", "app", 20_001)).toEqual({ retryAfter: 1 });
  });

  it("take 2000 Intune requests from all apps of a tenant", () => {
    const limits = new GraphLimits();
    for (let n = 0; n < 2000; n++) expect(limits.admit("intune", "t", `app${n % 4}`, 0)).toBeUndefined();
    expect(limits.admit("intune", "t", "app0", 0)).toEqual({ retryAfter: 20 });
  });

  it("take one conditional access request a second, and tell nothing", () => {
    const limits = new GraphLimits();
    expect(limits.admit("conditionalAccess", "t", "app", 0)).toBeUndefined();
    expect(limits.admit("conditionalAccess", "t", "app", 900)).toEqual({ retryAfter: undefined });
    expect(limits.admit("conditionalAccess", "t", "app", 1000)).toBeUndefined();
    expect(limits.admit("policies", "t", "app", 1000)).toBeUndefined();
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
