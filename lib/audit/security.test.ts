import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { endMyOtherSessions } from "#lib/access/my-sessions";
import { beginSession, endAllSessions, endSession } from "#lib/access/sessions";
import { signIn } from "#lib/access/sign-in";
import type { AppError } from "#lib/errors";
import { log } from "#lib/log";
import { withRequest } from "#lib/request-context";
import { startRun } from "#lib/runs/start";
import { withWorld } from "#lib/testing/world";
import { authenticateToken } from "#lib/tokens/authenticate";
import { createToken } from "#lib/tokens/tokens";
import { endSecurityWindows, securityEventsRecorded } from "./security.ts";

const world = withWorld({ policies: 1 });
const password = "correct horse battery staple";
let since: number;
let lines: string[];

beforeEach(async () => {
  const { rows } = await world.admin.query("SELECT coalesce(max(id), 0)::int AS id FROM audit_log");
  since = rows[0].id;
  lines = [];
  vi.spyOn(log, "info").mockImplementation((line: unknown) => {
    if (typeof line === "object" && line && "security" in line) lines.push(JSON.stringify(line.security));
  });
});
afterEach(() => vi.restoreAllMocks());

/** What has been written since the test began: tenant (null is the platform's log), action, who, from where, details. */
async function entries() {
  await securityEventsRecorded();
  const { rows } = await world.admin.query(
    `SELECT tenant_id, action, actor_kind || coalesce(':' || actor_id, '') AS actor, target_id, address, request_id, details
     FROM audit_log WHERE id > $1 ORDER BY id`,
    [since],
  );
  return rows;
}
const overNow = () =>
  world.admin
    .query("UPDATE security_windows SET expires_at = now() - interval '1 second'")
    .then(endSecurityWindows);
const as = <T>(address: string, work: () => Promise<T>) =>
  withRequest({ request_id: `of ${address}`, address }, work);

describe("signing in", () => {
  test("is in the log of each of the person's tenants, and so are failure, sign-out and the end of sessions", async () => {
    const { user_id: id } = world.tenant.actors.readonly;
    await world.admin.query(
      "INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'readonly')",
      [world.foreign.id, id],
    );
    const credentials = { email: "readonly@tenant1.example", password };
    await as("192.0.2.1", () => signIn({ ...credentials, password: "not this one" }, "192.0.2.1"));
    await securityEventsRecorded();
    await as("192.0.2.1", async () => {
      const person = await signIn(credentials, "192.0.2.1");
      if (!person) throw new Error("cannot sign in");
      const client = { address: "192.0.2.1", device: null };
      await endSession(await beginSession(person, client), "sign_out");
      await beginSession(person, client);
      await endMyOtherSessions({ kind: "user", user_id: id }, {});
      await endAllSessions(id);
    });
    const from = { address: "192.0.2.1", request_id: "of 192.0.2.1", target_id: id };
    const self = `user:${id}`;
    const of = async (tenant: number) => (await entries()).filter((entry) => entry.tenant_id === tenant);
    const expected = [
      { ...from, action: "sign_in.failed", actor: "system", details: {} },
      { ...from, action: "session.started", actor: self, details: {} },
      { ...from, action: "session.signed_out", actor: self, details: {} },
      { ...from, action: "session.started", actor: self, details: {} },
      { ...from, action: "session.ended", actor: self, details: { sessions: 1 } },
      {
        ...from,
        action: "session.ended",
        actor: "system",
        details: { sessions: 0, reason: "administrator" },
      },
    ];
    expect(await of(world.tenant.id)).toEqual(
      expected.map((entry) => ({ ...entry, tenant_id: world.tenant.id })),
    );
    expect((await of(world.foreign.id)).map(({ action }) => action)).toEqual(
      expected.map(({ action }) => action),
    );
    expect(await entries()).toHaveLength(12);
    expect(lines).toHaveLength(6);
    // Neither the log nor the entries have what was typed.
    expect(JSON.stringify([lines, await entries()])).not.toMatch(
      /not this one|correct horse|tenant1\.example/,
    );
  });

  test("cannot fill the log: of any number of failures a few have entries, and one tells how many there were", async () => {
    const email = "operator@tenant1.example";
    const { user_id: id } = world.tenant.actors.operator;
    for (let attempt = 1; attempt <= 14; attempt += 1)
      await signIn({ email, password: "wrong" }, "198.51.100.7").catch((error: AppError) =>
        expect(error.code).toBe("TOO_MANY_ATTEMPTS"),
      );
    const told = (await entries()).map(({ action, tenant_id, target_id }) => ({
      action,
      tenant_id,
      target_id,
    }));
    const here = { tenant_id: world.tenant.id, target_id: id };
    expect(told).toEqual([
      ...Array.from({ length: 3 }, () => ({ action: "sign_in.failed", ...here })),
      { action: "sign_in.delayed", ...here },
    ]);
    expect(lines).toHaveLength(14);
    await overNow();
    const [failed, delayed] = (await entries()).slice(4);
    expect([failed, delayed]).toMatchObject([
      { action: expect.stringMatching(/^sign_in/), details: { addresses: ["198.51.100.7"] } },
      { action: expect.stringMatching(/^sign_in/), details: { addresses: ["198.51.100.7"] } },
    ]);
    const counts = Object.fromEntries(
      [failed, delayed].map(({ action, details }) => [action, details.count]),
    );
    expect(counts).toEqual({ "sign_in.failed": 7, "sign_in.delayed": 3 });
    await overNow();
    expect(await entries()).toHaveLength(6);
  });

  test("to accounts that there are not makes no more rows than sixteen, from however many networks", async () => {
    const rows = async () => (await world.admin.query("SELECT FROM security_windows")).rowCount ?? 0;
    const before = await rows();
    for (let network = 0; network < 40; network += 1)
      await signIn({ email: `nobody.${network}@nowhere.example`, password: "wrong" }, `203.0.${network}.9`);
    const written = await entries();
    expect(written.length).toBeLessThanOrEqual(16);
    expect(written.length).toBeGreaterThan(1);
    expect(new Set(written.map(({ tenant_id, action }) => `${tenant_id} ${action}`))).toEqual(
      new Set(["null sign_in.unknown"]),
    );
    expect((await rows()) - before).toBe(written.length);
    expect(JSON.stringify(written)).not.toContain("nowhere.example");
  });
});

describe("a refusal", () => {
  test("is in the tenant's log when its member may not, and in the platform's when they are none", async () => {
    const { readonly } = world.tenant.actors;
    const refused = (tenantId: number) =>
      as("192.0.2.8", () => startRun(readonly, tenantId, { schedule_id: 1 })).catch(
        (error: AppError) => error.code,
      );
    await world.admin.query("DELETE FROM memberships WHERE tenant_id = $1 AND user_id = $2", [
      world.foreign.id,
      readonly.user_id,
    ]);
    for (let again = 0; again < 5; again += 1) expect(await refused(world.tenant.id)).toBe("FORBIDDEN");
    for (const tenant of [world.foreign.id, 4_711]) expect(await refused(tenant)).toBe("NOT_FOUND");
    const by = {
      actor: `user:${readonly.user_id}`,
      address: "192.0.2.8",
      request_id: "of 192.0.2.8",
      target_id: null,
    };
    const forbidden = {
      ...by,
      tenant_id: world.tenant.id,
      action: "access.refused",
      details: { permission: "run:start" },
    };
    const elsewhere = { ...by, tenant_id: null, action: "access.elsewhere" };
    expect(await entries()).toEqual([
      forbidden,
      forbidden,
      forbidden,
      { ...elsewhere, details: { asked_for: world.foreign.id } },
      { ...elsewhere, details: { asked_for: 4_711 } },
    ]);
  });
});

describe("an API token", () => {
  test("is noted once for each address that it is used from, and an unknown one in the platform's log", async () => {
    const { id, actors } = world.tenant;
    const { token, id: tokenId } = await createToken(actors.owner, id, { name: "Script", role: "readonly" });
    since = (await entries()).length + since;
    for (const address of ["192.0.2.1", "192.0.2.1", "198.51.100.2", "192.0.2.1", "198.51.100.2"])
      await authenticateToken(token, address);
    const actor = `token:${tokenId}`;
    const noted = (await entries()).filter(({ action }) => action === "token.new_address");
    expect(noted).toMatchObject([
      { tenant_id: id, actor, target_id: tokenId, address: "192.0.2.1" },
      { tenant_id: id, actor, target_id: tokenId, address: "198.51.100.2" },
    ]);
    const unknown = `${token.slice(0, -8)}AAAAAAAA`;
    await authenticateToken(unknown, "192.0.2.1").catch(() => {});
    expect((await entries()).at(-1)).toMatchObject({ tenant_id: null, action: "access.unknown_token" });
    expect(JSON.stringify([lines, await entries()])).not.toContain(token.slice(12, 30));
  });
});
