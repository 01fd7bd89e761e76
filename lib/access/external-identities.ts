import { z } from "zod";
import type { AuditAction } from "#lib/audit/actions";
import { type Tx, transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { ownOperation } from "#lib/operation";
import { confirmPassword } from "./confirm-password.ts";
import type { ExternalIdentity } from "./entra.ts";
import { endSessionsBegunBy } from "./sessions.ts";
import type { SignedInUser } from "./sign-in.ts";

type Named = Pick<ExternalIdentity, "issuer" | "subject">;

const password = z.string().min(1, "must not be empty").max(1_000, "must be at most 1000 characters");

/**
 * The person whom an identity is bound to; null when it is bound to nobody.
 * @throws AppError FORBIDDEN when the account is disabled
 */
export async function personOf({ issuer, subject }: Named): Promise<SignedInUser | null> {
  const [found] = await transaction(
    { as: "identity" },
    (db) => db.$queryRaw<(SignedInUser & { is_disabled: boolean })[]>`
      SELECT u.id, u.email, u.name, u.session_version, u.disabled_at IS NOT NULL AS is_disabled
      FROM external_identities e JOIN users u ON u.id = e.user_id
      WHERE e.issuer = ${issuer} AND e.subject = ${subject}`,
    { readOnly: true },
  );
  if (!found) return null;
  const { is_disabled, ...person } = found;
  if (is_disabled) throw new AppError("FORBIDDEN", "Your account is disabled.");
  return person;
}

/**
 * Binds an identity to a person, for ever or until the person unlinks it, in a transaction that may: `account` bound to them,
 * or `identity`. One that is bound to them already stays.
 * @returns whether it was bound now
 * @throws AppError CONFLICT when it is another's, or the person has another one of the same issuer
 */
export async function bindIdentity(db: Tx, userId: number, { issuer, subject }: Named): Promise<boolean> {
  const bound = await db.$executeRaw`
    INSERT INTO external_identities (user_id, issuer, subject) VALUES (${userId}, ${issuer}, ${subject})
    ON CONFLICT DO NOTHING`;
  if (bound > 0) return true;
  const [own] = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM external_identities WHERE user_id = ${userId} AND issuer = ${issuer} AND subject = ${subject}`;
  if (own) return false;
  throw new AppError(
    "CONFLICT",
    "This Microsoft account is another person's here, or you have linked another one.",
  );
}

/**
 * Binds an identity to the person who is signed in, and has entered their password. The audit log of each of their tenants says so,
 * or the platform's when they have none.
 * @param person as `confirmLink` found them
 * @throws AppError CONFLICT as `bindIdentity`; UNAUTHENTICATED when what decides who gets in has changed since then: the person
 * has unlinked an identity, chosen another password, ended their sessions
 */
export async function linkIdentity(
  { id: userId, session_version }: Pick<SignedInUser, "id" | "session_version">,
  identity: Named,
): Promise<void> {
  await transaction({ as: "account", user_id: userId }, async (db) => {
    const [same] = await db.$queryRaw<unknown[]>`
      SELECT 1 FROM users WHERE id = ${userId} AND session_version = ${session_version} FOR SHARE`;
    if (!same) throw new AppError("UNAUTHENTICATED", "This took too long. Begin once more.");
    if (!(await bindIdentity(db, userId, identity))) return;
    await db.$executeRaw`
      INSERT INTO audit_log (tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id)
      SELECT m.tenant_id, 'user', u.id, u.name, ${"member.identity_linked" satisfies AuditAction}, 'user', u.id
      FROM users u LEFT JOIN memberships m ON m.user_id = u.id WHERE u.id = ${userId}`;
  });
}

/**
 * Asks for the password before an identity is linked.
 * @returns what `linkIdentity` holds against the person as they are then
 * @throws AppError as `confirmPassword`
 */
export const confirmLink = ownOperation({
  name: "identity.confirm_link",
  actors: ["user"],
  input: z.strictObject({ password }),
  output: z.strictObject({ session_version: z.int() }),
  async run(actor, input) {
    const { session_version } = await confirmPassword(actor, input.password, "password");
    return { session_version };
  },
});

/** Whether a person has linked an identity by which they sign in. */
export const hasLinkedIdentity = ownOperation({
  name: "identity.is_linked",
  actors: ["user"],
  input: z.strictObject({}),
  output: z.boolean(),
  async run({ user_id }) {
    const rows = await transaction(
      { as: "account", user_id },
      (db) => db.$queryRaw<unknown[]>`SELECT 1 FROM external_identities WHERE user_id = ${user_id}`,
      { readOnly: true },
    );
    return rows.length > 0;
  },
});

/**
 * Ends the binding of a person's identities, and with it the sessions that they began, but for the one that asks. It asks for the password: who has none would have no way in afterwards.
 * @throws AppError as `confirmPassword`
 */
export const unlinkIdentity = ownOperation({
  name: "identity.unlink",
  actors: ["user"],
  input: z.strictObject({ password }),
  output: z.void(),
  async run(actor, input) {
    const { id } = await confirmPassword(actor, input.password, "password");
    await transaction({ as: "account", user_id: id }, async (db) => {
      const ended = await db.$executeRaw`DELETE FROM external_identities WHERE user_id = ${id}`;
      if (ended === 0) return;
      await endSessionsBegunBy(db, id, "entra", actor.session?.id);
      await db.$executeRaw`
        INSERT INTO audit_log (tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id)
        SELECT m.tenant_id, 'user', u.id, u.name, ${"member.identity_unlinked" satisfies AuditAction}, 'user', u.id
        FROM users u LEFT JOIN memberships m ON m.user_id = u.id WHERE u.id = ${id}`;
    });
  },
});
