import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { GraphObject } from "./json.ts";
import { type Sandbox, startSandbox } from "./server.ts";
import { CONTOSO, TestClient } from "./test-client.ts";

let sandbox: Sandbox;
let client: TestClient;

beforeAll(async () => {
  sandbox = await startSandbox({ tenants: [CONTOSO] });
  client = await TestClient.connect(sandbox, CONTOSO);
});
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

interface Part {
  id: string;
  status: number;
  headers: Record<string, string>;
  body: GraphObject;
}

const parts = (body: GraphObject) => body.responses as unknown as Part[];
const reads = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: String(n), url: "/deviceManagement/intents?$top=1" }));

describe("$batch", () => {
  it("answers each part alone, whatever becomes of the others", async () => {
    const { status, body } = await client.batch([
      { id: "list", url: "/deviceManagement/configurationPolicies?$top=1" },
      { id: "missing", url: "deviceManagement/configurationPolicies/00000000-0000-4000-8000-000000000000" },
      { id: "unknown", url: "/deviceManagement/nonsense" },
      { id: "absolute", url: "https://graph.microsoft.com/beta/deviceManagement/intents" },
      { id: "write", method: "DELETE", url: "/deviceManagement/intents" },
    ]);
    expect(status).toBe(200);
    const byId = Object.fromEntries(parts(body).map((part) => [part.id, part]));
    expect(Object.fromEntries(parts(body).map((part) => [part.id, part.status]))).toEqual({
      list: 200,
      missing: 404,
      unknown: 400,
      absolute: 400,
      write: 403,
    });
    expect(byId.list?.body["@odata.nextLink"]).toContain(
      `${sandbox.url}/beta/deviceManagement/configurationPolicies?`,
    );
    expect(byId.missing?.headers["request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("comes back in another order", async () => {
    const orders = new Set<string>();
    for (let n = 0; n < 4; n++)
      orders.add(
        parts((await client.batch(reads(20))).body)
          .map(({ id }) => id)
          .join(),
      );
    expect(orders.size).toBeGreaterThan(1);
  });

  it("reads v1.0 through v1.0", async () => {
    const requests = [
      { id: "1", url: "/deviceManagement/deviceConfigurations" },
      { id: "2", url: "/deviceManagement/configurationPolicies" },
    ];
    const { body } = await client.batch(requests, "v1.0");
    expect(Object.fromEntries(parts(body).map((part) => [part.id, part.status]))).toEqual({
      "1": 200,
      "2": 400,
    });
  });

  it.each([
    ["21 requests", reads(21)],
    ["none", []],
    ["an id twice", [...reads(1), ...reads(1)]],
  ])("refuses %s", async (_, requests) => {
    expect(await client.batch(requests)).toMatchObject({
      status: 400,
      body: { error: { code: "BadRequest" } },
    });
  });

  it("refuses a body that is no JSON", async () => {
    const response = await client.fetch("/beta/$batch", { method: "POST", body: "{" });
    expect(response.status).toBe(400);
  });

  it("counts as one HTTP request and each part as a Graph request", async () => {
    sandbox.requests.clear();
    await client.batch(reads(20));
    expect(sandbox.requests.counters).toMatchObject({
      http: 1,
      graph: 20,
      byFamily: { intune: 20, batch: 1 },
    });
    expect(sandbox.requests.count({ via: "batch", phase: "list", status: 200 })).toBe(20);
  });

  it("fails a part by a fault, with the part's own Retry-After", async () => {
    const action = { kind: "status", status: 429, retryAfter: 7 } as const;
    const fault = sandbox.fault({ via: "batch", nth: 2, action });
    const { status, body } = await client.batch(reads(3));
    expect(status).toBe(200);
    const throttled = parts(body).filter((part) => part.status === 429);
    expect(throttled).toHaveLength(1);
    expect(throttled[0]?.headers["Retry-After"]).toBe("7");
    expect(fault).toMatchObject({ matched: 3, applied: 1 });
  });

  it("damages the body of a part alone", async () => {
    sandbox.fault({ via: "batch", nth: 1, action: { kind: "malformed" } });
    const { body } = await client.batch(reads(2));
    expect(
      parts(body)
        .map((part) => typeof part.body)
        .sort(),
    ).toEqual(["object", "string"]);
  });
});
