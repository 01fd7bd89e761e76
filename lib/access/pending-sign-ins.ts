import { randomBytes } from "node:crypto";
import { type Tx, transaction } from "#lib/db/transaction";
import { codeMinutes } from "#lib/limits";
import type { CountedAttempt } from "./attempts.ts";
import { hashToken } from "./secret-token.ts";
import type { SignedInUser } from "./sign-in.ts";

/** A right password that waits for its code. It is no session, and opens nothing by itself. */

/**
 * Keeps that a person's password was right, as they were then.
 * @param attempt where it was counted, to be taken back once the code is right as well
 * @returns a secret of 256 random bits, which is known here by its hash alone
 */
export async function keepPendingSignIn(person: SignedInUser, attempt: CountedAttempt): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  await transaction(
    { as: "identity" },
    (db) => db.$executeRaw`
      INSERT INTO pending_sign_ins (token_hash, user_id, session_version, attempt, expires_at)
      VALUES (${hashToken(token)}, ${person.id}, ${person.session_version}, ${JSON.stringify(attempt)}::jsonb,
              now() + ${codeMinutes} * interval '1 minute')`,
  );
  return token;
}

/** Whose password it was; null when that was too long ago, was used, or all their sessions were ended since then. */
export async function findPendingSignIn(token: string): Promise<SignedInUser | null> {
  const [found] = await transaction(
    { as: "identity" },
    (db) => db.$queryRaw<SignedInUser[]>`
      SELECT u.id, u.email, u.name, u.session_version FROM pending_sign_ins p JOIN users u ON u.id = p.user_id
      WHERE p.token_hash = ${hashToken(token)} AND p.expires_at > now()
        AND u.session_version = p.session_version AND u.disabled_at IS NULL`,
    { readOnly: true },
  );
  return found ?? null;
}

/**
 * Uses it up, in a transaction of `account` that is bound to the person.
 * @returns where the password's attempt was counted; null when it was used up just now
 */
export async function takePendingSignIn(db: Tx, token: string): Promise<CountedAttempt | null> {
  const [taken] = await db.$queryRaw<{ attempt: CountedAttempt }[]>`
    DELETE FROM pending_sign_ins WHERE token_hash = ${hashToken(token)} RETURNING attempt`;
  return taken?.attempt ?? null;
}
