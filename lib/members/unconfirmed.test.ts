import { expect, test } from "vitest";
import { getTenantName } from "#lib/overview/my-tenants";
import { withWorld } from "#lib/testing/world";
import { createToken, listTokens } from "#lib/tokens/tokens";
import { inviteMember, listInvitations } from "./invitations.ts";
import { setMemberRole } from "./members.ts";
import { addRoleRule, followRoleRules } from "./role-rules.ts";
import { endUnconfirmedMemberships } from "./unconfirmed.ts";

const world = withWorld({ policies: 1 });
const owners = { roles: ["Owners"], groups: [] };
const sql = async (text: string, values: unknown[] = []) => (await world.admin.query(text, values)).rows;
const age = (userId: number, days: number) =>
  sql("UPDATE memberships SET rule_confirmed_at = now() - $2 * interval '1 day' WHERE user_id = $1", [
    userId,
    days,
  ]);
const isMember = async (userId: number) =>
  (await sql("SELECT 1 FROM memberships WHERE user_id = $1", [userId])).length > 0;
async function byRule(name: string): Promise<number> {
  const [made] = await sql(
    "INSERT INTO users (email, name, password_hash) VALUES ($1, $2, 'none') RETURNING id",
    [`${name}@rules.example`, name],
  );
  await followRoleRules(made.id, owners);
  return made.id;
}

test("a membership that a rule made ends when Microsoft has not confirmed it for 30 days, with what its person made", async () => {
  const { id, actors } = world.tenant;
  await addRoleRule(actors.owner, id, { claim: "roles", value: "Owners", role: "owner" });
  const gone = await byRule("gone");
  const decided = await byRule("decided");
  const back = await byRule("back");
  const recent = await byRule("recent");
  const unknown = await byRule("unknown");
  const them = { kind: "user", user_id: gone } as const;
  const { id: token } = await createToken(them, id, { name: "script", role: "operator" });
  await inviteMember(them, id, { email: "friend@rules.example", role: "owner" });
  await setMemberRole(actors.owner, id, { user_id: decided, role: "manager" });
  for (const each of [gone, decided, back, unknown]) await age(each, 31);
  await age(recent, 29);
  await followRoleRules(back, owners);
  // Too many groups to say them: nobody knows which rules hold, but the person is there.
  await addRoleRule(actors.owner, id, { claim: "groups", value: "some group", role: "readonly" });
  await followRoleRules(unknown, { roles: [], groups: null });

  await endUnconfirmedMemberships();
  expect(await isMember(gone)).toBe(false);
  for (const each of [decided, back, recent, unknown, actors.owner.user_id, actors.readonly.user_id])
    expect(await isMember(each), String(each)).toBe(true);
  const tokens = await listTokens(actors.owner, id, {});
  expect(tokens.find((each) => each.id === token)).toMatchObject({ state: "maker_gone" });
  expect((await listInvitations(actors.owner, id, {})).map(({ email }) => email)).not.toContain(
    "friend@rules.example",
  );
  const entries = await sql(
    "SELECT actor_name, details FROM audit_log WHERE tenant_id = $1 AND action = 'member.removed' AND target_id = $2",
    [id, gone],
  );
  expect(entries).toEqual([
    { actor_name: "role rules", details: { role: "owner", why: "not confirmed by Microsoft for 30 days" } },
  ]);
  // They come back as they came.
  await followRoleRules(gone, owners);
  await expect(getTenantName(them, id, {})).resolves.toMatchObject({ role: "owner" });
});

test("the last owner who can act stays even so; the others go in an archived tenant as well", async () => {
  const { id } = world.tenant;
  const rest = await sql(
    "SELECT user_id FROM memberships WHERE tenant_id = $1 AND from_rule ORDER BY user_id",
    [id],
  );
  await sql("UPDATE users SET disabled_at = now() WHERE id = $1", [world.tenant.actors.owner.user_id]);
  for (const { user_id } of rest) await age(user_id, 31);
  await sql("UPDATE tenants SET archived_at = now() WHERE id = $1", [id]);
  await endUnconfirmedMemberships();
  expect(rest.length).toBeGreaterThan(1);
  expect(await sql("SELECT role FROM memberships WHERE tenant_id = $1 AND from_rule", [id])).toEqual([
    { role: "owner" },
  ]);
});
