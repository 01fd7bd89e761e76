import { z } from "zod";
import { isLower } from "#lib/access/permissions";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { archived, operation } from "#lib/operation";
import { id, instant, role } from "#lib/view-fields";
import { withdrawInvitationsOfAddress } from "./invitations.ts";
import { endLeftBehind } from "./left-behind.ts";
import { isLastOwner, lastOwner, lockOwners, tellNewOwner } from "./owners.ts";

const memberView = z
  .strictObject({
    user_id: id,
    name: z.string(),
    email: z.string(),
    role,
    is_disabled: z.boolean(),
    since: instant,
  })
  .meta({ id: "Member" });

/** A member of a tenant. */
export type MemberView = z.infer<typeof memberView>;

/** The tenant's members in the order of their names. */
export const listMembers = operation({
  name: "member.list",
  permission: "member:view",
  effect: "read",
  input: z.strictObject({}),
  output: z.array(memberView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/members",
    operationId: "listMembers",
    summary: "The members of a tenant",
    tag: "Members",
    answer: "In the order of their names",
  },
  async run({ db }) {
    const rows = await db.membership.findMany({
      include: { user: { select: { name: true, email: true, disabled_at: true } } },
      orderBy: { user: { name: "asc" } },
    });
    return rows.map((row) => ({
      user_id: row.user_id,
      name: row.user.name,
      email: row.user.email,
      role: row.role,
      is_disabled: row.user.disabled_at !== null,
      since: row.created_at.toISOString(),
    }));
  },
});

/**
 * Changes a member's role, from the next request on. Who may do less has nothing left that does more.
 * @throws AppError NOT_FOUND; CONFLICT when it would leave the tenant without an owner who can act; FORBIDDEN when it would raise
 *   a role in an archived tenant
 */
export const setMemberRole = operation({
  name: "member.set_role",
  permission: "member:write",
  effect: "write",
  endsAccess: true,
  input: z.strictObject({ user_id: idSchema, role }),
  output: z.void(),
  http: {
    method: "PATCH",
    path: "/tenants/{tenantId}/members/{userId}",
    operationId: "setMemberRole",
    summary: "Change a member's role",
    description: "In an archived tenant it is only lowered.",
    tag: "Members",
    status: 204,
    answer: "Changed",
    errors: ["CONFLICT"],
  },
  async run({ db, tenant, actor, now, audit, unchanged }, { user_id, role }) {
    await lockOwners(db);
    const member = await db.membership.findFirst({ where: { user_id } });
    if (!member) throw memberNotFound();
    if (member.role === role) return unchanged();
    if (tenant.is_archived && isLower(member.role, role)) throw archived();
    if (member.role === "owner" && (await isLastOwner(db, user_id))) throw lastOwner();
    await db.membership.update({
      where: { tenant_id_user_id: { tenant_id: tenant.id, user_id } },
      // It is an owner's decision now, and no rule's.
      data: { role, from_rule: false },
    });
    for (const entry of await endLeftBehind(db, user_id, role, now)) audit(entry);
    audit({
      action: "member.role_changed",
      target: { kind: "user", id: user_id },
      details: { from: member.role, to: role },
    });
    if (role === "owner")
      await tellNewOwner(db, {
        tenant_id: tenant.id,
        user_id,
        body: `${actor.name} made a member an owner of this tenant.`,
      });
  },
});

/**
 * Takes a member out of the tenant; what they invited and nobody accepted ends, and so does an open invitation of their own.
 * @throws AppError NOT_FOUND; CONFLICT for the last owner who can act.
 */
export const removeMember = operation({
  name: "member.remove",
  permission: "member:write",
  effect: "write",
  endsAccess: true,
  input: z.strictObject({ user_id: idSchema }),
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/tenants/{tenantId}/members/{userId}",
    operationId: "removeMember",
    summary: "Take a member out of the tenant",
    tag: "Members",
    status: 204,
    answer: "Removed",
    errors: ["CONFLICT"],
  },
  async run({ db, tenant, now, audit }, { user_id }) {
    await lockOwners(db);
    const member = await db.membership.findFirst({
      where: { user_id },
      include: { user: { select: { email: true } } },
    });
    if (!member) throw memberNotFound();
    if (member.role === "owner" && (await isLastOwner(db, user_id))) throw lastOwner();
    await db.membership.delete({ where: { tenant_id_user_id: { tenant_id: tenant.id, user_id } } });
    audit({
      action: "member.removed",
      target: { kind: "user", id: user_id },
      details: { role: member.role },
    });
    // They may have kept a link for themselves, or have come in another way than by the one that they got.
    for (const entry of await endLeftBehind(db, user_id, null, now)) audit(entry);
    for (const entry of await withdrawInvitationsOfAddress(db, member.user.email, now)) audit(entry);
  },
});

function memberNotFound(): AppError {
  return new AppError("NOT_FOUND", "This person is not a member of the tenant.");
}
