import type { Tx } from "#lib/db/transaction";
import { log } from "#lib/log";
import { isSealedWithCurrentKey, openCredential, sealCredential } from "#lib/sealed-credential";
import { hashRecoveryCode } from "./recovery-codes.ts";
import { stepOf } from "./totp.ts";

const field = "second_factor.secret";

/** The stored form of an authenticator app's secret, which opens for this person alone. */
export function sealSecret(secret: string, userId: number): Uint8Array<ArrayBuffer> {
  return sealCredential(secret, userId, field);
}

/**
 * The same secret under the current key.
 * @returns null when it is encrypted with that key already
 * @throws Error when none of the keys opens it
 */
export function resealSecret(sealed: Uint8Array, userId: number): Uint8Array<ArrayBuffer> | null {
  if (isSealedWithCurrentKey(sealed)) return null;
  return sealSecret(openCredential(sealed, userId, field), userId);
}

/**
 * Accepts a code of a person's authenticator app, or a recovery code, in a transaction of `account` that is bound to them.
 * Each works once: of two at the same time, one wins.
 * @param typed as the person typed it
 * @returns what it was; null when it is wrong, was used already, or is not of now
 */
export async function acceptCode(
  db: Tx,
  userId: number,
  typed: string,
): Promise<"code" | "recovery_code" | null> {
  const code = typed.replaceAll(/\s/g, "");
  if (/^\d+$/.test(code)) return (await acceptAppCode(db, userId, code, "confirmed")) ? "code" : null;
  const used = await db.$executeRaw`
    DELETE FROM recovery_codes r USING second_factors f
    WHERE r.user_id = ${userId} AND r.code_hash = ${hashRecoveryCode(typed)}
      AND f.user_id = r.user_id AND f.confirmed_at IS NOT NULL`;
  return used > 0 ? "recovery_code" : null;
}

/**
 * Accepts a code of a person's authenticator app, by the clock of the database.
 * @param which the app that is in use, or one that is being set up
 */
export async function acceptAppCode(
  db: Tx,
  userId: number,
  code: string,
  which: "confirmed" | "begun",
): Promise<boolean> {
  const [factor] = await db.$queryRaw<{ secret_ciphertext: Uint8Array; now: Date }[]>`
    SELECT secret_ciphertext, now() FROM second_factors
    WHERE user_id = ${userId} AND (confirmed_at IS NOT NULL) = ${which === "confirmed"}`;
  if (!factor) return false;
  const step = stepOf(code, openSecret(factor.secret_ciphertext, userId), factor.now.getTime());
  if (step === null) return false;
  // A step that was used does not come again, nor one before it (RFC 6238, section 5.2).
  const accepted = await db.$executeRaw`
    UPDATE second_factors SET last_step = ${step} WHERE user_id = ${userId} AND last_step < ${step}`;
  return accepted > 0;
}

/** @throws Error when none of the keys opens it: an administrator then removes the second step, or finds the key */
function openSecret(sealed: Uint8Array, userId: number): string {
  try {
    return openCredential(sealed, userId, field);
  } catch (error) {
    log.error({ err: error, user_id: userId }, "the secret of an authenticator app cannot be opened");
    throw error;
  }
}
