import { Agent, get as httpGet } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import tls from "node:tls";
import { ClientCertificateCredential, ClientSecretCredential } from "@azure/identity";
import { generate } from "selfsigned";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "./server.ts";
import { CONTOSO, TestClient, tokenForm } from "./test-client.ts";

const SCOPE = "https://graph.microsoft.com/.default";
const UNKNOWN = "00000000-0000-4000-8000-000000000009";

let sandbox: Sandbox;
let appCertificate: { private: string; cert: string };

beforeAll(async () => {
  appCertificate = await generate([{ name: "commonName", value: "app" }], {
    keySize: 2048,
    algorithm: "sha256",
  });
  sandbox = await startSandbox({ tenants: [{ ...CONTOSO, certificate: appCertificate.cert }] });
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), sandbox.caCertificate]);
});
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

const identity = () => ({ authorityHost: sandbox.loginUrl, disableInstanceDiscovery: true });

describe("token endpoint, as @azure/identity uses it", () => {
  it("grants a token for a client secret, whose claims name tenant, app and permissions", async () => {
    const { entraTenantId, clientId, clientSecret } = CONTOSO;
    const token = await new ClientSecretCredential(
      entraTenantId,
      clientId,
      clientSecret,
      identity(),
    ).getToken(SCOPE);
    const claims = JSON.parse(Buffer.from(token.token.split(".")[1] ?? "", "base64url").toString());
    expect(claims).toMatchObject({ tid: entraTenantId, appid: clientId, aud: "https://graph.microsoft.com" });
    expect(claims.roles).toContain("DeviceManagementScripts.Read.All");
    expect(claims.exp - claims.iat).toBe(3599);
  });

  it("grants a token for an assertion signed with the registered certificate", async () => {
    const certificate = `${appCertificate.private}\n${appCertificate.cert}`;
    const credential = new ClientCertificateCredential(
      CONTOSO.entraTenantId,
      CONTOSO.clientId,
      { certificate },
      identity(),
    );
    expect((await credential.getToken(SCOPE)).token.split(".")).toHaveLength(3);
  });

  it("refuses an assertion of another certificate", async () => {
    const other = await generate([{ name: "commonName", value: "app" }], {
      keySize: 2048,
      algorithm: "sha256",
    });
    const credential = new ClientCertificateCredential(
      CONTOSO.entraTenantId,
      CONTOSO.clientId,
      { certificate: `${other.private}\n${other.cert}` },
      identity(),
    );
    await expect(credential.getToken(SCOPE)).rejects.toThrow("AADSTS700027");
  });

  it.each([
    ["a wrong secret", CONTOSO.entraTenantId, CONTOSO.clientId, "wrong", "AADSTS7000215"],
    ["an unknown app", CONTOSO.entraTenantId, UNKNOWN, CONTOSO.clientSecret, "AADSTS700016"],
    ["an unknown tenant", UNKNOWN, CONTOSO.clientId, CONTOSO.clientSecret, "AADSTS90002"],
  ])("refuses %s", async (_, tenant, client, secret, code) => {
    const credential = new ClientSecretCredential(tenant, client, secret, identity());
    await expect(credential.getToken(SCOPE)).rejects.toThrow(code);
  });

  it("refuses an expired secret", async () => {
    sandbox.tenant(CONTOSO.entraTenantId).expireSecret();
    const { entraTenantId, clientId, clientSecret } = CONTOSO;
    const credential = new ClientSecretCredential(entraTenantId, clientId, clientSecret, identity());
    await expect(credential.getToken(SCOPE)).rejects.toThrow("AADSTS7000222");
  });

  it.each([
    [{ grant_type: "password" }, 70003],
    [{ grant_type: "" }, 900144],
    [{ scope: "https://graph.microsoft.com/User.Read" }, 1002012],
    [{ scope: "https://vault.azure.net/.default" }, 500011],
  ])("refuses the form %j", async (changes, code) => {
    const url = `${sandbox.url}/${CONTOSO.entraTenantId}/oauth2/v2.0/token`;
    const response = await fetch(url, { method: "POST", body: tokenForm(CONTOSO, changes) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error_codes: [code], trace_id: expect.any(String) });
  });
});

describe("access", () => {
  const path = "/v1.0/deviceManagement/deviceConfigurations";

  it.each([
    ["no token", ""],
    ["no JWT", "nonsense"],
    ["a forged one", "e30.e30.e30"],
  ])("refuses %s", async (_, token) => {
    const { status, body } = await new TestClient(sandbox, token).get(path);
    expect(status).toBe(401);
    expect(body).toMatchObject({
      error: { code: "InvalidAuthenticationToken", innerError: { "request-id": expect.any(String) } },
    });
  });

  it("refuses a token of another sandbox", async () => {
    const other = await startSandbox({ tenants: [CONTOSO] });
    const url = `${other.url}/${CONTOSO.entraTenantId}/oauth2/v2.0/token`;
    const answer = await fetch(url, { method: "POST", body: tokenForm(CONTOSO) });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    expect((await new TestClient(other, token).get(path)).status).toBe(200);
    expect((await new TestClient(sandbox, token).get(path)).status).toBe(401);
    await other.stop();
  });

  it("refuses tokens that have expired, until a new one is fetched", async () => {
    const client = await TestClient.connect(sandbox, CONTOSO);
    sandbox.tenant(CONTOSO.entraTenantId).expireTokens();
    expect(await client.get(path)).toMatchObject({
      status: 401,
      body: { error: { code: "InvalidAuthenticationToken" } },
    });
    await client.renew(CONTOSO);
    expect((await client.get(path)).status).toBe(200);
  });

  it("answers 403 naming the permission inside Intune's nested message", async () => {
    const client = await TestClient.connect(sandbox, CONTOSO);
    const tenant = sandbox.tenant(CONTOSO.entraTenantId);
    tenant.setPermissions(["Policy.Read.All"]);
    const { status, body } = await client.get(path);
    const error = body.error as { code: string; message: string };
    expect(status).toBe(403);
    expect(error.code).toBe("Forbidden");
    expect(JSON.parse(error.message).Message).toContain("DeviceManagementConfiguration.Read.All");
    expect((await client.get("/v1.0/identity/conditionalAccess/policies")).status).toBe(200);
  });

  it("grants what was consented later only in a new token", async () => {
    const tenant = sandbox.tenant(CONTOSO.entraTenantId);
    tenant.setPermissions(["Policy.Read.All"]);
    const client = await TestClient.connect(sandbox, CONTOSO);
    tenant.setPermissions(["Policy.Read.All", "DeviceManagementConfiguration.ReadWrite.All"]);
    expect((await client.get(path)).status).toBe(403);
    await client.renew(CONTOSO);
    expect((await client.get(path)).status).toBe(200);
  });
});

describe("server", () => {
  it("answers https on the same port", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const url = `${sandbox.loginUrl}/${CONTOSO.entraTenantId}/v2.0/.well-known/openid-configuration`;
      const request = httpsRequest(url, { ca: sandbox.caCertificate }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject).end();
    });
    expect(status).toBe(200);
  });

  it("keeps a connection for many requests", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let n = 0; n < 5; n++) {
      await new Promise<void>((resolve, reject) => {
        httpGet(`${sandbox.url}/_sandbox`, { agent }, (response) => {
          ports.add(response.socket.localPort);
          response.resume().on("end", resolve);
        }).on("error", reject);
      });
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });

  it("survives clients that die, lie or talk no protocol", async () => {
    for (const bytes of ["GET / HT", "\u0016\u0003\u0001garbage", "\u0000\u0000", ""]) {
      await new Promise<void>((resolve) => {
        const socket = connect(sandbox.port, "127.0.0.1", () => {
          socket.write(bytes, () => socket.resetAndDestroy());
        });
        socket.on("close", () => resolve());
      });
    }
    expect((await fetch(`${sandbox.url}/_sandbox`)).status).toBe(200);
  });

  it("answers a Host that no address can be made of", async () => {
    const socket = connect(sandbox.port, "127.0.0.1");
    socket.write("GET /_sandbox HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n");
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(`${sandbox.url}/_sandbox`)).status).toBe(200);
  });

  it("stops at once although a request hangs", async () => {
    const other = await startSandbox({ tenants: [CONTOSO] });
    const client = await TestClient.connect(other, CONTOSO);
    other.fault({ action: { kind: "hang" } });
    const hanging = client.get("/beta/deviceManagement/intents");
    const outcome = expect(hanging).rejects.toThrow();
    await expect.poll(() => other.requests.count({ phase: "list", status: 0 })).toBe(1);
    const started = performance.now();
    await other.stop();
    expect(performance.now() - started).toBeLessThan(5_000);
    await outcome;
  });

  it("gives the caller's ids back, and makes some for who has none", async () => {
    const client = await TestClient.connect(sandbox, CONTOSO);
    const mine = "7f0d7d3e-3c55-4d0c-8f4f-0f3c5b0e7f11";
    const response = await client.fetch("/beta/nothing", { headers: { "client-request-id": mine } });
    expect(response.headers.get("client-request-id")).toBe(mine);
    expect(response.headers.get("request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toMatchObject({ error: { innerError: { "client-request-id": mine } } });
  });

  it("counts requests, and how many were under way at once", async () => {
    const client = await TestClient.connect(sandbox, CONTOSO);
    sandbox.requests.clear();
    // So long that all four are there before the first is answered, on a machine that others use as well.
    sandbox.configure({ latencyMs: 1_000 });
    await Promise.all(Array.from({ length: 4 }, () => client.get("/beta/deviceManagement/intents")));
    expect(sandbox.requests.counters).toMatchObject({
      http: 4,
      graph: 4,
      byFamily: { intune: 4 },
      byPhase: { list: 4 },
      byStatus: { "200": 4 },
      maxConcurrency: 4,
    });
  });
});
