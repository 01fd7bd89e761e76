import { randomBytes } from "node:crypto";
import { hashPassword } from "#lib/access/passwords";
import { hashToken } from "#lib/access/secret-token";
import { type EndReason, endSessionsOf, ofPerson } from "#lib/access/sessions";
import { maySignInByPassword } from "#lib/access/sign-in-rules";
import { recordSecurityEventIn } from "#lib/audit/security";
import { writeAuditEntries } from "#lib/audit/write";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { resetLinkHours } from "#lib/limits";
import { endFormerSecretsEverywhere } from "#lib/tokens/former-secrets";
import type { By } from "./by.ts";

/** What administrators do to accounts, in a transaction of `identity`. Each leaves an entry in the platform's log. */

/** An account, as those who administer them find it. */
export interface Account {
  id: number;
  email: string;
  name: string;
  is_disabled: boolean;
  is_platform_admin: boolean;
}

/** A link by which a person chooses a password, this once. */
export interface ResetLink {
  /** Below the address of the service. */
  path: string;
  /** ISO 8601. */
  expires_at: string;
}

/** The account with an id or an address, locked until the transaction ends. @throws AppError NOT_FOUND */
export async function findAccount(db: Tx, which: { id: number } | { email: string }): Promise<Account> {
  const [found] = await db.$queryRaw<Account[]>`
    SELECT id, email, name, disabled_at IS NOT NULL AS is_disabled, is_platform_admin FROM users
    WHERE id = ${"id" in which ? which.id : null}::int OR email = ${"email" in which ? normalized(which.email) : null}::text
    FOR NO KEY UPDATE`;
  if (found) return found;
  throw new AppError(
    "NOT_FOUND",
    "email" in which ? `Nobody has an account with the address ${which.email}.` : "There is no such person.",
  );
}

/**
 * Makes an account for somebody new, as a platform administrator. Nobody can use it before they have chosen a password by the
 * link. An account that is there is left alone: nothing proves whose the address is, and whoever was first to take it, by an
 * invitation of any tenant, is not to become an administrator by that.
 * @throws AppError CONFLICT when the address has an account
 */
export async function makeAdministrator(
  db: Tx,
  by: By,
  { email, name }: { email: string; name: string },
): Promise<{ id: number; link: ResetLink }> {
  // Nobody knows a password of 256 random bits.
  const password_hash = await hashPassword(randomBytes(32).toString("base64url"));
  await lockAdministrators(db);
  const [made] = await db.$queryRaw<{ id: number }[]>`
    INSERT INTO users (email, name, password_hash, has_password, is_platform_admin)
    VALUES (${normalized(email)}, ${name}, ${password_hash}, false, true) ON CONFLICT (email) DO NOTHING RETURNING id`;
  if (!made) throw await taken(db, email);
  const { id, is_disabled: _, is_platform_admin: __, ...person } = await findAccount(db, { email });
  await writeAuditEntries(db, null, by, [
    {
      action: "user.created",
      target: { kind: "user", id },
      details: { ...person, is_platform_admin: true },
    },
  ]);
  return { id, link: await makeResetLink(db, by, { id }) };
}

/** What somebody is told who wants an account for an address that has one: since when, to judge whose it is. */
async function taken(db: Tx, email: string): Promise<AppError> {
  const { id, email: address, name, is_platform_admin } = await findAccount(db, { email });
  const { created_at } = await db.user.findUniqueOrThrow({ where: { id }, select: { created_at: true } });
  const since = created_at.toISOString();
  return new AppError(
    "CONFLICT",
    is_platform_admin
      ? `${address} is a platform administrator already, with an account since ${since}.`
      : `${address} has had an account since ${since}, in the name of ${name}. Nothing was changed: whoever made it need not be ` +
          `whom you mean. Ask them, and then give: npm run user:administrator -- --email ${address}`,
  );
}

/**
 * Makes a person a platform administrator, or takes that from them. One stays who can sign in.
 * @returns whether that changed anything
 * @throws AppError NOT_FOUND; CONFLICT when a disabled account is to be made one, or the last one is to be removed
 */
export async function setAdministrator(
  db: Tx,
  by: By,
  which: { id: number } | { email: string },
  wanted: boolean,
): Promise<boolean> {
  await lockAdministrators(db);
  const { id, is_disabled, is_platform_admin: _, ...person } = await findAccount(db, which);
  if (wanted && is_disabled)
    throw new AppError("CONFLICT", `The account of ${person.email} is disabled. Enable it first.`);
  if (!wanted) await requireAnotherAdministrator(db, { id, ...person });
  const changed = await db.$executeRaw`
    UPDATE users SET is_platform_admin = ${wanted} WHERE id = ${id} AND is_platform_admin <> ${wanted}`;
  if (changed === 0) return false;
  await writeAuditEntries(db, null, by, [
    {
      action: wanted ? "user.made_administrator" : "user.unmade_administrator",
      target: { kind: "user", id },
      details: person,
    },
  ]);
  return true;
}

/** All of them, in one order: of two who remove or disable each other at once, the second finds that they are the last one. */
async function lockAdministrators(db: Tx): Promise<void> {
  await db.$queryRaw`
    SELECT 1 FROM users WHERE is_platform_admin AND disabled_at IS NULL ORDER BY id FOR NO KEY UPDATE`;
}

/**
 * Whoever was made one and has not used their link yet is nobody to leave the installation to.
 * @throws AppError CONFLICT when nobody else is a platform administrator who can sign in
 */
async function requireAnotherAdministrator(
  db: Tx,
  { id, email }: { id: number; email: string },
): Promise<void> {
  const [another] = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM users u WHERE u.is_platform_admin AND u.disabled_at IS NULL AND u.id <> ${id}
      AND (u.has_password OR EXISTS (SELECT 1 FROM external_identities e WHERE e.user_id = u.id)) LIMIT 1`;
  if (!another)
    throw new AppError(
      "CONFLICT",
      `${email} is the last platform administrator who can sign in. Make another one first.`,
    );
}

/**
 * Makes a link by which a person chooses a new password, in place of an earlier one. What is stored of it is a hash: it has
 * 256 random bits, which nobody guesses back. Until it is used, everything stays as it is.
 * @throws AppError NOT_FOUND; CONFLICT when the account is disabled, or passwords are switched off for it
 */
export async function makeResetLink(
  db: Tx,
  by: By,
  which: { id: number } | { email: string },
): Promise<ResetLink> {
  const { id, email, name, is_disabled } = await findAccount(db, which);
  if (is_disabled) throw new AppError("CONFLICT", `The account of ${email} is disabled. Enable it first.`);
  if (!maySignInByPassword(email))
    throw new AppError(
      "CONFLICT",
      `Passwords are switched off here, so none would let ${email} in. They sign in with Microsoft.`,
    );
  const token = randomBytes(32).toString("base64url");
  const [made] = await db.$queryRaw<{ expires_at: Date }[]>`
    INSERT INTO password_resets (user_id, token_hash, created_at, expires_at)
    VALUES (${id}, ${hashToken(token)}, now(), now() + ${resetLinkHours} * interval '1 hour')
    ON CONFLICT (user_id) DO UPDATE
      SET token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at
    RETURNING expires_at`;
  if (!made) throw new Error("The link was not stored");
  const expires_at = made.expires_at.toISOString();
  await writeAuditEntries(db, null, by, [
    { action: "user.reset_link_made", target: { kind: "user", id }, details: { email, name, expires_at } },
  ]);
  return { path: `/reset/${token}`, expires_at };
}

/**
 * Disables an account, or enables it again. Disabling ends its sessions, its reset link, and the old secrets that
 * its person knows of tokens that another has rotated.
 * @returns whether that changed anything
 * @throws AppError NOT_FOUND; CONFLICT when the last platform administrator who can sign in is to be disabled
 */
export async function setDisabled(
  db: Tx,
  by: By,
  which: { id: number } | { email: string },
  disabled: boolean,
): Promise<boolean> {
  if (disabled) await lockAdministrators(db);
  const { id, email, name, is_disabled, is_platform_admin } = await findAccount(db, which);
  if (is_disabled === disabled) return false;
  if (disabled && is_platform_admin) await requireAnotherAdministrator(db, { id, email });
  // The database would end them with the account, and tell nobody how many they were.
  if (disabled)
    await tellTenants(db, id, {
      sessions: (await endSessionsOf(db, id, "account_disabled")).ended,
      reason: "account_disabled",
    });
  await db.$executeRaw`UPDATE users SET disabled_at = CASE WHEN ${disabled} THEN now() END WHERE id = ${id}`;
  if (disabled) {
    await db.$executeRaw`DELETE FROM password_resets WHERE user_id = ${id}`;
    await endFormerSecretsEverywhere(db, id);
  }
  await writeAuditEntries(db, null, by, [
    {
      action: disabled ? "user.disabled" : "user.enabled",
      target: { kind: "user", id },
      details: { email, name },
    },
  ]);
  return true;
}

/** Ends all sessions of a person. @returns how many @throws AppError NOT_FOUND */
export async function endSessions(db: Tx, by: By, which: { id: number }): Promise<number> {
  const { id, email, name } = await findAccount(db, which);
  const { ended } = await endSessionsOf(db, id, "administrator");
  await writeAuditEntries(db, null, by, [
    {
      action: "user.sessions_ended",
      target: { kind: "user", id },
      details: { email, name, sessions: ended },
    },
  ]);
  await tellTenants(db, id, { sessions: ended, reason: "administrator" });
  return ended;
}

/**
 * Turns a person's two-step sign-in off, with its recovery codes, and ends all of their sessions. Their password stays.
 * The log of each of their tenants says so, as the platform's does.
 * @returns whether it was on
 * @throws AppError NOT_FOUND
 */
export async function removeSecondFactorOf(
  db: Tx,
  by: By,
  which: { id: number } | { email: string },
): Promise<boolean> {
  const { id, email, name } = await findAccount(db, which);
  const [removed] = await db.$queryRaw<{ was_on: boolean }[]>`
    DELETE FROM second_factors WHERE user_id = ${id} RETURNING confirmed_at IS NOT NULL AS was_on`;
  if (!removed?.was_on) return false;
  await endSessionsOf(db, id, "second_factor_changed");
  const tenants = await db.membership.findMany({ where: { user_id: id }, select: { tenant_id: true } });
  for (const log of [null, ...tenants.map(({ tenant_id }) => tenant_id)])
    await writeAuditEntries(db, log, by, [
      { action: "user.second_factor_removed", target: { kind: "user", id }, details: { email, name } },
    ]);
  return true;
}

/** The log of each of a person's tenants says that their sessions ended; who did it, the platform's. */
async function tellTenants(
  db: Tx,
  id: number,
  details: { sessions: number; reason: EndReason },
): Promise<void> {
  await recordSecurityEventIn(db, { ...ofPerson(id), action: "session.ended", by: null, details });
}

function normalized(email: string): string {
  return email.trim().toLowerCase();
}
