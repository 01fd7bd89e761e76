import { expect, test } from "vitest";
import { changePassword } from "#lib/access/change-password";
import { currentUser, signIn } from "#lib/access/sign-in";
import { withWorld } from "#lib/testing/world";
import { addMember } from "./add-member.ts";
import { listMembers } from "./members.ts";

const world = withWorld({ policies: 1 });

test("a new person gets an account and a password, once, which they have to change", async () => {
  const { id, actors } = world.tenant;
  const added = await addMember(actors.owner, id, {
    email: " New.Person@Example.com ",
    name: "New Person",
    role: "operator",
  });
  expect(added).toMatchObject({ email: "new.person@example.com", name: "New Person" });
  expect(added.initial_password).toMatch(/^([a-z0-9]{4}-){3}[a-z0-9]{4}$/);
  const credentials = { email: added.email, password: added.initial_password ?? "" };
  const user = await signIn(credentials);
  const session = { user_id: added.user_id, version: user?.session_version ?? 0 };
  expect(await currentUser(session)).toMatchObject({ password_is_initial: true });
  const changed = await changePassword(added.user_id, {
    current_password: credentials.password,
    new_password: "a sentence of their own",
  });
  expect(await currentUser({ ...session, version: changed.session_version })).toMatchObject({
    password_is_initial: false,
  });
  const members = await listMembers(actors.readonly, id, {});
  expect(members).toContainEqual(expect.objectContaining({ email: added.email, role: "operator" }));
  const { rows } = await world.admin.query(
    "SELECT details FROM audit_log WHERE tenant_id = $1 AND action = 'member.added'",
    [id],
  );
  expect(rows).toEqual([{ details: { email: added.email, role: "operator", new_account: true } }]);
});

test("someone with an account becomes a member with the password and the name they have", async () => {
  const { id, actors } = world.tenant;
  const added = await addMember(actors.owner, id, {
    email: "manager@tenant2.example",
    name: "Another Name",
    role: "readonly",
  });
  expect(added).toEqual({
    user_id: world.foreign.actors.manager.user_id,
    name: "manager 2",
    email: "manager@tenant2.example",
    initial_password: null,
  });
  expect(
    await signIn({ email: "manager@tenant2.example", password: "correct horse battery staple" }),
  ).toMatchObject({ id: added.user_id });
});

test("what cannot be added says why, and leaves no account behind", async () => {
  const { id, actors } = world.tenant;
  const add = (input: { email: string; name?: string; role?: "owner" | "readonly" }) =>
    addMember(actors.owner, id, { role: "readonly", ...input }).catch((error) => ({
      code: error.code,
      path: error.errors?.[0]?.path,
    }));
  expect(await add({ email: "no address", name: "X" })).toEqual({ code: "VALIDATION_FAILED", path: "email" });
  expect(await add({ email: "unknown@example.com" })).toEqual({ code: "VALIDATION_FAILED", path: "name" });
  expect(await add({ email: "operator@tenant1.example" })).toMatchObject({ code: "CONFLICT" });
  await world.admin.query("UPDATE users SET disabled_at = now() WHERE email = 'owner@tenant2.example'");
  expect(await add({ email: "owner@tenant2.example" })).toMatchObject({ code: "CONFLICT" });
  const { rows } = await world.admin.query("SELECT 1 FROM users WHERE email = 'unknown@example.com'");
  expect(rows).toEqual([]);
});
