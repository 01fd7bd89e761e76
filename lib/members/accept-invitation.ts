import type { z } from "zod";
import { newPasswordFault } from "#lib/access/new-password";
import { hashPassword } from "#lib/access/passwords";
import type { Role } from "#lib/access/permissions";
import { hashToken } from "#lib/access/secret-token";
import type { SignedInUser } from "#lib/access/sign-in";
import type { AuditAction } from "#lib/audit/actions";
import { type Tx, transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { parseInput } from "#lib/operation";
import { newPersonSchema } from "./accept-invitation-schema.ts";

/** An invitation as the person sees it who opens its link. */
export interface OpenInvitation {
  tenant_id: number;
  tenant_name: string;
  email: string;
  role: Role;
  /** The inviter's name, if there is one. */
  invited_by: string | null;
  expires_at: Date;
}

/** The invitation behind a link; null when there is none, or it has expired, ended or been accepted. */
export function openInvitation(token: string): Promise<OpenInvitation | null> {
  return transaction({ as: "identity" }, (db) => find(db, token), { readOnly: true });
}

/**
 * Makes a person with an account a member, by an invitation of their address. One who is a member already keeps their
 * role.
 * @throws AppError NOT_FOUND when the link is not valid any more; FORBIDDEN when it is for another address;
 * UNAUTHENTICATED when the account is gone
 */
export function acceptInvitation(userId: number, token: string): Promise<{ tenant_id: number }> {
  return transaction({ as: "identity" }, async (db) => {
    const invitation = await lock(db, token);
    const [person] = await db.$queryRaw<{ id: number; email: string; name: string }[]>`
      SELECT id, email, name FROM users WHERE id = ${userId} AND disabled_at IS NULL`;
    if (!person) throw new AppError("UNAUTHENTICATED", "Your session has ended. Sign in again.");
    if (person.email !== invitation.email)
      throw new AppError("FORBIDDEN", "This invitation is for another address than yours.");
    return join(db, invitation, person, { new_account: false });
  });
}

/**
 * Makes an account for the invited address, and its person a member. The link is the proof that they are meant.
 * @returns the person, for a session
 * @throws AppError NOT_FOUND when the link is not valid any more; VALIDATION_FAILED at `name` or `password`; CONFLICT when
 * no account can be made for the address
 */
export async function acceptAsNewPerson(
  token: string,
  raw: z.input<typeof newPersonSchema>,
): Promise<SignedInUser & { tenant_id: number }> {
  const { name, password } = parseInput(newPersonSchema, raw);
  const open = await openInvitation(token);
  if (!open) throw invitationNotFound();
  const fault = await newPasswordFault(password, { email: open.email, name });
  if (fault)
    throw new AppError("VALIDATION_FAILED", `password: ${fault}`, {
      errors: [{ path: "password", message: fault }],
    });
  const password_hash = await hashPassword(password);
  return transaction({ as: "identity" }, async (db) => {
    const invitation = await lock(db, token);
    const [made] = await db.$queryRaw<{ id: number; session_version: number }[]>`
      INSERT INTO users (email, name, password_hash) VALUES (${invitation.email}, ${name}, ${password_hash})
      ON CONFLICT (email) DO NOTHING RETURNING id, session_version`;
    if (!made)
      throw new AppError(
        "CONFLICT",
        "No account can be made for this address. If you have one, sign in with it to accept.",
      );
    const person = { ...made, email: invitation.email, name };
    return { ...person, ...(await join(db, invitation, person, { new_account: true })) };
  });
}

async function find(db: Tx, token: string): Promise<(OpenInvitation & { id: number }) | null> {
  const [found] = await db.$queryRaw<(OpenInvitation & { id: number })[]>`
    SELECT i.id, i.tenant_id, t.name AS tenant_name, i.email, i.role::text AS role, u.name AS invited_by, i.expires_at
    FROM invitations i JOIN tenants t ON t.id = i.tenant_id LEFT JOIN users u ON u.id = i.invited_by
    WHERE i.token_hash = ${hashToken(token)} AND i.withdrawn_at IS NULL AND i.accepted_at IS NULL
      AND i.expires_at > now()`;
  return found ?? null;
}

/** Of two who accept at once, or one who withdraws meanwhile, the second finds that it has ended. */
async function lock(db: Tx, token: string): Promise<OpenInvitation & { id: number }> {
  await db.$queryRaw`SELECT 1 FROM invitations WHERE token_hash = ${hashToken(token)} FOR UPDATE`;
  const invitation = await find(db, token);
  if (!invitation) throw invitationNotFound();
  return invitation;
}

async function join(
  db: Tx,
  { id, tenant_id, email, role }: OpenInvitation & { id: number },
  person: { id: number; name: string },
  details: { new_account: boolean },
): Promise<{ tenant_id: number }> {
  await db.$executeRaw`
    UPDATE invitations SET accepted_at = now(), accepted_by = ${person.id} WHERE id = ${id}`;
  await db.$executeRaw`
    INSERT INTO memberships (tenant_id, user_id, role) VALUES (${tenant_id}, ${person.id}, ${role}::"role")
    ON CONFLICT DO NOTHING`;
  await db.$executeRaw`
    INSERT INTO audit_log (tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, details)
    VALUES (${tenant_id}, 'user', ${person.id}, ${person.name}, ${"member.joined" satisfies AuditAction}, 'user', ${person.id},
            ${JSON.stringify({ email, role, ...details })}::jsonb)`;
  return { tenant_id };
}

function invitationNotFound(): AppError {
  return new AppError(
    "NOT_FOUND",
    "This invitation is not valid any more. Ask whoever invited you for another one.",
  );
}
