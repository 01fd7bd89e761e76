import { Secret, TOTP } from "otpauth";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Role } from "#lib/access/permissions";
import { sealSecret } from "#lib/access/second-step";
import { hashToken } from "#lib/access/secret-token";
import { securityEventsRecorded } from "#lib/audit/security";
import { makeSchedule, plainSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { createToken, revokeToken } from "#lib/tokens/tokens";
import { authOptions } from "../auth.ts";
import { sealSession, sessionCookie, sessionTicket } from "../session-cookie.ts";
import { GET as askNextAuth } from "./auth/[...nextauth]/route.ts";
import { served } from "./served.ts";
import { tryAccessMatrix } from "./testing/access-matrix.ts";
import { api, browserHeaders, routes, send, tokensOf } from "./testing/client.ts";

const endpoints = await served();
const world = withWorld({ policies: 1 });
let tokens: Record<Role, string>;
let base: string;
/** Of an authenticator app. */
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

beforeAll(async () => {
  tokens = await tokensOf(world.tenant);
  base = `/tenants/${world.tenant.id}/backup-schedules`;
});

/** Turns a person's two-step sign-in on. */
async function keepSecret(userId: number): Promise<void> {
  await world.admin.query(
    "INSERT INTO second_factors (user_id, secret_ciphertext, confirmed_at) VALUES ($1, $2, now())",
    [userId, Buffer.from(sealSecret(secret, userId))],
  );
}

async function countSchedules(): Promise<number> {
  return (await world.admin.query("SELECT count(*)::int AS n FROM backup_schedules")).rows[0].n;
}

async function lastEntry(): Promise<number> {
  await securityEventsRecorded();
  return (await world.admin.query("SELECT coalesce(max(id), 0)::int AS id FROM audit_log")).rows[0].id;
}

/** How many there are of what a request could have made or removed. */
async function rowsThere(): Promise<unknown> {
  const { rows } = await world.admin.query(
    `SELECT (SELECT count(*) FROM backup_schedules) AS schedules, (SELECT count(*) FROM backup_schedule_runs) AS runs,
            (SELECT count(*) FROM backup_sets) AS sets, (SELECT count(*) FROM api_tokens WHERE created_by IS NOT NULL) AS tokens,
            (SELECT count(*) FROM invitations) AS invitations`,
  );
  return rows[0];
}

describe("every endpoint", () => {
  const inTenants = endpoints.filter(({ description }) => description.path.startsWith("/tenants"));
  const pathOf = (template: string) =>
    template.replace("{tenantId}", `${world.tenant.id}`).replaceAll(/\{\w+\}/g, "999999");

  test("is listed for the OpenAPI document", async () => {
    const listed = new Set(
      endpoints.map(({ description }) => `/${description.path.slice(1).replaceAll(/\{(\w+)\}/g, "[$1]")}`),
    );
    const folders = (await routes)
      .map(({ folder }) => `/${folder}`)
      .filter((folder) => folder !== "/[[...path]]");
    expect([...listed].sort()).toEqual(folders.sort());
    expect(endpoints.length).toBe(new Set(endpoints.map(({ description }) => description.id)).size);
  });

  test("wants to know who asks", async () => {
    for (const { method, description } of inTenants) {
      const answer = await api(method, pathOf(description.path));
      expect(answer, `${method} ${description.path}`).toMatchObject({
        status: 401,
        json: { code: "UNAUTHENTICATED" },
      });
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
    }
  });

  test("wants to know who asks, but for these", () => {
    const open = endpoints.filter(({ description }) => description.needs === "nobody");
    const ids = open.map(({ description }) => description.id).sort();
    expect(ids).toEqual(["getDocs", "getHealth", "getMetrics", "getOpenApi", "getReadiness"]);
  });

  // With ACCESS_MATRIX=whole it asks in every role too where the role cannot matter.
  test("answers by role, tenant, and how the caller is known", { timeout: 240_000 }, async () => {
    const whole = process.env.ACCESS_MATRIX === "whole";
    const known = endpoints.filter(({ description }) => description.needs !== "nobody");
    expect(known.length).toBeGreaterThan(50);
    const before = await rowsThere();
    vi.stubEnv("REQUIRE_TOTP", "administrators");
    const { cells, wrong } = await tryAccessMatrix(world, known, { whole });
    vi.unstubAllEnvs();
    expect(wrong).toEqual([]);
    const own = known.filter(({ description }) => !description.path.includes("{tenantId}")).length;
    // In each place six ways, and in one's own tenant two of them in four roles.
    const few = (known.length - own) * (2 * 4 + 4 + 6 + 6) + own * (2 * 4 + 4);
    expect(cells).toBe(whole ? ((known.length - own) * 3 + own) * 6 * 4 : few);
    expect(await rowsThere()).toEqual(before);
  });
});

describe("a bearer token", () => {
  test.each([
    "Bearer",
    "Bearer ",
    "Basic dXNlcjpwYXNz",
    "Bearer tpat_unknown",
    "Bearer a b",
    "tpat_unknown",
    "Bearer \u00e9",
  ])("%j is 401", async (Authorization) => {
    const answer = await api("GET", base, { headers: { Authorization } });
    expect(answer).toMatchObject({ status: 401, json: { code: "UNAUTHENTICATED" } });
  });

  test("stops with its revocation, and with its expiry", async () => {
    const { actors, id } = world.tenant;
    const made = await createToken(actors.owner, id, { name: "short", role: "readonly" });
    expect((await api("GET", base, { token: made.token })).status).toBe(200);
    await revokeToken(actors.owner, id, { token_id: made.id });
    expect((await api("GET", base, { token: made.token })).status).toBe(401);
    const expired = await createToken(actors.owner, id, { name: "old", role: "owner" });
    await world.admin.query(
      "UPDATE api_tokens SET expires_at = date_trunc('milliseconds', now()) WHERE id = $1",
      [expired.id],
    );
    expect((await api("GET", base, { token: expired.token })).status).toBe(401);
  });

  test("opens its own tenant only, and needs no origin", async () => {
    expect((await api("GET", "/tenants", { token: tokens.manager })).json).toMatchObject([
      { id: world.tenant.id, role: "manager" },
    ]);
    expect((await api("GET", `/tenants/${world.foreign.id}`, { token: tokens.owner })).status).toBe(404);
    const headers = { Origin: "https://elsewhere.example", "Sec-Fetch-Site": "cross-site" };
    expect((await api("POST", base, { token: tokens.manager, body: plainSchedule, headers })).status).toBe(
      201,
    );
  });

  test("goes before a session: a bad one is not made good by a cookie", async () => {
    const headers = await browserHeaders(world.tenant.actors.owner);
    expect((await api("GET", base, { token: "tpat_unknown", headers })).status).toBe(401);
  });
});

describe("a session cookie", () => {
  test("is the user, with the role that they have now", async () => {
    const { actors, id } = world.tenant;
    const headers = await browserHeaders(actors.manager);
    expect((await api("GET", "/tenants", { headers })).json).toMatchObject([{ id, role: "manager" }]);
    expect((await api("POST", base, { headers, body: plainSchedule })).status).toBe(201);
    await world.admin.query("UPDATE memberships SET role = 'operator' WHERE user_id = $1", [
      actors.manager.user_id,
    ]);
    expect((await api("POST", base, { headers, body: plainSchedule })).status).toBe(403);
    await world.admin.query("UPDATE memberships SET role = 'manager' WHERE user_id = $1", [
      actors.manager.user_id,
    ]);
  });

  test.each([
    ["another site", { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" }],
    ["a neighbor", { Origin: "http://other.localhost:3000", "Sec-Fetch-Site": "same-site" }],
    ["another port, in an older browser", { Origin: "http://localhost:4000" }],
    ["nowhere, in an older browser", { Origin: "null" }],
    ["a bookmark", { "Sec-Fetch-Site": "none" }],
    ["no browser", {}],
  ])("changes nothing when %s sends it", async (_who, sent: Record<string, string>) => {
    const { Cookie = "" } = await browserHeaders(world.tenant.actors.manager);
    const before = await countSchedules();
    const answer = await api("POST", base, { body: plainSchedule, headers: { Cookie, ...sent } });
    expect(answer).toMatchObject({ status: 403, json: { code: "CROSS_SITE_REQUEST" } });
    expect(await countSchedules()).toBe(before);
    expect((await api("GET", base, { headers: { Cookie, ...sent } })).status).toBe(200);
  });

  test("that another site's page sends along has an entry in the platform's log, as has one of an initial password", async () => {
    const { user_id } = world.tenant.actors.operator;
    const { Cookie = "", ...ours } = await browserHeaders({ user_id });
    const since = await lastEntry();
    const theirs = { Cookie, Origin: "https://evil.example" };
    for (let again = 0; again < 4; again += 1)
      expect((await api("POST", base, { body: plainSchedule, headers: theirs })).status).toBe(403);
    await world.admin.query("UPDATE users SET password_is_initial = true WHERE id = $1", [user_id]);
    for (let again = 0; again < 4; again += 1)
      expect((await api("GET", base, { headers: { Cookie, ...ours } })).status).toBe(403);
    await world.admin.query("UPDATE users SET password_is_initial = false WHERE id = $1", [user_id]);
    await securityEventsRecorded();
    const { rows } = await world.admin.query(
      "SELECT tenant_id, action, actor_id FROM audit_log WHERE id > $1 AND action ~ '^access.(cross|first)' ORDER BY id",
      [since],
    );
    const crossed = { tenant_id: null, action: "access.cross_site", actor_id: user_id };
    const initial = { tenant_id: world.tenant.id, action: "access.first_duty", actor_id: user_id };
    expect(rows).toEqual([crossed, crossed, crossed, initial, initial, initial]);
  });

  test("is taken from our own page, also by an older browser", async () => {
    const { Cookie = "" } = await browserHeaders(world.tenant.actors.manager);
    const older = { Cookie, Origin: "http://localhost:3000" };
    expect((await api("POST", base, { body: plainSchedule, headers: older })).status).toBe(201);
  });

  test("is taken from where NEXTAUTH_URL says that our pages are, and nowhere else", async () => {
    vi.stubEnv("NEXTAUTH_URL", "https://backup.example");
    const { Cookie = "" } = await browserHeaders(world.tenant.actors.manager);
    expect(Cookie).toMatch(/; __Host-next-auth\.session-token=/);
    const post = async (Origin: string, headers: Record<string, string> = {}) =>
      (await api("POST", base, { body: plainSchedule, headers: { Cookie, Origin, ...headers } })).status;
    expect(await post("https://backup.example")).toBe(201);
    expect(await post("http://backup.example")).toBe(403);
    expect(await post("http://localhost:3000")).toBe(403);
    expect(await post("https://evil.example", { "X-Forwarded-Host": "evil.example" })).toBe(403);
    vi.unstubAllEnvs();
  });

  test("opens nothing with a password that somebody else has seen", async () => {
    const { readonly } = world.tenant.actors;
    const initial = (is: boolean) =>
      world.admin.query("UPDATE users SET password_is_initial = $2 WHERE id = $1", [readonly.user_id, is]);
    const headers = await browserHeaders(readonly);
    await initial(true);
    expect(await api("GET", base, { headers })).toMatchObject({ status: 403, json: { code: "FORBIDDEN" } });
    await initial(false);
    expect((await api("GET", base, { headers })).status).toBe(200);
  });

  test("opens nothing without the second step that the settings ask for, and all with it", async () => {
    const { readonly } = world.tenant.actors;
    const headers = await browserHeaders(readonly);
    const status = async (of = headers) => (await api("GET", base, { headers: of })).status;
    vi.stubEnv("REQUIRE_TOTP", "all");
    expect(await api("GET", base, { headers })).toMatchObject({ status: 403, json: { code: "FORBIDDEN" } });
    expect((await api("GET", base, { token: tokens.readonly })).status).toBe(200);
    await keepSecret(readonly.user_id);
    expect(await status()).toBe(200);
    await world.admin.query("UPDATE second_factors SET confirmed_at = NULL");
    expect(await status()).toBe(403);
    // Who came with Microsoft was asked there.
    await world.admin.query("UPDATE sessions SET proof = 'entra' WHERE user_id = $1", [readonly.user_id]);
    expect(await status()).toBe(200);
    await world.admin.query("DELETE FROM second_factors");
    vi.unstubAllEnvs();
  });

  test("is not made by a password alone where a code is asked for", async () => {
    const { operator } = world.tenant.actors;
    await keepSecret(operator.user_id);
    const { providers } = authOptions(new Headers());
    const authorize = (credentials: Record<string, string>) =>
      (
        providers[0] as unknown as { options: { authorize: (typed: unknown) => Promise<unknown> } }
      ).options.authorize(credentials);
    const typed = { email: "operator@tenant1.example", password: "correct horse battery staple" };
    await expect(authorize(typed)).rejects.toThrow(/^CODE_REQUIRED$/);
    expect(await authorize({ ...typed, code: "nonsense" })).toBeNull();
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    expect(await authorize({ ...typed, code })).toMatchObject({ id: String(operator.user_id) });
    expect(await authorize({ ...typed, code })).toBeNull();
    await world.admin.query("DELETE FROM second_factors");
  });

  test("ends when the user is disabled", async () => {
    const { readonly } = world.tenant.actors;
    const headers = await browserHeaders(readonly);
    await world.admin.query("UPDATE users SET disabled_at = now() WHERE id = $1", [readonly.user_id]);
    expect((await api("GET", "/tenants", { headers })).status).toBe(401);
    await world.admin.query("UPDATE users SET disabled_at = NULL WHERE id = $1", [readonly.user_id]);
    // It does not come back with the account.
    expect((await api("GET", "/tenants", { headers })).status).toBe(401);
    const again = await browserHeaders(readonly);
    expect((await api("GET", "/tenants", { headers: again })).status).toBe(200);
  });

  const sessionEndpoint = async (headers: Record<string, string>) => {
    const request = new Request("http://localhost:3000/api/auth/session", { headers });
    const params = Promise.resolve({ nextauth: ["session"] });
    return askNextAuth(request as never, { params });
  };
  const rowOf = async (headers: Record<string, string>) => {
    const ticket = await sessionTicket(new Headers(headers));
    const { rows } = await world.admin.query("SELECT * FROM sessions WHERE secret_hash = $1", [
      hashToken(ticket?.secret ?? ""),
    ]);
    return rows[0];
  };

  test("made by signing in takes the place of the browser's last one, and is over when one signs out", async () => {
    const browser = {
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      "x-tenantpilot-client": "192.0.2.7",
    };
    const before = await browserHeaders(world.tenant.actors.owner);
    const { callbacks, events } = authOptions(new Headers({ ...before, ...browser }));
    const user = { id: String(world.tenant.actors.owner.user_id), version: 1 };
    const sealed = (await callbacks?.jwt?.({ token: {}, user } as never)) as { sub: string; secret: string };
    const headers = { ...before, Cookie: `${sessionCookie().name}=${await sealSession(sealed)}` };
    expect((await api("GET", base, { headers })).status).toBe(200);
    expect(await rowOf(headers)).toMatchObject({ address: "192.0.2.7", device: "Firefox on Linux" });
    expect((await api("GET", base, { headers: before })).status).toBe(401);
    expect(await rowOf(before)).toMatchObject({ end_reason: "signed_in_again" });

    await events?.signOut?.({ token: sealed } as never);
    // The cookie that somebody kept.
    expect((await api("GET", base, { headers })).status).toBe(401);
    expect(await (await sessionEndpoint(headers)).json()).toEqual({});
    expect(await rowOf(headers)).toMatchObject({ end_reason: "sign_out" });
  });

  test("is not prolonged by asking for the session: neither its end, nor the time of its last use, nor the cookie", async () => {
    const headers = await browserHeaders(world.tenant.actors.owner);
    await world.admin.query("UPDATE sessions SET last_seen_at = now() - interval '1 hour' WHERE id = $1", [
      (await rowOf(headers)).id,
    ]);
    const before = await rowOf(headers);
    const answer = await sessionEndpoint(headers);
    expect(await answer.json()).toEqual({
      user: { name: expect.any(String), email: "owner@tenant1.example" },
      expires: before.ends_at.toISOString(),
    });
    expect(answer.headers.get("set-cookie")).toBeNull();
    const stream = await send("GET", `/tenants/${world.tenant.id}/live`, {
      headers: { ...headers, Accept: "text/event-stream" },
    });
    expect(stream.response.status).toBe(200);
    await stream.response.body?.cancel();
    expect(await rowOf(headers)).toEqual(before);
    expect((await api("GET", base, { headers })).status).toBe(200);
    expect((await rowOf(headers)).last_seen_at.getTime()).toBeGreaterThan(before.last_seen_at.getTime());
  });

  test("that was tampered with, or sealed with another key, is nobody's", async () => {
    const { Cookie = "" } = await browserHeaders(world.tenant.actors.owner);
    const { user_id } = world.tenant.actors.owner;
    const open = (cookie: string) => sessionTicket(new Headers({ Cookie: cookie }));
    expect(await open(Cookie)).toMatchObject({ user_id });
    expect(await open(`${Cookie.slice(0, -4)}AAAA`)).toBeNull();
    expect(await open(`${sessionCookie().name}=nonsense`)).toBeNull();
    const secret = process.env.NEXTAUTH_SECRET;
    process.env.NEXTAUTH_SECRET = "another key";
    expect(await open(Cookie)).toBeNull();
    process.env.NEXTAUTH_SECRET = secret;
    // With the key alone nobody makes a session: there is no row for it.
    const made = await sealSession({ sub: String(user_id), secret: "A".repeat(43) });
    const forged = { Cookie: `${sessionCookie().name}=${made}` };
    expect((await api("GET", base, { headers: forged })).status).toBe(401);
    expect((await api("GET", base, { headers: { Cookie: `${Cookie.slice(0, -4)}AAAA` } })).status).toBe(401);
  });
});

test("a schedule made through one tenant's door cannot be reached through another's", async () => {
  const schedule = await makeSchedule(world.foreign.actors.manager, world.foreign.id);
  const headers = await browserHeaders(world.tenant.actors.owner);
  expect((await api("DELETE", `${base}/${schedule.id}`, { headers })).status).toBe(404);
  expect(
    (await api("DELETE", `/tenants/${world.foreign.id}/backup-schedules/${schedule.id}`, { headers })).status,
  ).toBe(404);
});
