import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until, withWorld } from "#lib/testing/world";
import { acceptAsNewPerson, acceptInvitation } from "./accept-invitation.ts";
import { inviteMember } from "./invitations.ts";
import { removeMember, setMemberRole } from "./members.ts";
import { provisionTenantFor } from "./provision-tenant.ts";
import { addRoleRule, followRoleRules } from "./role-rules.ts";

const world = withWorld({ policies: 1 });
const password = "a sentence of their own";
const claims = (...roles: string[]) => ({ roles, groups: [] });
let id: number;
let owner: (typeof world.tenant.actors)["owner"];
let people = 0;

const sql = async (text: string, values: unknown[] = []) => (await world.admin.query(text, values)).rows;
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "DONE",
    (error) => error.code,
  );
const tokenOf = ({ path }: { path: string }) => path.replace("/invitations/", "");
const newEmail = () => `person.${++people}@owners.example`;
const invite = async (email: string, role: "readonly" | "operator" | "owner") =>
  tokenOf(await inviteMember(owner, id, { email, role }));
/** Somebody with an account, who is a member of no tenant. */
const somebody = async () => {
  const email = newEmail();
  const [made] = await sql(
    "INSERT INTO users (email, name, password_hash) VALUES ($1, 'Some Body', 'none') RETURNING id",
    [email],
  );
  return { id: made.id as number, email };
};
const memberOf = async (userId: number) =>
  (
    await sql("SELECT role, from_rule FROM memberships WHERE tenant_id = $1 AND user_id = $2", [id, userId])
  ).at(0);
const toldOf = async (userId: number) =>
  (
    await sql(
      "SELECT body FROM alert_events WHERE tenant_id = $1 AND kind = 'member.owner_added' AND data->>'user_id' = $2",
      [id, String(userId)],
    )
  ).map(({ body }) => body);
const entriesOf = async (userId: number) =>
  sql(
    "SELECT action, details - 'email' AS details FROM audit_log WHERE tenant_id = $1 AND target_kind = 'user' AND target_id = $2 ORDER BY id",
    [id, userId],
  );

beforeEach(async () => {
  id = world.tenant.id;
  owner = world.tenant.actors.owner;
  await sql("UPDATE users SET disabled_at = NULL");
  await sql("UPDATE memberships SET role = 'operator' WHERE tenant_id = $1 AND role = 'owner'", [id]);
  await sql(
    `INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'owner')
     ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = 'owner'`,
    [id, owner.user_id],
  );
});

describe("the last owner who can act", () => {
  test("stays one, and a member: one who is disabled is nobody to leave the tenant to", async () => {
    const { user_id } = world.tenant.actors.manager;
    await setMemberRole(owner, id, { user_id, role: "owner" });
    await sql("UPDATE users SET disabled_at = now() WHERE id = $1", [user_id]);
    const own = { user_id: owner.user_id };
    expect(await codeOf(setMemberRole(owner, id, { ...own, role: "manager" }))).toBe("CONFLICT");
    expect(await codeOf(removeMember(owner, id, own))).toBe("CONFLICT");
    // Who cannot act is taken out as ever.
    expect(await codeOf(setMemberRole(owner, id, { user_id, role: "manager" }))).toBe("DONE");
  });

  test("stays one also where no rule makes them one any more", async () => {
    await addRoleRule(owner, id, { claim: "roles", value: "Owners", role: "owner" });
    const person = await somebody();
    await followRoleRules(person.id, claims("Owners"));
    await sql("UPDATE users SET disabled_at = now() WHERE id = $1", [owner.user_id]);
    await followRoleRules(person.id, claims());
    expect(await memberOf(person.id)).toEqual({ role: "owner", from_rule: true });
    await sql("UPDATE users SET disabled_at = NULL");
    await followRoleRules(person.id, claims());
    expect(await memberOf(person.id)).toBeUndefined();
  });
});

describe("a new owner is told of", () => {
  test("by whichever way they became one, and once", async () => {
    const invited = await acceptAsNewPerson(await invite(newEmail(), "owner"), {
      name: "New Owner",
      password,
    });
    expect(await toldOf(invited.id)).toEqual([
      "New Owner accepted an invitation as an owner of this tenant.",
    ]);
    const person = await somebody();
    await acceptInvitation(person.id, await invite(person.email, "owner"));
    expect(await toldOf(person.id)).toHaveLength(1);
    const byRule = await somebody();
    await followRoleRules(byRule.id, claims("Owners"));
    await followRoleRules(byRule.id, claims("Owners"));
    expect(await toldOf(byRule.id)).toEqual(["By a role rule a member is an owner of this tenant."]);
    const other = await acceptAsNewPerson(await invite(newEmail(), "operator"), { name: "Other", password });
    expect(await toldOf(other.id)).toEqual([]);
  });
});

describe("an invitation that a member accepts", () => {
  /** Who became a member after they were invited. */
  const memberWith = async (role: string, fromRule: boolean, invited: "readonly" | "owner") => {
    const person = await somebody();
    const token = await invite(person.email, invited);
    await sql("INSERT INTO memberships (tenant_id, user_id, role, from_rule) VALUES ($1, $2, $3::role, $4)", [
      id,
      person.id,
      role,
      fromRule,
    ]);
    return { ...person, token };
  };

  test("counts more than a rule, and the log says what has become of them", async () => {
    const { id: userId, token } = await memberWith("readonly", true, "owner");
    await acceptInvitation(userId, token);
    expect(await memberOf(userId)).toEqual({ role: "owner", from_rule: false });
    expect(await toldOf(userId)).toHaveLength(1);
    expect(await entriesOf(userId)).toEqual([
      { action: "member.joined", details: { role: "owner", new_account: false, was_member: true } },
      { action: "member.role_changed", details: { from: "readonly", to: "owner" } },
    ]);
  });

  test("leaves what an owner has decided since, and says that", async () => {
    const { id: userId, token } = await memberWith("operator", false, "owner");
    await acceptInvitation(userId, token);
    expect(await memberOf(userId)).toEqual({ role: "operator", from_rule: false });
    expect(await toldOf(userId)).toEqual([]);
    expect(await entriesOf(userId)).toEqual([
      { action: "member.joined", details: { role: "operator", new_account: false, was_member: true } },
    ]);
  });

  test("takes no last owner", async () => {
    const { id: userId, token } = await memberWith("owner", true, "readonly");
    await setMemberRole({ kind: "user", user_id: userId }, id, { user_id: owner.user_id, role: "manager" });
    try {
      // The invitation of who is no owner any more has ended; the platform's has not.
      expect(await codeOf(acceptInvitation(userId, token))).toBe("NOT_FOUND");
    } finally {
      await sql("UPDATE memberships SET role = 'owner' WHERE user_id = $1", [owner.user_id]);
    }
    const again = await sql("SELECT email FROM users WHERE id = $1", [userId]);
    await sql(
      `INSERT INTO invitations (tenant_id, email, role, token_hash, created_at, expires_at)
       VALUES ($1, $2, 'readonly', encode(sha256('a link'), 'hex'), now(), now() + interval '1 day')`,
      [id, again[0].email],
    );
    await sql("UPDATE users SET disabled_at = now() WHERE id = $1", [owner.user_id]);
    expect(await codeOf(acceptInvitation(userId, "a link"))).toBe("CONFLICT");
    expect(await memberOf(userId)).toEqual({ role: "owner", from_rule: true });
  });
});

describe("a sign-in with Microsoft", () => {
  const inTenant = async (tenantId: number, userId: number) =>
    (await sql("SELECT role FROM memberships WHERE tenant_id = $1 AND user_id = $2", [tenantId, userId])).at(
      0,
    )?.role;

  test("brings nobody into a tenant that is being deleted, also not while that begins", async () => {
    const [leaving] = await sql("INSERT INTO tenants (name) VALUES ('Leaving') RETURNING id");
    await sql(
      "INSERT INTO role_rules (tenant_id, claim, value, role) VALUES ($1, 'roles', 'Leavers', 'readonly')",
      [leaving.id],
    );
    const late = await somebody();
    const deleting = await world.admin.connect();
    try {
      await deleting.query("BEGIN");
      await deleting.query("SELECT FROM tenants WHERE id = $1 FOR UPDATE", [leaving.id]);
      await deleting.query("UPDATE tenants SET archived_at = now(), deleted_at = now() WHERE id = $1", [
        leaving.id,
      ]);
      const entering = followRoleRules(late.id, claims("Leavers"));
      await until("the rules wait for the deletion", async () => {
        const waiting = await sql(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return waiting.length > 0;
      });
      await deleting.query("COMMIT");
      await entering;
    } finally {
      deleting.release();
    }
    expect(await inTenant(leaving.id, late.id)).toBeUndefined();
    const later = await somebody();
    await followRoleRules(later.id, claims("Leavers"));
    expect(await inTenant(leaving.id, later.id)).toBeUndefined();
  });

  test("succeeds though a tenant is in trouble, unless its rules have made the person a member", async () => {
    const { foreign } = world;
    for (const tenant of [world.tenant, foreign])
      await addRoleRule(tenant.actors.owner, tenant.id, { claim: "roles", value: "Both", role: "readonly" });
    const [person, member] = [await somebody(), await somebody()];
    await followRoleRules(member.id, claims("Both"));
    // The first that is asked.
    expect(id).toBeLessThan(foreign.id);
    await sql(`
      CREATE FUNCTION in_trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF coalesce(NEW.tenant_id, OLD.tenant_id) = ${id} THEN RAISE EXCEPTION 'in trouble'; END IF;
        RETURN coalesce(NEW, OLD);
      END $$;
      CREATE TRIGGER in_trouble BEFORE INSERT OR DELETE ON memberships FOR EACH ROW EXECUTE FUNCTION in_trouble()`);
    try {
      await followRoleRules(person.id, claims("Both"));
      expect([await inTenant(id, person.id), await inTenant(foreign.id, person.id)]).toEqual([
        undefined,
        "readonly",
      ]);
      // What Entra has taken from them is taken wherever it can be, and they do not come in with the rest.
      await expect(followRoleRules(member.id, claims())).rejects.toThrow("in trouble");
      expect([await inTenant(id, member.id), await inTenant(foreign.id, member.id)]).toEqual([
        "readonly",
        undefined,
      ]);
    } finally {
      await sql("DROP FUNCTION in_trouble CASCADE");
    }
  });
});

test("a group has one role rule, in whichever letter case its id is written; app roles are told apart", async () => {
  const value = "ABCDEF00-0000-4000-8000-000000000009";
  const add = (claim: "roles" | "groups", value: string) =>
    codeOf(addRoleRule(owner, id, { claim, value, role: "readonly" }));
  expect(await add("groups", value)).toBe("DONE");
  expect(await add("groups", value.toLowerCase())).toBe("CONFLICT");
  expect(await add("roles", "Case")).toBe("DONE");
  expect(await add("roles", "case")).toBe("DONE");
  expect(await add("roles", "case")).toBe("CONFLICT");
});

describe("in an archived tenant", () => {
  const archive = (at: "now()" | "NULL") => sql(`UPDATE tenants SET archived_at = ${at} WHERE id = $1`, [id]);
  afterEach(() => archive("NULL"));

  test("a sign-in with Microsoft brings nobody in and raises no role, and lowers and removes as ever", async () => {
    for (const [value, role] of [
      ["Kept owners", "owner"],
      ["Kept readers", "readonly"],
    ] as const)
      await addRoleRule(owner, id, { claim: "roles", value, role });
    const [late, raised, lowered, removed] = [
      await somebody(),
      await somebody(),
      await somebody(),
      await somebody(),
    ];
    await followRoleRules(raised.id, claims("Kept readers"));
    await followRoleRules(lowered.id, claims("Kept owners"));
    await followRoleRules(removed.id, claims("Kept readers"));
    await archive("now()");
    await followRoleRules(late.id, claims("Kept owners"));
    await followRoleRules(raised.id, claims("Kept owners"));
    await followRoleRules(lowered.id, claims("Kept readers"));
    await followRoleRules(removed.id, claims());
    expect(await memberOf(late.id)).toBeUndefined();
    expect(await memberOf(raised.id)).toEqual({ role: "readonly", from_rule: true });
    expect(await memberOf(lowered.id)).toEqual({ role: "readonly", from_rule: true });
    expect(await memberOf(removed.id)).toBeUndefined();
    expect([await toldOf(late.id), await toldOf(raised.id)]).toEqual([[], []]);
    // Taken back, it is as the rules say with the next sign-in.
    await archive("NULL");
    await followRoleRules(late.id, claims("Kept owners"));
    await followRoleRules(raised.id, claims("Kept owners"));
    for (const each of [late, raised])
      expect(await memberOf(each.id)).toEqual({ role: "owner", from_rule: true });
  });

  test("an owner lowers roles, and raises none", async () => {
    const { id: userId } = await somebody();
    await sql("INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'operator')", [id, userId]);
    await archive("now()");
    const change = (role: "readonly" | "operator" | "manager") =>
      codeOf(setMemberRole(owner, id, { user_id: userId, role }));
    expect(await change("manager")).toBe("FORBIDDEN");
    expect(await change("operator")).toBe("DONE");
    expect(await change("readonly")).toBe("DONE");
    expect(await change("operator")).toBe("FORBIDDEN");
    expect(await memberOf(userId)).toEqual({ role: "readonly", from_rule: false });
    const own = { user_id: owner.user_id, role: "readonly" } as const;
    expect(await codeOf(setMemberRole(owner, id, own))).toBe("CONFLICT");
  });
});

describe("a tenant without an owner who can act", () => {
  const command = async (...args: string[]) => {
    const { url: DATABASE_URL } = world.database;
    const env = { ...process.env, DATABASE_URL, NEXTAUTH_URL: "https://tenantpilot.example" };
    return promisify(execFile)(process.execPath, ["scripts/invite-owner.ts", ...args], { env }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stderr }) => ({ code, said: stderr }),
    );
  };

  test("gets another one from the command line, in its log and the platform's; one with an owner does not", async () => {
    const { user_id } = world.tenant.actors.manager;
    const [{ email }] = (await sql("SELECT email FROM users WHERE id = $1", [user_id])) as [
      { email: string },
    ];
    const asked = ["--id", String(id), "--email", email.toUpperCase()];
    expect(await command("--id", "1")).toMatchObject({ code: 2 });
    expect(await command("--id", "999999", "--email", email)).toMatchObject({ code: 1 });
    expect(await command(...asked)).toEqual({
      code: 1,
      said: "This tenant has an owner who can act: owners invite others.\n",
    });
    await sql("UPDATE users SET disabled_at = now() WHERE id = $1", [owner.user_id]);
    const first = await command(...asked);
    expect(first).toEqual({
      code: 0,
      said: expect.stringMatching(/https:\/\/tenantpilot\.example\/invitations\//),
    });
    const { said } = await command(...asked);
    const linkIn = (text: string) => /\/invitations\/([\w-]{43})/.exec(text)?.[1] ?? "";
    expect(await codeOf(acceptInvitation(user_id, linkIn(first.said)))).toBe("NOT_FOUND");
    await acceptInvitation(user_id, linkIn(said));
    expect(await memberOf(user_id)).toEqual({ role: "owner", from_rule: false });
    const logs = await sql(
      "SELECT tenant_id, actor_name, details FROM audit_log WHERE action = 'tenant.owner_invited' ORDER BY id",
    );
    const entry = { actor_name: "command line", details: { email, name: "Tenant 1" } };
    expect(logs).toEqual([id, null, id, null].map((tenant_id) => ({ tenant_id, ...entry })));
    expect(await command(...asked)).toMatchObject({ code: 1 });
  });

  test("is not made by a creation that fails halfway", async () => {
    const { email } = await somebody();
    await sql("ALTER TABLE invitations ADD CONSTRAINT none_now CHECK (false) NOT VALID");
    try {
      await expect(provisionTenantFor("Halfway", { email, name: "Nobody" })).rejects.toThrow("none_now");
    } finally {
      await sql("ALTER TABLE invitations DROP CONSTRAINT none_now");
    }
    expect(await sql("SELECT 1 FROM tenants WHERE name = 'Halfway'")).toEqual([]);
  });

  test("is made once for a name, also by a script that is run again, unless another one is asked for", async () => {
    const { email } = await somebody();
    const create = (options: { another?: boolean } = {}) =>
      provisionTenantFor("Twice", { email, name: "Nobody" }, options);
    const { tenant_id } = await create();
    await expect(create()).rejects.toMatchObject({
      code: "CONFLICT",
      message: `There is a tenant called Twice, with the id ${tenant_id}.`,
    });
    expect(await sql("SELECT id FROM tenants WHERE name = 'Twice'")).toEqual([{ id: tenant_id }]);
    await create({ another: true });
    expect(await sql("SELECT id FROM tenants WHERE name = 'Twice'")).toHaveLength(2);
  });
});
