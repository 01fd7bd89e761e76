import { recordSecurityEvent } from "#lib/audit/security";
import { transaction } from "#lib/db/transaction";
import { AppError, fieldError } from "#lib/errors";
import type { Actor } from "./actor.ts";
import { attemptSucceeded, countAttempt, TooManyAttempts } from "./attempts.ts";
import { verifyPassword } from "./passwords.ts";
import { ofPerson } from "./sessions.ts";

/** A person whose password was just asked for again. */
export interface ConfirmedPerson {
  id: number;
  email: string;
  name: string;
  password_hash: string;
  session_version: number;
}

/**
 * Asks a person who is signed in for their password again, before what decides who gets in later. Wrong ones count with
 * failed sign-ins.
 * @param field names the input in what is thrown
 * @throws AppError VALIDATION_FAILED at `field`; TOO_MANY_ATTEMPTS; UNAUTHENTICATED when the account is disabled
 */
export async function confirmPassword(
  { user_id, session }: Extract<Actor, { kind: "user" }>,
  password: string,
  field: string,
): Promise<ConfirmedPerson> {
  const [user] = await transaction(
    { as: "account", user_id },
    (db) => db.$queryRaw<ConfirmedPerson[]>`
      SELECT id, email, name, password_hash, session_version FROM users WHERE id = ${user_id} AND disabled_at IS NULL`,
    { readOnly: true },
  );
  if (!user) throw new AppError("UNAUTHENTICATED", "Your session has ended. Sign in again.");
  const client = session?.client ?? null;
  const attempt = await countAttempt({ email: user.email, client, isSignedIn: true }).catch(
    async (error: unknown) => {
      if (error instanceof TooManyAttempts && error.isAboutPerson)
        await recordSecurityEvent({ action: "sign_in.delayed", ...ofPerson(user_id), by: null }, client);
      throw error;
    },
  );
  if (!(await verifyPassword(user.password_hash, password))) {
    await recordSecurityEvent({ action: "password.refused", ...ofPerson(user_id) }, client);
    throw fieldError(field, "is not your current password");
  }
  await attemptSucceeded(attempt);
  return user;
}
