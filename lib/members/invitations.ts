import { randomBytes } from "node:crypto";
import { z } from "zod";
import { can, type Role, roles } from "#lib/access/permissions";
import { hashToken } from "#lib/access/secret-token";
import type { AuditEntryInput } from "#lib/audit/entry";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { invitationDays, inWords } from "#lib/limits";
import { operation } from "#lib/operation";
import { requireRoom } from "#lib/quotas";
import { type InvitationView, inviteSchema, type NewInvitation } from "./invitation-schema.ts";
import { invitationView, newInvitationView } from "./views.ts";

const mayInvite = roles.filter((role) => can(role, "member:write"));

/**
 * Of an invitation `i`: who made it is disabled, or may not invite any more. It opens nothing then, whatever has become of it
 * meanwhile. One that nobody in the tenant made has no inviter to go.
 */
export const inviterIsGone = Prisma.sql`
  i.invited_by IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM memberships inviter JOIN users person ON person.id = inviter.user_id
    WHERE inviter.tenant_id = i.tenant_id AND inviter.user_id = i.invited_by
      AND inviter.role = ANY(${mayInvite}::"role"[]) AND person.disabled_at IS NULL)`;

/** Of how many expired invitations the list tells; of those that can be accepted, of all. */
const expiredMost = 500;

/** The tenant's invitations that were neither accepted nor withdrawn: the expired ones last, each newest first. */
export const listInvitations = operation({
  name: "member.list_invitations",
  permission: "member:write",
  effect: "read",
  input: z.strictObject({}),
  output: z.array(invitationView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/invitations",
    operationId: "listInvitations",
    summary: "The open invitations of a tenant",
    tag: "Members",
    description: `Those that have not expired first, and of the others ${expiredMost}. Not paged.`,
    answer: "Neither accepted nor withdrawn, newest first, without their links",
  },
  async run({ db }) {
    const rows = await db.$queryRaw<
      (Omit<InvitationView, "created_at" | "expires_at"> & { created_at: Date; expires_at: Date })[]
    >`
      SELECT i.id, i.email, i.role::text AS role, u.name AS invited_by, i.created_at, i.expires_at,
             i.expires_at <= now() AS is_expired, ${inviterIsGone} AS is_inviter_gone
      FROM invitations i LEFT JOIN users u ON u.id = i.invited_by
      WHERE i.withdrawn_at IS NULL AND i.accepted_at IS NULL AND (i.expires_at > now() OR i.id IN (
        SELECT id FROM invitations
        WHERE withdrawn_at IS NULL AND accepted_at IS NULL AND expires_at <= now() ORDER BY id DESC LIMIT ${expiredMost}))
      ORDER BY i.expires_at > now() DESC, i.id DESC`;
    return rows.map((row) => ({
      ...row,
      created_at: row.created_at.toISOString(),
      expires_at: row.expires_at.toISOString(),
    }));
  },
});

/**
 * Invites somebody by their address. It says nothing of whether the address has an account: that is not looked at. An
 * earlier invitation of the same address ends.
 * @returns the link, this once
 * @throws AppError CONFLICT when a member has this address
 */
export const inviteMember = operation({
  name: "member.invite",
  permission: "member:write",
  effect: "write",
  input: inviteSchema,
  output: newInvitationView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/invitations",
    operationId: "inviteMember",
    summary: "Invite somebody to the tenant",
    description: `Whoever has the link accepts within ${inWords(invitationDays)} days, with the account of this address or a new one. An earlier invitation of the address ends.`,
    tag: "Members",
    status: 201,
    answer: "Invited",
    errors: ["CONFLICT", "QUOTA_EXCEEDED"],
  },
  async run({ db, tenant, actor, now, audit }, { email, role }) {
    // Of two who invite the same person at once, the second replaces what the first made.
    await db.$queryRaw`SELECT 1 FROM tenants WHERE id = ${tenant.id} FOR NO KEY UPDATE`;
    // Row-level security shows the tenant its own members alone.
    if (await db.membership.findFirst({ where: { user: { email } }, select: { user_id: true } }))
      throw new AppError("CONFLICT", "Somebody with this address is a member already.");
    for (const entry of await withdraw(db, now, { email })) audit(entry);
    await requireRoom(db, tenant.id, "members");
    const made = await writeInvitation(db, {
      tenant_id: tenant.id,
      email,
      role,
      invited_by: actor.kind === "user" ? actor.id : null,
    });
    audit({
      action: "member.invited",
      target: { kind: "invitation", id: made.id },
      details: { email, role, expires_at: made.expires_at },
    });
    return made;
  },
});

/** Ends an invitation: its link stops working. @throws AppError NOT_FOUND when it has ended, or there is none */
export const withdrawInvitation = operation({
  name: "member.withdraw_invitation",
  permission: "member:write",
  effect: "write",
  endsAccess: true,
  input: z.strictObject({ invitation_id: idSchema }),
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/tenants/{tenantId}/invitations/{invitationId}",
    operationId: "withdrawInvitation",
    summary: "Withdraw an invitation",
    tag: "Members",
    status: 204,
    answer: "Withdrawn; its link stops working at once",
  },
  async run({ db, now, audit }, { invitation_id }) {
    const [entry] = await withdraw(db, now, { id: invitation_id });
    if (!entry) throw new AppError("NOT_FOUND", "There is no such invitation, or it has ended.");
    audit(entry);
  },
});

/** Ends what a member invited and nobody accepted, when they leave. @returns the entries for the audit log */
export function withdrawInvitationsOf(db: Tx, userId: number, now: Date): Promise<AuditEntryInput[]> {
  return withdraw(db, now, { invited_by: userId });
}

/** Ends what an address was invited by and has not accepted. @returns the entries for the audit log */
export function withdrawInvitationsOfAddress(db: Tx, email: string, now: Date): Promise<AuditEntryInput[]> {
  return withdraw(db, now, { email });
}

async function withdraw(
  db: Tx,
  now: Date,
  which: { id: number } | { email: string } | { invited_by: number },
): Promise<AuditEntryInput[]> {
  const ended = await db.invitation.updateManyAndReturn({
    where: { ...which, withdrawn_at: null, accepted_at: null },
    data: { withdrawn_at: now },
    select: { id: true, email: true, role: true },
  });
  return ended.map(({ id, email, role }) => ({
    action: "member.invitation_withdrawn",
    target: { kind: "invitation", id },
    details: { email, role },
  }));
}

/** Stores an invitation, and of its link a hash alone: it has 256 random bits, which nobody guesses back. */
export async function writeInvitation(
  db: Tx,
  invitation: { tenant_id: number; email: string; role: Role; invited_by: number | null },
): Promise<NewInvitation> {
  const token = randomBytes(32).toString("base64url");
  const { tenant_id, email, role, invited_by } = invitation;
  const [made] = await db.$queryRaw<{ id: number; expires_at: Date }[]>`
    INSERT INTO invitations (tenant_id, email, role, token_hash, invited_by, created_at, expires_at)
    VALUES (${tenant_id}, ${email}, ${role}::"role", ${hashToken(token)}, ${invited_by}, now(),
            now() + ${invitationDays} * interval '1 day')
    RETURNING id, expires_at`;
  if (!made) throw new Error("The invitation was not stored");
  return {
    id: made.id,
    email,
    role,
    expires_at: made.expires_at.toISOString(),
    path: `/invitations/${token}`,
  };
}
