import { z } from "zod";
import { roleRulesActor } from "#lib/access/actor";
import type { RoleClaims } from "#lib/access/entra";
import { isLower, type Role, roles } from "#lib/access/permissions";
import { type Tx, transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { log } from "#lib/log";
import { operation } from "#lib/operation";
import { requireRoom } from "#lib/quotas";
import { id, role } from "#lib/view-fields";
import { endLeftBehind } from "./left-behind.ts";
import { isLastOwner, lockOwners, tellNewOwner } from "./owners.ts";
import { type RoleRule, type RuleClaim, ruleClaims } from "./role-rule-schema.ts";

/** More would be a directory of its own. */
const mostRules = 100;

const claim = z
  .enum(Object.keys(ruleClaims) as [RuleClaim, ...RuleClaim[]])
  .meta({ description: "The claim of Entra's token: app roles, or groups" });

const ruleFields = {
  claim,
  value: z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(200, "must be at most 200 characters")
    .meta({ description: "The value of an app role, or the object id of a group" }),
  role,
};

const ruleView = z.strictObject({ id, ...ruleFields }).meta({ id: "RoleRule" });

/** The tenant's rules, oldest first. */
export const listRoleRules = operation({
  name: "member.list_role_rules",
  permission: "member:write",
  effect: "read",
  input: z.strictObject({}),
  output: z.array(ruleView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/role-rules",
    operationId: "listRoleRules",
    summary: "By which rules roles follow Microsoft Entra ID",
    tag: "Members",
    answer: "Oldest first",
  },
  run: ({ db }) => rulesOf(db),
});

/**
 * Adds a rule. It counts from each person's next sign-in with Microsoft on.
 * @throws AppError CONFLICT when there is one for the value; QUOTA_EXCEEDED
 */
export const addRoleRule = operation({
  name: "member.add_role_rule",
  permission: "member:write",
  effect: "write",
  input: z.strictObject(ruleFields),
  output: ruleView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/role-rules",
    operationId: "addRoleRule",
    summary: "Add a rule by which roles follow Microsoft Entra ID",
    description:
      "Whoever signs in with Microsoft and has the value becomes a member; of several rules, the highest role counts. " +
      "Memberships that were not made by a rule stay as they are.",
    tag: "Members",
    status: 201,
    answer: "Added",
    errors: ["CONFLICT", "QUOTA_EXCEEDED"],
  },
  async run({ db, tenant, audit }, rule) {
    await db.$queryRaw`SELECT 1 FROM tenants WHERE id = ${tenant.id} FOR NO KEY UPDATE`;
    const rules = await rulesOf(db);
    if (rules.some((known) => known.claim === rule.claim && comparable(known) === comparable(rule)))
      throw new AppError("CONFLICT", "There is a rule for this value already. Remove it first.");
    if (rules.length >= mostRules)
      throw new AppError("QUOTA_EXCEEDED", `This tenant has ${mostRules} rules. Remove one.`);
    const [made] = await db.$queryRaw<{ id: number }[]>`
      INSERT INTO role_rules (tenant_id, claim, value, role)
      VALUES (${tenant.id}, ${rule.claim}, ${rule.value}, ${rule.role}::"role") RETURNING id`;
    if (!made) throw new Error("The rule was not stored");
    audit({ action: "member.rule_added", details: rule });
    return { id: made.id, ...rule };
  },
});

/**
 * Removes a rule; who is a member by it alone is none from their next sign-in with Microsoft on, or when that has not come for
 * `ruleMembershipDays` days.
 * @throws AppError NOT_FOUND
 */
export const removeRoleRule = operation({
  name: "member.remove_role_rule",
  permission: "member:write",
  effect: "write",
  endsAccess: true,
  input: z.strictObject({ rule_id: idSchema }),
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/tenants/{tenantId}/role-rules/{ruleId}",
    operationId: "removeRoleRule",
    summary: "Remove a rule by which roles follow Microsoft Entra ID",
    tag: "Members",
    status: 204,
    answer: "Removed",
  },
  async run({ db, audit }, { rule_id }) {
    const [removed] = await db.$queryRaw<Omit<RoleRule, "id">[]>`
      DELETE FROM role_rules WHERE id = ${rule_id} RETURNING claim, value, role::text AS role`;
    if (!removed) throw new AppError("NOT_FOUND", "There is no such rule.");
    audit({ action: "member.rule_removed", details: removed });
  },
});

/**
 * Has a person's membership of a tenant follow the tenant's rules: makes it, changes its role, or removes it where no rule
 * holds any more. A membership that no rule has made stays as it is, and so does that of the last owner who can
 * act. In an archived tenant nobody comes in, and no role rises.
 * @throws AppError QUOTA_EXCEEDED
 */
const followRules = operation({
  name: "member.follow_role_rules",
  permission: "member:follow_rules",
  effect: "write",
  input: z.strictObject({
    user_id: idSchema,
    roles: z.array(z.string()),
    groups: z.array(z.string()).nullable(),
  }),
  output: z.void(),
  async run({ db, tenant, now, audit, unchanged }, { user_id, ...claims }) {
    // Whoever deletes the tenant waits for this, or has begun: then nobody comes in any more.
    const [there] = await db.$queryRaw<unknown[]>`
      SELECT 1 FROM tenants WHERE id = ${tenant.id} AND deleted_at IS NULL FOR KEY SHARE`;
    if (!there) return unchanged();
    await lockOwners(db);
    const rules = await rulesOf(db);
    // Too many groups to say them: nobody knows which rules hold.
    const isUnknown = claims.groups === null && rules.some((rule) => rule.claim === "groups");
    const to = isUnknown ? null : roleBy(rules, claims);
    if (isUnknown || to !== null)
      await db.$executeRaw`UPDATE memberships SET rule_confirmed_at = now() WHERE user_id = ${user_id} AND from_rule`;
    if (isUnknown) return unchanged();
    const member = await db.membership.findFirst({ where: { user_id } });
    const target = { kind: "user", id: user_id } as const;
    const tellOwner = () =>
      tellNewOwner(db, {
        tenant_id: tenant.id,
        user_id,
        body: "By a role rule a member is an owner of this tenant.",
      });
    if (member === null) {
      if (to === null || tenant.is_archived) return unchanged();
      await requireRoom(db, tenant.id, "members");
      await db.membership.create({ data: { tenant_id: tenant.id, user_id, role: to, from_rule: true } });
      if (to === "owner") await tellOwner();
      return audit({ action: "member.added", target, details: { role: to } });
    }
    if (!member.from_rule || member.role === to) return unchanged();
    if (to !== null && tenant.is_archived && isLower(member.role, to)) return unchanged();
    if (member.role === "owner" && (await isLastOwner(db, user_id))) return unchanged();
    const where = { tenant_id_user_id: { tenant_id: tenant.id, user_id } };
    if (to === null) {
      await db.membership.delete({ where });
      audit({ action: "member.removed", target, details: { role: member.role } });
    } else {
      await db.membership.update({ where, data: { role: to } });
      audit({ action: "member.role_changed", target, details: { from: member.role, to } });
      if (to === "owner") await tellOwner();
    }
    for (const entry of await endLeftBehind(db, user_id, to, now)) audit(entry);
  },
});

/**
 * Has all memberships of a person who signs in follow the rules of their tenants. One that finds no room is not made, and
 * trouble with one tenant does not keep them from the others: at worst they are not let into that one.
 * @param claims what Entra says of them now
 * @throws what went wrong where a rule has made them a member, once the others are done: they would keep what Entra may have
 *   taken from them, so they are not let in at all
 */
export async function followRoleRules(userId: number, claims: RoleClaims): Promise<void> {
  const tenants = await transaction(
    { as: "identity" },
    (db) => db.$queryRaw<{ tenant_id: number; is_member: boolean }[]>`
      SELECT t.id AS tenant_id, bool_or(concerned.is_member) AS is_member
      FROM (SELECT tenant_id, false AS is_member FROM role_rules
            UNION ALL SELECT tenant_id, true FROM memberships WHERE user_id = ${userId} AND from_rule) concerned
      JOIN tenants t ON t.id = concerned.tenant_id
      WHERE t.deleted_at IS NULL GROUP BY t.id ORDER BY t.id`,
    { readOnly: true },
  );
  const groups = claims.groups && [...claims.groups];
  const failures: unknown[] = [];
  for (const { tenant_id, is_member } of tenants) {
    try {
      await followRules(roleRulesActor, tenant_id, { user_id: userId, roles: [...claims.roles], groups });
    } catch (error) {
      // There is no room for them, or the tenant is gone.
      if (error instanceof AppError && ["QUOTA_EXCEEDED", "NOT_FOUND"].includes(error.code)) continue;
      log.error({ err: error, tenant_id, user_id: userId }, "a membership could not follow the role rules");
      if (is_member) failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** What a rule asks for, to be compared: object ids of groups are the same in either case. */
function comparable({ claim, value }: Pick<RoleRule, "claim" | "value">): string {
  return claim === "groups" ? value.toLowerCase() : value;
}

/** The highest role that a rule gives; null when none holds. */
function roleBy(rules: readonly RoleRule[], claims: RoleClaims): Role | null {
  const groups = new Set(claims.groups?.map((value) => value.toLowerCase()));
  const given = rules.filter((rule) =>
    rule.claim === "roles" ? claims.roles.includes(rule.value) : groups.has(comparable(rule)),
  );
  return roles.findLast((candidate) => given.some((rule) => rule.role === candidate)) ?? null;
}

function rulesOf(db: Tx): Promise<RoleRule[]> {
  return db.$queryRaw<RoleRule[]>`
    SELECT id, claim, value, role::text AS role FROM role_rules ORDER BY id`;
}
