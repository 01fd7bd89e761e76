import { beforeAll, describe, expect, test } from "vitest";
import { type Role, roles } from "#lib/access/permissions";
import { withWorld } from "#lib/testing/world";
import { api, browserHeaders, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 1 });
let sessions: Record<Role, Record<string, string>>;
let base: string;

beforeAll(async () => {
  const { actors } = world.tenant;
  const entries = await Promise.all(
    roles.map(async (role) => [role, await browserHeaders(actors[role])] as const),
  );
  sessions = Object.fromEntries(entries) as typeof sessions;
  base = `/tenants/${world.tenant.id}`;
});

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const as = (role: Role, body?: unknown) => ({
  headers: sessions[role],
  ...(body === undefined ? {} : { body }),
});

describe("API tokens", () => {
  test("are made once in clear, work with their role, and end when revoked", async () => {
    const made = await api("POST", `${base}/api-tokens`, as("owner", { name: "CI", role: "operator" }));
    expect(made.status).toBe(201);
    expect(made.json.token).toMatch(/^tpat_[0-9A-Za-z]{49}$/);
    const list = await api("GET", `${base}/api-tokens`, as("owner"));
    expect(list.json).toContainEqual(
      expect.objectContaining({ id: made.json.id, name: "CI", role: "operator" }),
    );
    expect(list.text).not.toContain(made.json.token);
    expect((await api("GET", base, { token: made.json.token })).json.role).toBe("operator");
    expect((await api("DELETE", `${base}/api-tokens/${made.json.id}`, as("owner"))).status).toBe(204);
    expect((await api("GET", base, { token: made.json.token })).status).toBe(401);
    expect((await api("DELETE", `${base}/api-tokens/999999`, as("owner"))).status).toBe(404);
    const audit = await api("GET", `${base}/audit-log?action=token`, as("readonly"));
    expect(audit.json.map((entry: { action: string }) => entry.action)).toEqual([
      "token.revoked",
      "token.created",
    ]);
    expect(audit.text).not.toContain(made.json.token);
  });

  test.each([
    [{ name: "x", role: "god" }, "role"],
    [{ name: "", role: "owner" }, "name"],
    [{ name: "x", role: "owner", expires_at: "tomorrow" }, "expires_at"],
    [{ name: "x", role: "owner", expires_at: "2000-01-01T00:00:00Z" }, "expires_at"],
    [{ name: "x", role: "owner", expires_at: "9999-12-31T00:00:00Z" }, "expires_at"],
    [{ name: "x", role: "owner", expires_at: inDays(367) }, "expires_at"],
  ])("refuse %j", async (body, path) => {
    const answer = await api("POST", `${base}/api-tokens`, as("owner", body));
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ path }] } });
  });
});

describe("an API token, whatever its role,", () => {
  const body = { name: "x", role: "readonly" };
  test.each([
    ["GET", "/api-tokens", undefined],
    ["POST", "/api-tokens", body],
    ["POST", "/api-tokens/1/rotate", undefined],
    ["DELETE", "/api-tokens/1", undefined],
    ["PATCH", "/members/1", { role: "owner" }],
    ["DELETE", "/members/1", undefined],
    ["GET", "/invitations", undefined],
    ["POST", "/invitations", { email: "eve@evil.example", role: "owner" }],
    ["DELETE", "/invitations/1", undefined],
    ["PUT", "/connection", {}],
    ["POST", "/connection/test", undefined],
  ])("may not %s %s", async (method, path, sent) => {
    const { owner } = await tokensOf(world.tenant);
    const answer = await api(method, `${base}${path}`, { token: owner, ...(sent ? { body: sent } : {}) });
    expect(answer).toMatchObject({ status: 403, json: { code: "FORBIDDEN" } });
    expect(answer.json.detail).toContain("An API token may not do this");
  });

  test("reads members and the connection", async () => {
    const { owner } = await tokensOf(world.tenant);
    expect((await api("GET", `${base}/members`, { token: owner })).status).toBe(200);
    expect((await api("GET", `${base}/connection`, { token: owner })).status).toBe(200);
  });
});

describe("members", () => {
  test("are listed, change role and leave, but never the last owner", async () => {
    const { actors } = world.tenant;
    const list = await api("GET", `${base}/members`, as("readonly"));
    expect(list.json.map((member: { role: Role }) => member.role).sort()).toEqual([
      "manager",
      "operator",
      "owner",
      "readonly",
    ]);
    const operator = `${base}/members/${actors.operator.user_id}`;
    expect((await api("PATCH", operator, as("owner", { role: "manager" }))).status).toBe(204);
    const headers = await browserHeaders(actors.operator);
    expect((await api("GET", base, { headers })).json.role).toBe("manager");
    expect((await api("PATCH", operator, as("owner", { role: "manager", user_id: 1 }))).status).toBe(422);
    expect((await api("DELETE", operator, as("owner"))).status).toBe(204);
    expect((await api("GET", base, { headers })).status).toBe(404);
    expect((await api("DELETE", operator, as("owner"))).status).toBe(404);
    const owner = `${base}/members/${actors.owner.user_id}`;
    expect(await api("DELETE", owner, as("owner"))).toMatchObject({
      status: 409,
      json: { code: "CONFLICT" },
    });
    expect((await api("PATCH", owner, as("owner", { role: "readonly" }))).status).toBe(409);
  });
});

describe("invitations", () => {
  test("are made by owners, listed without their links, and withdrawn", async () => {
    const body = { email: "Ada@Contoso.example", role: "operator" };
    const made = await api("POST", `${base}/invitations`, as("owner", body));
    expect(made).toMatchObject({ status: 201, json: { email: "ada@contoso.example", role: "operator" } });
    expect((await api("POST", `${base}/invitations`, as("manager", body))).status).toBe(403);
    expect((await api("GET", `${base}/invitations`, as("manager"))).status).toBe(403);
    const list = await api("GET", `${base}/invitations`, as("owner"));
    expect(list.json).toEqual([
      expect.objectContaining({
        id: made.json.id,
        email: "ada@contoso.example",
        invited_by: expect.any(String),
      }),
    ]);
    expect(list.text).not.toContain(made.json.path);
    expect((await api("DELETE", `${base}/invitations/${made.json.id}`, as("owner"))).status).toBe(204);
    expect((await api("DELETE", `${base}/invitations/${made.json.id}`, as("owner"))).status).toBe(404);
    expect((await api("GET", `${base}/invitations`, as("owner"))).json).toEqual([]);
    const faulty = await api("POST", `${base}/invitations`, as("owner", { ...body, email: "Ada" }));
    expect(faulty).toMatchObject({ status: 422, json: { errors: [{ path: "email" }] } });
    const member = { ...body, email: "owner@tenant1.example" };
    expect((await api("POST", `${base}/invitations`, as("owner", member))).status).toBe(409);
  });
});

describe("the connection", () => {
  test("is read, saved and tested, and never gives its credential out", async () => {
    const { sandbox } = world.tenant;
    const saved = await api("GET", `${base}/connection`, as("manager"));
    expect(saved.json).toMatchObject({ cloud: "sandbox", client_id: sandbox.clientId, tested_at: null });
    const body = {
      cloud: "sandbox",
      entra_tenant_id: sandbox.entraTenantId,
      client_id: sandbox.clientId,
      credential_kind: "secret",
      credential: "not the secret",
    };
    expect((await api("PUT", `${base}/connection`, as("owner", body))).text).not.toContain("not the secret");
    expect((await api("POST", `${base}/connection/test`, as("owner"))).json.ok).toBe(false);
    const right = await api(
      "PUT",
      `${base}/connection`,
      as("owner", { ...body, credential: sandbox.clientSecret }),
    );
    expect(right.text).not.toContain(sandbox.clientSecret);
    const tested = await api("POST", `${base}/connection/test`, as("owner"));
    expect(tested.json.ok).toBe(true);
    expect((await api("GET", `${base}/connection`, as("manager"))).json.test_result).toEqual(tested.json);
    const audit = await api("GET", `${base}/audit-log?action=connection`, as("readonly"));
    expect(audit.text).not.toContain(sandbox.clientSecret);
    const faulty = await api(
      "PUT",
      `${base}/connection`,
      as("owner", { ...body, entra_tenant_id: "contoso" }),
    );
    expect(faulty).toMatchObject({ status: 422, json: { errors: [{ path: "entra_tenant_id" }] } });
  });

  test("that nobody saved is not found, and cannot be tested", async () => {
    await world.admin.query("DELETE FROM connections WHERE tenant_id = $1", [world.tenant.id]);
    expect((await api("GET", `${base}/connection`, as("manager"))).status).toBe(404);
    expect((await api("POST", `${base}/connection/test`, as("owner"))).json.code).toBe("CONFLICT");
  });
});
