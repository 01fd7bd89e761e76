import { beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "#lib/access/actor";
import { newToken } from "#lib/access/secret-token";
import { transaction } from "#lib/db/transaction";
import { removeMember, setMemberRole } from "#lib/members/members";
import { provisionToken } from "#lib/members/provision-tenant";
import { getTenantName } from "#lib/overview/my-tenants";
import { commandLine } from "#lib/platform/by";
import { setDisabled } from "#lib/platform/people";
import { until, withWorld } from "#lib/testing/world";
import { authenticateToken } from "./authenticate.ts";
import { createToken, listTokens, revokeToken, rotateToken } from "./tokens.ts";

const world = withWorld({ policies: 1 });
const day = 86_400_000;
let owner: Actor & { kind: "user" };

beforeEach(async () => {
  owner = world.tenant.actors.owner;
  await world.admin.query("UPDATE users SET disabled_at = NULL");
  await setRole(owner.user_id, "owner");
});

const setRole = (userId: number, role: string) =>
  world.admin.query("UPDATE memberships SET role = $2::role WHERE user_id = $1", [userId, role]);
const make = (role: "readonly" | "owner" = "owner", expires_at: string | null = null) =>
  createToken(owner, world.tenant.id, { name: "script", role, expires_at });
const viewOf = async (id: number) =>
  (await listTokens(owner, world.tenant.id, {})).find((token) => token.id === id);
/** What an API request with the token can do: the role, or the code of its refusal. */
async function use(token: string, client: string | null = null): Promise<string> {
  try {
    const actor = await authenticateToken(token, client);
    return (await getTenantName(actor, world.tenant.id, {})).role;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("a token", () => {
  test("lives 90 days unless told, and a year at most", async () => {
    const made = await make();
    expect(Date.parse(made.expires_at) - Date.now()).toBeGreaterThan(89.9 * day);
    expect(Date.parse(made.expires_at) - Date.now()).toBeLessThan(90.1 * day);
    const long = new Date(Date.now() + 365 * day).toISOString();
    expect((await make("owner", long)).expires_at).toBe(long);
  });

  test("is told of when it is made, by whom and with which role", async () => {
    const { id } = await make("readonly");
    const { rows } = await world.admin.query(
      "SELECT kind, severity, body FROM alert_events WHERE tenant_id = $1 AND (data ->> 'token_id')::int = $2",
      [world.tenant.id, id],
    );
    const body = 'owner 1 made the API token "script" with the role readonly.';
    expect(rows).toEqual([{ kind: "token.created", severity: "info", body }]);
  });

  test("says when and from where it was used last, at once from another address", async () => {
    const { id, token } = await make();
    expect(await viewOf(id)).toMatchObject({ last_used_at: null, last_used_address: null, state: "valid" });
    await use(token, "192.0.2.1");
    const first = await viewOf(id);
    expect(first?.last_used_address).toBe("192.0.2.1");
    await use(token, "192.0.2.1");
    expect(await viewOf(id)).toEqual(first);
    await use(token, "2001:db8::1");
    expect((await viewOf(id))?.last_used_address).toBe("2001:db8::1");
    await use(token, null);
    expect((await viewOf(id))?.last_used_address).toBe("2001:db8::1");
  });

  test("never does more than its maker", async () => {
    const { id, token } = await make("owner");
    await setRole(owner.user_id, "operator");
    expect(await use(token)).toBe("operator");
    const { token: low } = await (async () => {
      await setRole(owner.user_id, "owner");
      return make("readonly");
    })();
    expect(await use(low)).toBe("readonly");
    expect(await viewOf(id)).toMatchObject({
      role: "owner",
      effective_role: "owner",
      created_by: { user_id: owner.user_id },
    });
  });

  test("does nothing once its maker has left or is disabled, and works again when they are back", async () => {
    const { id, token } = await make("owner");
    await world.admin.query("UPDATE users SET disabled_at = now() WHERE id = $1", [owner.user_id]);
    expect(await use(token)).toBe("UNAUTHENTICATED");
    await world.admin.query("UPDATE users SET disabled_at = NULL");
    expect(await use(token)).toBe("owner");
    await world.admin.query("UPDATE api_tokens SET created_by = $2 WHERE id = $1", [
      id,
      world.foreign.actors.owner.user_id,
    ]);
    expect(await use(token)).toBe("UNAUTHENTICATED");
    expect(await viewOf(id)).toMatchObject({ state: "maker_gone" });
  });

  test("from the command line has no maker, and works", async () => {
    expect(await use(await provisionToken(world.tenant.id, "seed", "manager"))).toBe("manager");
  });

  test("that was never issued is refused without a look into the database", async () => {
    expect(await use("tpat_nonsense")).toBe("UNAUTHENTICATED");
    expect(await use(newToken())).toBe("UNAUTHENTICATED");
  });
});

describe("rotating", () => {
  const rotate = (token_id: number, more: { overlap_hours?: number; expires_at?: string } = {}, by = owner) =>
    rotateToken(by, world.tenant.id, { token_id, ...more });

  test("gives a new secret, while the old one works for a day", async () => {
    const { id, token } = await make("readonly");
    const rotated = await rotate(id);
    expect(rotated.id).toBe(id);
    expect(Date.parse(rotated.previous_expires_at ?? "") - Date.now()).toBeGreaterThan(23.9 * 3_600_000);
    expect([await use(token), await use(rotated.token)]).toEqual(["readonly", "readonly"]);
    await world.admin.query(
      "UPDATE api_tokens SET previous_expires_at = date_trunc('milliseconds', now()) WHERE id = $1",
      [id],
    );
    expect([await use(token), await use(rotated.token)]).toEqual(["UNAUTHENTICATED", "readonly"]);
    const { rows } = await world.admin.query("SELECT details FROM audit_log WHERE action = 'token.rotated'");
    expect(JSON.stringify(rows)).not.toContain(rotated.token);
    expect(rows).toHaveLength(1);
  });

  test("without overlap, or a second time, ends the old secret at once", async () => {
    const { id, token } = await make("readonly");
    const second = await rotate(id, { overlap_hours: 1 });
    const third = await rotate(id, { overlap_hours: 1 });
    expect([await use(token), await use(second.token), await use(third.token)]).toEqual([
      "UNAUTHENTICATED",
      "readonly",
      "readonly",
    ]);
    const fourth = await rotate(id, { overlap_hours: 0 });
    expect(fourth.previous_expires_at).toBeNull();
    expect([await use(third.token), await use(fourth.token)]).toEqual(["UNAUTHENTICATED", "readonly"]);
  });

  test("never lets the old secret work longer than it would have", async () => {
    const end = new Date(Date.now() + 3_600_000).toISOString();
    const { id } = await make("readonly", end);
    expect((await rotate(id, { overlap_hours: 168 })).previous_expires_at).toBe(end);
  });

  test("takes over a token whose maker has left, and not the secret that they know", async () => {
    const { id, token } = await make("owner");
    await world.admin.query("UPDATE api_tokens SET created_by = $2 WHERE id = $1", [
      id,
      world.foreign.actors.owner.user_id,
    ]);
    const rotated = await rotate(id);
    expect(rotated.previous_expires_at).toBeNull();
    expect([await use(token), await use(rotated.token)]).toEqual(["UNAUTHENTICATED", "owner"]);
    expect(await viewOf(id)).toMatchObject({ state: "valid", created_by: { user_id: owner.user_id } });
  });

  test("gives the old secret no more than it could do: whose maker's role was lowered, it ends", async () => {
    const second = world.tenant.actors.manager;
    const { id, token } = await make("owner");
    await setRole(second.user_id, "owner");
    try {
      await setRole(owner.user_id, "operator");
      expect(await use(token)).toBe("operator");
      const rotated = await rotate(id, { overlap_hours: 168 }, second);
      expect(rotated.previous_expires_at).toBeNull();
      expect([await use(token), await use(rotated.token)]).toEqual(["UNAUTHENTICATED", "owner"]);
      // What grows nothing overlaps, whoever rotates it.
      await setRole(owner.user_id, "owner");
      const { id: low, token: old } = await make("readonly");
      expect((await rotate(low, {}, second)).previous_expires_at).not.toBeNull();
      expect(await use(old)).toBe("readonly");
    } finally {
      await setRole(second.user_id, "manager");
    }
  });

  test("leaves another's old secret no longer than they may do as much: lowered, disabled or removed, it ends", async () => {
    const { id: tenantId } = world.tenant;
    const second = world.tenant.actors.manager;
    const them = { user_id: owner.user_id };
    /** Made by the owner, and rotated by the other one. */
    const taken = async (role: "readonly" | "owner") => {
      const { id, token: old } = await make(role);
      const { token: fresh } = await rotate(id, { overlap_hours: 168 }, second);
      return async () => [await use(old), await use(fresh)];
    };
    const disable = (disabled: boolean) =>
      transaction({ as: "identity" }, (db) => setDisabled(db, commandLine, { id: them.user_id }, disabled));
    await setRole(second.user_id, "owner");
    try {
      const [high, low] = [await taken("owner"), await taken("readonly")];
      expect([await high(), await low()]).toEqual([
        ["owner", "owner"],
        ["readonly", "readonly"],
      ]);
      await setMemberRole(second, tenantId, { ...them, role: "operator" });
      expect([await high(), await low()]).toEqual([
        ["UNAUTHENTICATED", "owner"],
        ["readonly", "readonly"],
      ]);
      await disable(true);
      expect(await low()).toEqual(["UNAUTHENTICATED", "readonly"]);
      await disable(false);
      expect(await low()).toEqual(["UNAUTHENTICATED", "readonly"]);
      await setRole(them.user_id, "owner");
      const last = await taken("readonly");
      await removeMember(second, tenantId, them);
      expect(await last()).toEqual(["UNAUTHENTICATED", "readonly"]);
    } finally {
      await world.admin.query(
        "INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'owner') ON CONFLICT DO NOTHING",
        [tenantId, them.user_id],
      );
      await setRole(second.user_id, "manager");
    }
  });

  test("leaves no old secret by a rotation that is under way while its maker is lowered, whichever is first", async () => {
    const second = world.tenant.actors.manager;
    await setRole(second.user_id, "owner");
    const { id, token: old } = await make("owner");
    const holder = await world.admin.connect();
    const waiting = (count: number) =>
      until(`${count} wait for the token`, async () => {
        const { rowCount } = await world.admin.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rowCount === count;
      });
    try {
      await holder.query("BEGIN");
      await holder.query("SELECT FROM api_tokens WHERE id = $1 FOR UPDATE", [id]);
      const rotating = rotate(id, { overlap_hours: 168 }, second);
      await waiting(1);
      const lowering = setMemberRole(second, world.tenant.id, { user_id: owner.user_id, role: "operator" });
      await waiting(2);
      await holder.query("COMMIT");
      const [{ token: fresh }] = await Promise.all([rotating, lowering]);
      expect([await use(old), await use(fresh)]).toEqual(["UNAUTHENTICATED", "owner"]);
    } finally {
      await holder.query("ROLLBACK");
      holder.release();
      await setRole(second.user_id, "manager");
    }
  });

  test("revives an expired token, and no revoked one; revoking ends both secrets", async () => {
    const { id, token } = await make("readonly");
    await world.admin.query(
      "UPDATE api_tokens SET expires_at = date_trunc('milliseconds', now()) WHERE id = $1",
      [id],
    );
    const rotated = await rotate(id);
    expect([await use(token), await use(rotated.token)]).toEqual(["UNAUTHENTICATED", "readonly"]);
    const again = await rotate(id);
    await revokeToken(owner, world.tenant.id, { token_id: id });
    expect([await use(rotated.token), await use(again.token)]).toEqual([
      "UNAUTHENTICATED",
      "UNAUTHENTICATED",
    ]);
    await expect(rotate(id)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("is revoked in an archived tenant as well, and not rotated", async () => {
    const { id, token } = await make("readonly");
    const archive = (at: string) =>
      world.admin.query(`UPDATE tenants SET archived_at = ${at} WHERE id = $1`, [world.tenant.id]);
    await archive("now()");
    try {
      expect(await use(token)).toBe("readonly");
      await expect(rotate(id)).rejects.toMatchObject({ code: "FORBIDDEN" });
      await revokeToken(owner, world.tenant.id, { token_id: id });
      expect(await use(token)).toBe("UNAUTHENTICATED");
    } finally {
      await archive("NULL");
    }
  });

  test.each([
    [{ overlap_hours: -1 }, "overlap_hours"],
    [{ overlap_hours: 169 }, "overlap_hours"],
    [{ expires_at: "2000-01-01T00:00:00Z" }, "expires_at"],
  ])("refuses %j", async (more, path) => {
    const { id } = await make();
    await expect(rotate(id, more)).rejects.toMatchObject({ code: "VALIDATION_FAILED", errors: [{ path }] });
  });

  test("is not for another tenant's owner", async () => {
    const { id } = await make();
    const stranger = world.foreign.actors.owner;
    await expect(rotate(id, {}, stranger)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(rotateToken(stranger, world.foreign.id, { token_id: id })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

test("the list begins with what works, however many came after it and have ended", async () => {
  const working = await make("readonly");
  await world.admin.query(
    `INSERT INTO api_tokens (tenant_id, name, role, token_hash, created_at, expires_at)
     SELECT $1, 'ended ' || n, 'readonly', encode(sha256(n::text::bytea), 'hex'), now() - interval '2 days', now() - interval '1 day'
     FROM generate_series(1, 510) n`,
    [world.tenant.id],
  );
  const listed = await listTokens(owner, world.tenant.id, {});
  const states = listed.map(({ state }) => state);
  expect(listed.map(({ id }) => id)).toContain(working.id);
  expect(states.lastIndexOf("valid")).toBeLessThan(states.indexOf("expired"));
  expect(listed.find(({ state }) => state === "expired")?.name).toBe("ended 510");
  expect(states.filter((state) => state === "expired" || state === "revoked")).toHaveLength(500);
  // One that has ended, and is not listed, is there all the same.
  const { rows } = await world.admin.query("SELECT id FROM api_tokens WHERE name = 'ended 1'");
  expect(await rotateToken(owner, world.tenant.id, { token_id: rows[0].id })).toMatchObject({
    id: rows[0].id,
  });
});
