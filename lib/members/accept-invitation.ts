import { randomBytes } from "node:crypto";
import type { z } from "zod";
import type { ExternalIdentity } from "#lib/access/entra";
import { bindIdentity, personOf } from "#lib/access/external-identities";
import { newPasswordFault } from "#lib/access/new-password";
import { hashPassword } from "#lib/access/passwords";
import type { Role } from "#lib/access/permissions";
import { hashToken } from "#lib/access/secret-token";
import { passwordsAreOff, type SignedInUser } from "#lib/access/sign-in";
import type { AuditEntryInput } from "#lib/audit/entry";
import { writeAuditEntries } from "#lib/audit/write";
import { inTenant, type Tx, transaction } from "#lib/db/transaction";
import { env } from "#lib/env";
import { AppError } from "#lib/errors";
import { nameSchema } from "#lib/name-schema";
import { parseInput } from "#lib/operation";
import { newPersonSchema } from "./accept-invitation-schema.ts";
import { inviterIsGone } from "./invitations.ts";
import { endLeftBehind } from "./left-behind.ts";
import { isLastOwner, lastOwner, lockOwners, tellNewOwner } from "./owners.ts";

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

/**
 * The invitation behind a link; null when there is none, or it has expired, ended or been accepted, or its inviter may not
 * invite any more.
 */
export function openInvitation(token: string): Promise<OpenInvitation | null> {
  return transaction({ as: "identity" }, (db) => find(db, token), { readOnly: true });
}

/**
 * Makes a person with an account a member, by an invitation of their address. One who is a member already keeps the role that an
 * owner gave them, and takes the invitation's in place of a rule's.
 * @throws AppError NOT_FOUND when the link is not valid any more; FORBIDDEN when it is for another address;
 * UNAUTHENTICATED when the account is gone; CONFLICT when it would leave the tenant without an owner who can act
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
 * no account can be made for the address; FORBIDDEN where passwords are switched off
 */
export async function acceptAsNewPerson(
  token: string,
  raw: z.input<typeof newPersonSchema>,
): Promise<SignedInUser & { tenant_id: number }> {
  if (env().LOCAL_PASSWORDS === "off") throw passwordsAreOff();
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
    const person = await makeAccount(db, {
      email: invitation.email,
      name,
      password_hash,
      has_password: true,
    });
    return { ...person, ...(await join(db, invitation, person, { new_account: true })) };
  });
}

/**
 * Accepts for whom somebody vouches: with the account that the identity is bound to, or with a new one for the invited
 * address, which the identity is bound to from now on. The link is the proof that they are meant, so the address that the
 * issuer says is not looked at; and an account that the address has already is never taken over.
 * @returns the person, for a session
 * @throws AppError NOT_FOUND when the link is not valid any more; CONFLICT when the address has an account that the identity
 * is not bound to; FORBIDDEN when the identity's account has another address or is disabled
 */
export async function acceptByIdentity(token: string, identity: ExternalIdentity): Promise<SignedInUser> {
  const known = await personOf(identity);
  if (known) {
    await acceptInvitation(known.id, token);
    return known;
  }
  // Nobody knows it: a password is what a reset makes.
  const password_hash = await hashPassword(randomBytes(32).toString("base64url"));
  return transaction({ as: "identity" }, async (db) => {
    const invitation = await lock(db, token);
    const { email } = invitation;
    const name =
      nameSchema.safeParse(identity.name ?? "").data ?? email.slice(0, email.indexOf("@")).slice(0, 200);
    const person = await makeAccount(db, { email, name, password_hash, has_password: false });
    await bindIdentity(db, person.id, identity);
    await join(db, invitation, person, { new_account: true });
    return person;
  });
}

async function makeAccount(
  db: Tx,
  account: { email: string; name: string; password_hash: string; has_password: boolean },
): Promise<SignedInUser> {
  const { email, name, password_hash, has_password } = account;
  const [made] = await db.$queryRaw<{ id: number; session_version: number }[]>`
    INSERT INTO users (email, name, password_hash, has_password)
    VALUES (${email}, ${name}, ${password_hash}, ${has_password})
    ON CONFLICT (email) DO NOTHING RETURNING id, session_version`;
  if (made) return { ...made, email, name };
  throw new AppError(
    "CONFLICT",
    "No account can be made for this address. If you have one, sign in with it to accept.",
  );
}

interface Found extends OpenInvitation {
  id: number;
  /** No member of the tenant made it. */
  is_of_platform: boolean;
  now: Date;
}

async function find(db: Tx, token: string): Promise<Found | null> {
  const [found] = await db.$queryRaw<Found[]>`
    SELECT i.id, i.tenant_id, t.name AS tenant_name, i.email, i.role::text AS role, u.name AS invited_by, i.expires_at,
           i.invited_by IS NULL AS is_of_platform, now() AS now
    FROM invitations i JOIN tenants t ON t.id = i.tenant_id LEFT JOIN users u ON u.id = i.invited_by
    WHERE i.token_hash = ${hashToken(token)} AND i.withdrawn_at IS NULL AND i.accepted_at IS NULL
      AND i.expires_at > now() AND t.archived_at IS NULL AND NOT (${inviterIsGone})`;
  return found ?? null;
}

/**
 * Of two who accept at once, or one who withdraws meanwhile, the second finds that it has ended. The owners are locked before it, as
 * by whoever changes one of them and then ends what they have invited.
 */
async function lock(db: Tx, token: string): Promise<Found> {
  const open = await find(db, token);
  if (!open) throw invitationNotFound();
  await inTenant(db, open.tenant_id, () => lockOwners(db));
  await db.$queryRaw`SELECT 1 FROM invitations WHERE id = ${open.id} FOR UPDATE`;
  const invitation = await find(db, token);
  if (!invitation) throw invitationNotFound();
  return invitation;
}

async function join(
  db: Tx,
  invitation: Found,
  person: { id: number; name: string },
  details: { new_account: boolean },
): Promise<{ tenant_id: number }> {
  const { id, tenant_id, email } = invitation;
  await db.$executeRaw`
    UPDATE invitations SET accepted_at = now(), accepted_by = ${person.id} WHERE id = ${id}`;
  await inTenant(db, tenant_id, async () => {
    const { before, role } = await takeIn(db, invitation, person.id);
    const target = { kind: "user", id: person.id } as const;
    const joined = { email, role, ...details, ...(before && { was_member: true }) };
    const entries: AuditEntryInput[] = [{ action: "member.joined", target, details: joined }];
    if (before && before !== role)
      entries.push({ action: "member.role_changed", target, details: { from: before, to: role } });
    if (before) entries.push(...(await endLeftBehind(db, person.id, role, invitation.now)));
    await writeAuditEntries(db, tenant_id, { kind: "user", ...person }, entries);
    if (role === "owner" && before !== "owner")
      await tellNewOwner(db, {
        tenant_id,
        user_id: person.id,
        body: `${person.name} accepted an invitation as an owner of this tenant.`,
      });
  });
  return { tenant_id };
}

/**
 * Makes the membership. Of who is a member already, a rule's role gives way to the invitation, which is an owner's decision; what an
 * owner has decided since stays, but for an invitation of the platform, which is made where no owner can act.
 * @returns the role that they have now, and the one from before, if they were a member
 */
async function takeIn(
  db: Tx,
  { tenant_id, role, is_of_platform }: Found,
  userId: number,
): Promise<{ before: Role | null; role: Role }> {
  const made = await db.$executeRaw`
    INSERT INTO memberships (tenant_id, user_id, role) VALUES (${tenant_id}, ${userId}, ${role}::"role")
    ON CONFLICT DO NOTHING`;
  if (made > 0) return { before: null, role };
  const [member] = await db.$queryRaw<{ role: Role; from_rule: boolean }[]>`
    SELECT role::text AS role, from_rule FROM memberships WHERE user_id = ${userId} FOR UPDATE`;
  // Who was taken out in this very moment is none; the link then is to be opened again.
  if (!member) throw new AppError("CONFLICT", "Your membership is just being changed. Try again.");
  const { role: before, from_rule } = member;
  if (!from_rule && !is_of_platform) return { before, role: before };
  if (before === "owner" && role !== "owner" && (await isLastOwner(db, userId))) throw lastOwner();
  await db.$executeRaw`
    UPDATE memberships SET role = ${role}::"role", from_rule = false WHERE user_id = ${userId}`;
  return { before, role };
}

function invitationNotFound(): AppError {
  return new AppError(
    "NOT_FOUND",
    "This invitation is not valid any more. Ask whoever invited you for another one.",
  );
}
