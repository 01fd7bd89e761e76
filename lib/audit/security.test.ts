import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { confirmLink } from "#lib/access/external-identities";
import { endMyOtherSessions } from "#lib/access/my-sessions";
import { beginSession, endAllSessions, endSession } from "#lib/access/sessions";
import { signIn } from "#lib/access/sign-in";
import { type Tx, transaction } from "#lib/db/transaction";
import type { AppError } from "#lib/errors";
import { log } from "#lib/log";
import { commandLine } from "#lib/platform/by";
import { endSessions, setDisabled } from "#lib/platform/people";
import { listUsers } from "#lib/platform/users";
import { withRequest } from "#lib/request-context";
import { startRun } from "#lib/runs/start";
import { withWorld } from "#lib/testing/world";
import { authenticateToken } from "#lib/tokens/authenticate";
import { createToken } from "#lib/tokens/tokens";
import { endSecurityWindows, recordSecurityEvent, securityEventsRecorded } from "./security.ts";

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
/** In an order of their own: nobody waits for a note to be written, so one of two may overtake the other. */
const sorted = <T extends string | { action: string; details?: unknown }>(all: readonly T[]) =>
  all.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other)));
const keyOf = (entry: string | { action: string; details?: unknown }) =>
  typeof entry === "string" ? entry : `${entry.action} ${JSON.stringify(entry.details)}`;
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
    expect(sorted(told)).toEqual([
      { action: "sign_in.delayed", ...here },
      ...Array.from({ length: 3 }, () => ({ action: "sign_in.failed", ...here })),
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

  test("counts each of those that come at once, whoever of them is done first", async () => {
    const { user_id: person } = world.tenant.actors.manager;
    const target = { kind: "user", id: person } as const;
    const delayed = () =>
      recordSecurityEvent({ action: "sign_in.delayed", in: { person }, by: null, target }, "198.51.100.8");
    await delayed();
    await securityEventsRecorded();
    // Two are under way, the second waits for the first's row, and a third comes in between.
    const held = await world.admin.connect();
    await held.query("BEGIN");
    await held.query("SELECT FROM security_windows FOR UPDATE");
    const first = delayed();
    const second = delayed();
    await expect
      .poll(async () => {
        const { rows } = await world.admin.query(
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rows[0].n;
      })
      .toBe(2);
    await held.query("COMMIT");
    held.release();
    await Promise.all([Promise.race([first, second]).then(delayed), first, second]);
    await entries();
    await overNow();
    const told = (await entries()).filter((entry) => entry.tenant_id === world.tenant.id);
    expect(told.map(({ details }) => details.count)).toEqual([undefined, 3]);
  });

  test("counts also what cannot be stored for a while", async () => {
    const { user_id: person } = world.tenant.actors.readonly;
    const target = { kind: "user", id: person } as const;
    const delayed = () =>
      recordSecurityEvent({ action: "sign_in.delayed", in: { person }, by: null, target }, "198.51.100.9");
    await delayed();
    await delayed();
    await world.admin.query("REVOKE UPDATE ON security_windows FROM tenantpilot_identity");
    try {
      await expect(securityEventsRecorded()).rejects.toThrow();
    } finally {
      await world.admin.query("GRANT UPDATE ON security_windows TO tenantpilot_identity");
    }
    await delayed();
    await entries();
    await overNow();
    const told = (await entries()).filter((entry) => entry.tenant_id === world.tenant.id);
    expect(told.map(({ details }) => details.count)).toEqual([undefined, 2]);
  });

  test("from a network that is held up for guesses at others is in nobody's log: nobody has tried to be them", async () => {
    const email = "owner@tenant1.example";
    const client = "198.51.100.99";
    await world.admin.query("DELETE FROM sign_in_attempts");
    await signIn({ email: "junk@nowhere.example", password: "wrong" }, client);
    await world.admin.query("UPDATE sign_in_attempts SET attempts = 100 WHERE kind = 'network'");
    await entries();
    const noted = (await entries()).length;
    expect(await codeOf(signIn({ email, password: "wrong" }, client))).toBe("TOO_MANY_ATTEMPTS");
    const { user_id } = world.tenant.actors.owner;
    const actor = { kind: "user", user_id, session: { id: 1, client } } as const;
    expect(await codeOf(confirmLink(actor, { password: "wrong" }))).toBe("TOO_MANY_ATTEMPTS");
    expect((await entries()).slice(noted)).toEqual([]);
    // What was counted at themselves is, though their network is held up as well.
    await world.admin.query("DELETE FROM sign_in_attempts");
    await signIn({ email, password: "wrong" }, client);
    await entries();
    await world.admin.query("UPDATE sign_in_attempts SET attempts = 200");
    expect(await codeOf(signIn({ email, password: "wrong" }, client))).toBe("TOO_MANY_ATTEMPTS");
    expect((await entries()).at(-1)).toMatchObject({ action: "sign_in.delayed", target_id: user_id });
    await world.admin.query("DELETE FROM sign_in_attempts");
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
    const expected = [
      ...[forbidden, forbidden, forbidden],
      { ...elsewhere, details: { asked_for: world.foreign.id } },
      { ...elsewhere, details: { asked_for: 4_711 } },
    ];
    expect(sorted(await entries())).toEqual(sorted<{ action: string; details: unknown }>(expected));
  });
});

/** An entry of somebody's own doing, or about them, as `entries` answers it. */
const briefly = (all: Awaited<ReturnType<typeof entries>>) =>
  all.map(
    ({ tenant_id, action, actor, details }) =>
      `${tenant_id ?? "platform"}: ${actor} ${action} ${JSON.stringify(details)}`,
  );
const codeOf = (call: Promise<unknown>) => call.catch((error: AppError) => error.code);

test("what is in no tenant is refused with an entry: a token's in its tenant's log, a person's in the platform's", async () => {
  const { id, actors } = world.tenant;
  const { user_id } = actors.readonly;
  const token = { kind: "token", token_id: 4_711, tenant_id: id } as const;
  for (let again = 0; again < 5; again += 1)
    expect(await codeOf(endMyOtherSessions(token as never, {}))).toBe("FORBIDDEN");
  expect(await codeOf(listUsers(token, {}))).toBe("FORBIDDEN");
  expect(await codeOf(listUsers(actors.readonly, {}))).toBe("FORBIDDEN");
  expect(await codeOf(listUsers(actors.readonly, { search: 1 as never }))).toBe("FORBIDDEN");
  const own = `${id}: token:4711 access.refused {"operation":"session.end_others"}`;
  const platform = `platform: user:${user_id} access.refused {"operation":"platform.list_users"}`;
  const others = `${id}: token:4711 access.refused {"operation":"platform.list_users"}`;
  expect(sorted(briefly(await entries()))).toEqual(sorted([own, own, own, others, platform, platform]));
});

describe("a password", () => {
  const manager = () => world.tenant.actors.manager;
  const credentials = { email: "manager@tenant1.example", password };
  const set = (columns: string) =>
    world.admin.query(`UPDATE users SET ${columns} WHERE id = $1`, [manager().user_id]);

  test("that is right and does not do is refused with an entry that says why", async () => {
    await set("password_is_initial = true, password_set_at = now() - interval '8 days'");
    for (let again = 0; again < 5; again += 1)
      expect(await codeOf(signIn(credentials, `192.0.${again}.1`))).toBe("FORBIDDEN");
    await set("password_is_initial = false");
    vi.stubEnv("LOCAL_PASSWORDS", "off");
    vi.stubEnv("BREAK_GLASS_EMAILS", "nobody@tenant1.example");
    expect(await codeOf(signIn(credentials, "192.0.9.1"))).toBe("FORBIDDEN");
    vi.unstubAllEnvs();
    const refused = (reason: string) => `${world.tenant.id}: system sign_in.refused {"reason":"${reason}"}`;
    expect(sorted(briefly(await entries()))).toEqual([
      ...Array.from({ length: 3 }, () => refused("lapsed")),
      refused("passwords_off"),
    ]);
  });

  test("that is asked for again and is wrong has an entry, and so has that it was asked too often", async () => {
    const { user_id } = manager();
    await world.admin.query("DELETE FROM sign_in_attempts");
    const actor = { kind: "user", user_id, session: { id: 1, client: "192.0.2.9" } } as const;
    const codes = [];
    for (let guess = 1; guess <= 12; guess += 1)
      codes.push(await codeOf(confirmLink(actor, { password: `guess ${guess}` })));
    expect(codes).toEqual([
      ...Array.from({ length: 10 }, () => "VALIDATION_FAILED"),
      ...["TOO_MANY_ATTEMPTS", "TOO_MANY_ATTEMPTS"],
    ]);
    const wrong = `${world.tenant.id}: user:${user_id} password.refused {}`;
    const written = await entries();
    const delayed = `${world.tenant.id}: system sign_in.delayed {}`;
    expect(sorted(briefly(written))).toEqual([delayed, wrong, wrong, wrong]);
    expect(written.map(({ address, target_id }) => [address, target_id])).toEqual(
      written.map(() => ["192.0.2.9", user_id]),
    );
  });
});

test("sessions that an administrator ends, alone or with the account, are in the log of the person's tenants", async () => {
  const { user_id: id } = world.tenant.actors.manager;
  const { rows } = await world.admin.query("SELECT id, session_version FROM users WHERE id = $1", [id]);
  await beginSession(rows[0], { address: null, device: null });
  await entries();
  const { rows: last } = await world.admin.query("SELECT max(id)::int AS id FROM audit_log");
  since = last[0].id;
  const as = (work: (db: Tx) => Promise<unknown>) => transaction({ as: "identity" }, work);
  await as((db) => setDisabled(db, commandLine, { id }, true));
  await as((db) => setDisabled(db, commandLine, { id }, false));
  await as((db) => endSessions(db, commandLine, { id }));
  const ofTenant = briefly(await entries()).filter((entry) => entry.startsWith(`${world.tenant.id}:`));
  expect(ofTenant).toEqual([
    `${world.tenant.id}: system session.ended {"reason":"account_disabled","sessions":1}`,
    `${world.tenant.id}: system session.ended {"reason":"administrator","sessions":0}`,
  ]);
});

describe("an API token", () => {
  test("is noted once for each address that it is used from, and an unknown one in the platform's log", async () => {
    const { id, actors } = world.tenant;
    const { token, id: tokenId } = await createToken(actors.owner, id, { name: "Script", role: "readonly" });
    since = (await entries()).length + since;
    for (const address of ["192.0.2.1", "192.0.2.1", "198.51.100.2", "192.0.2.1", "198.51.100.2"])
      await authenticateToken(token, address);
    const actor = `token:${tokenId}`;
    // Nobody waits for a note to be written, so either may be first.
    const noted = (await entries())
      .filter(({ action }) => action === "token.new_address")
      .sort((one, other) => one.address.localeCompare(other.address));
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
