import { beforeAll, describe, expect, test } from "vitest";
import { signIn } from "#lib/access/sign-in";
import { until, withWorld } from "#lib/testing/world";
import { acceptAsNewPerson, acceptInvitation, openInvitation } from "./accept-invitation.ts";
import { inviteMember, listInvitations, withdrawInvitation } from "./invitations.ts";
import { listMembers, removeMember, setMemberRole } from "./members.ts";
import { provisionTenantFor } from "./provision-tenant.ts";

const world = withWorld({ policies: 1 });
const password = "a sentence of their own";
let id: number;
let owner: (typeof world.tenant.actors)["owner"];
let people = 0;

beforeAll(() => {
  id = world.tenant.id;
  owner = world.tenant.actors.owner;
});

const newEmail = () => `person.${++people}@invited.example`;
const tokenOf = ({ path }: { path: string }) => path.replace("/invitations/", "");
const invite = async (email: string, role: "operator" | "owner" = "operator") =>
  tokenOf(await inviteMember(owner, id, { email, role }));
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "DONE",
    (error) => error.code,
  );
const memberships = async (email: string) =>
  (
    await world.admin.query(
      "SELECT m.tenant_id, m.role FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.email = $1",
      [email],
    )
  ).rows;

/** A member of the other tenant, who has an account therefore. */
const known = () => ({ user_id: world.foreign.actors.manager.user_id, email: "manager@tenant2.example" });

describe("an invitation", () => {
  test("makes a member of somebody new only when they accept, with a password that nobody else has seen", async () => {
    const email = newEmail();
    const token = await invite(` ${email.toUpperCase()} `);
    expect(await memberships(email)).toEqual([]);
    expect(await openInvitation(token)).toMatchObject({
      email,
      role: "operator",
      tenant_name: "Tenant 1",
      invited_by: "owner 1",
    });
    const person = await acceptAsNewPerson(token, { name: " New Person ", password });
    expect(person).toMatchObject({ tenant_id: id, email, name: "New Person" });
    expect(await signIn({ email, password })).toMatchObject({ id: person.id });
    expect(await memberships(email)).toEqual([{ tenant_id: id, role: "operator" }]);
    const { rows } = await world.admin.query(
      "SELECT actor_name, action, details - 'expires_at' AS details FROM audit_log WHERE tenant_id = $1 AND details->>'email' = $2 ORDER BY id",
      [id, email],
    );
    expect(rows).toEqual([
      { actor_name: "owner 1", action: "member.invited", details: { email, role: "operator" } },
      {
        actor_name: "New Person",
        action: "member.joined",
        details: { email, role: "operator", new_account: true },
      },
    ]);
  });

  test("of somebody with an account is accepted by that person alone", async () => {
    const { user_id, email } = known();
    const token = await invite(email);
    expect(await memberships(email)).toEqual([{ tenant_id: world.foreign.id, role: "manager" }]);
    expect(await codeOf(acceptInvitation(world.foreign.actors.owner.user_id, token))).toBe("FORBIDDEN");
    expect(await codeOf(acceptAsNewPerson(token, { name: "Somebody else", password }))).toBe("CONFLICT");
    expect(await acceptInvitation(user_id, token)).toEqual({ tenant_id: id });
    expect(await memberships(email)).toContainEqual({ tenant_id: id, role: "operator" });
    expect(await signIn({ email, password })).toBeNull();
  });

  test("answers the same for an address with an account and one without", async () => {
    const [stranger, somebody] = ["readonly@tenant2.example", newEmail()];
    const [one, other] = [
      await inviteMember(owner, id, { email: stranger, role: "readonly" }),
      await inviteMember(owner, id, { email: somebody, role: "readonly" }),
    ];
    const anonymous = ({ email, id: _id, path, expires_at, ...rest }: typeof one) => ({
      ...rest,
      path: path.replace(/[\w-]{43}$/, "…"),
      days: Math.round((Date.parse(expires_at) - Date.now()) / 86_400_000),
    });
    expect(anonymous(one)).toEqual({ role: "readonly", path: "/invitations/…", days: 7 });
    expect(anonymous(other)).toEqual(anonymous(one));
    const listed = await listInvitations(owner, id, {});
    expect(JSON.stringify(listed)).not.toContain("readonly 2");
  });

  test("is accepted once, whoever is faster", async () => {
    const email = newEmail();
    const token = await invite(email);
    const accept = () => codeOf(acceptAsNewPerson(token, { name: "Twice", password }));
    expect((await Promise.all([accept(), accept()])).sort()).toEqual(["DONE", "NOT_FOUND"]);
    expect(await accept()).toBe("NOT_FOUND");
  });

  test("ends when it is withdrawn, replaced, or seven days old", async () => {
    const email = newEmail();
    const first = await invite(email);
    const second = await invite(email, "owner");
    expect(await openInvitation(first)).toBeNull();
    const [open, ...more] = (await listInvitations(owner, id, {})).filter((each) => each.email === email);
    expect(more).toEqual([]);
    expect(open).toMatchObject({ role: "owner", invited_by: "owner 1", is_expired: false });
    await withdrawInvitation(owner, id, { invitation_id: open?.id ?? 0 });
    expect(await codeOf(acceptAsNewPerson(second, { name: "Late", password }))).toBe("NOT_FOUND");
    expect(await codeOf(withdrawInvitation(owner, id, { invitation_id: open?.id ?? 0 }))).toBe("NOT_FOUND");

    const third = await invite(email);
    await world.admin.query(
      `ALTER TABLE invitations DISABLE TRIGGER ends_once;
       UPDATE invitations SET created_at = created_at - interval '7 days', expires_at = expires_at - interval '7 days'
         WHERE email = '${email}' AND withdrawn_at IS NULL;
       ALTER TABLE invitations ENABLE TRIGGER ends_once;`,
    );
    expect(await openInvitation(third)).toBeNull();
    expect(await codeOf(acceptAsNewPerson(third, { name: "Late", password }))).toBe("NOT_FOUND");
    expect(await listInvitations(owner, id, {})).toContainEqual(
      expect.objectContaining({ email, is_expired: true }),
    );
    expect(await memberships(email)).toEqual([]);
  });

  test("ends with the inviter's rights", async () => {
    const inviter = await acceptAsNewPerson(await invite(newEmail(), "owner"), { name: "Inviter", password });
    const actor = { kind: "user" as const, user_id: inviter.id };
    const byThem = async () => tokenOf(await inviteMember(actor, id, { email: newEmail(), role: "owner" }));
    const first = await byThem();
    await setMemberRole(owner, id, { user_id: inviter.id, role: "manager" });
    expect(await openInvitation(first)).toBeNull();
    await setMemberRole(owner, id, { user_id: inviter.id, role: "owner" });
    const second = await byThem();
    await removeMember(owner, id, { user_id: inviter.id });
    expect(await openInvitation(second)).toBeNull();
  });

  test("ends when its person, who came in another way meanwhile, is taken out", async () => {
    const email = newEmail();
    const token = await invite(email);
    const { rows } = await world.admin.query(
      "INSERT INTO users (email, name, password_hash) VALUES ($1, 'By Rule', 'none') RETURNING id",
      [email],
    );
    const user_id: number = rows[0].id;
    await world.admin.query(
      "INSERT INTO memberships (tenant_id, user_id, role, from_rule) VALUES ($1, $2, 'readonly', true)",
      [id, user_id],
    );
    expect(await openInvitation(token)).toMatchObject({ email });
    await removeMember(owner, id, { user_id });
    expect(await codeOf(acceptInvitation(user_id, token))).toBe("NOT_FOUND");
    expect(await memberships(email)).toEqual([]);
    expect((await listInvitations(owner, id, {})).map((each) => each.email)).not.toContain(email);
  });

  test("opens nothing while its inviter is disabled, or may not invite any more, and the list says so", async () => {
    const inviter = await acceptAsNewPerson(await invite(newEmail(), "owner"), { name: "Inviter", password });
    const email = newEmail();
    const theirs = { kind: "user", user_id: inviter.id } as const;
    const token = tokenOf(await inviteMember(theirs, id, { email, role: "owner" }));
    const change = (statement: string) => world.admin.query(statement, [inviter.id]);
    const opens = async () => ({
      page: (await openInvitation(token)) !== null,
      list:
        (await listInvitations(owner, id, {})).find((each) => each.email === email)?.is_inviter_gone ===
        false,
    });
    expect(await opens()).toEqual({ page: true, list: true });
    const ways = [
      [
        "UPDATE users SET disabled_at = now() WHERE id = $1",
        "UPDATE users SET disabled_at = NULL WHERE id = $1",
      ],
      // What an invitation leaves behind that was written while its inviter's role was being changed.
      [
        "UPDATE memberships SET role = 'manager' WHERE user_id = $1",
        "UPDATE memberships SET role = 'owner' WHERE user_id = $1",
      ],
    ] as const;
    for (const [away, back] of ways) {
      await change(away);
      expect(await opens(), away).toEqual({ page: false, list: false });
      expect(await codeOf(acceptAsNewPerson(token, { name: "Way back", password })), away).toBe("NOT_FOUND");
      await change(back);
      expect(await opens(), back).toEqual({ page: true, list: true });
    }
    await change("DELETE FROM memberships WHERE user_id = $1");
    expect(await opens()).toEqual({ page: false, list: false });
    expect(await codeOf(acceptAsNewPerson(token, { name: "Way back", password }))).toBe("NOT_FOUND");
  });

  test("that is accepted while its inviter leaves waits for that, and has ended then", async () => {
    const leaving = await world.admin.connect();
    try {
      const inviter = await acceptAsNewPerson(await invite(newEmail(), "owner"), {
        name: "Inviter",
        password,
      });
      const theirs = { kind: "user", user_id: inviter.id } as const;
      const token = tokenOf(await inviteMember(theirs, id, { email: newEmail(), role: "owner" }));
      // As `removeMember` does: the owners first, then what they have invited.
      await leaving.query("BEGIN");
      await leaving.query("SELECT 1 FROM memberships WHERE tenant_id = $1 AND role = 'owner' FOR UPDATE", [
        id,
      ]);
      const late = codeOf(acceptAsNewPerson(token, { name: "Way back", password }));
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
      await until("it waits", async () => (await leaving.query(waiting)).rowCount, 5);
      await leaving.query("DELETE FROM memberships WHERE user_id = $1", [inviter.id]);
      await leaving.query("UPDATE invitations SET withdrawn_at = now() WHERE invited_by = $1", [inviter.id]);
      await leaving.query("COMMIT");
      expect(await late).toBe("NOT_FOUND");
    } finally {
      await leaving.query("ROLLBACK");
      leaving.release();
    }
  });

  test("keeps nothing of its link but a hash", async () => {
    const token = await invite(newEmail());
    const { rows } = await world.admin.query("SELECT * FROM invitations");
    const audit = await world.admin.query("SELECT details FROM audit_log");
    expect(JSON.stringify([rows, audit.rows, await listInvitations(owner, id, {})])).not.toContain(token);
  });

  test("of a member, or with a weak password, is refused at the field", async () => {
    expect(await codeOf(inviteMember(owner, id, { email: "operator@tenant1.example", role: "owner" }))).toBe(
      "CONFLICT",
    );
    await expect(inviteMember(owner, id, { email: "no address", role: "owner" })).rejects.toMatchObject({
      errors: [{ path: "email" }],
    });
    const token = await invite(newEmail());
    await expect(acceptAsNewPerson(token, { name: "Weak", password: "short" })).rejects.toMatchObject({
      errors: [{ path: "password" }],
    });
    await expect(acceptAsNewPerson(token, { name: " ", password })).rejects.toMatchObject({
      errors: [{ path: "name" }],
    });
    expect(await openInvitation(token)).not.toBeNull();
  });
});

test("the list of invitations begins with those that can be accepted, however many came after and have expired", async () => {
  const email = newEmail();
  await invite(email);
  await world.admin.query(
    `INSERT INTO invitations (tenant_id, email, role, token_hash, created_at, expires_at)
     SELECT $1, 'late.' || n || '@invited.example', 'readonly', encode(sha256(n::text::bytea), 'hex'),
            now() - interval '8 days', now() - interval '1 day'
     FROM generate_series(1, 510) n`,
    [id],
  );
  const listed = await listInvitations(owner, id, {});
  const expired = listed.map(({ is_expired }) => is_expired);
  expect(listed.map((each) => each.email)).toContain(email);
  expect(expired.lastIndexOf(false)).toBeLessThan(expired.indexOf(true));
  expect(expired.filter(Boolean)).toHaveLength(500);
  await world.admin.query("UPDATE invitations SET withdrawn_at = now() WHERE email LIKE 'late.%'");
});

test("an account that somebody else made for an address gets nothing of a tenant that invites the address", async () => {
  const email = newEmail();
  // The other tenant's owner makes an account in the name of a person who knows nothing of it.
  const theirs = await inviteMember(world.foreign.actors.owner, world.foreign.id, {
    email,
    role: "readonly",
  });
  const squatter = await acceptAsNewPerson(tokenOf(theirs), { name: "Not the person", password });
  await invite(email, "owner");
  expect((await listMembers(owner, id, {})).map((member) => member.email)).not.toContain(email);
  const made = await provisionTenantFor("Contoso", { email, name: "The person" });
  expect(made).toMatchObject({ invitation_path: expect.stringMatching(/^\/invitations\/[\w-]{43}$/) });
  expect(await memberships(email)).toEqual([{ tenant_id: world.foreign.id, role: "readonly" }]);
  expect(await codeOf(acceptInvitation(squatter.id, "a link that they do not have"))).toBe("NOT_FOUND");
});

test("the first owner of a tenant, if new, signs in with a password that they have to change", async () => {
  const email = newEmail();
  const made = await provisionTenantFor("Fabrikam", { email: email.toUpperCase(), name: "Fabia" });
  const first = "first_password" in made ? made.first_password : "";
  expect(first).toMatch(/^([a-z0-9]{4}-){3}[a-z0-9]{4}$/);
  expect(await signIn({ email, password: first })).toMatchObject({ email });
  const { rows } = await world.admin.query("SELECT password_is_initial FROM users WHERE email = $1", [email]);
  expect(rows).toEqual([{ password_is_initial: true }]);
});
