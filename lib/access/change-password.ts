import type { AuditAction } from "#lib/audit/actions";
import { transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { parseInput } from "#lib/operation";
import { attemptSucceeded, countAttempt } from "./attempts.ts";
import { type PasswordChange, passwordChangeSchema, passwordFault } from "./password-rules.ts";
import { hashPassword, verifyPassword } from "./passwords.ts";
import type { SignedInUser } from "./sign-in.ts";

/**
 * Changes a person's own password. All their sessions end with the next request, and their open
 * event streams within a minute; the audit log of each of their tenants says so.
 * Wrong current passwords count with failed sign-ins.
 * @param client the client's IP address; null when it is not known
 * @returns the person with the version that a new session needs
 * @throws AppError VALIDATION_FAILED at `current_password` or `new_password`; TOO_MANY_ATTEMPTS; CONFLICT when it was
 * changed elsewhere in the same moment
 */
export async function changePassword(
  userId: number,
  raw: PasswordChange,
  client: string | null = null,
): Promise<SignedInUser> {
  const { current_password, new_password } = parseInput(passwordChangeSchema, raw);
  const [user] = await transaction(
    { as: "account", user_id: userId },
    (db) => db.$queryRaw<(SignedInUser & { password_hash: string })[]>`
      SELECT id, email, name, session_version, password_hash FROM users
      WHERE id = ${userId} AND disabled_at IS NULL`,
    { readOnly: true },
  );
  if (!user) throw new AppError("UNAUTHENTICATED", "Your session has ended. Sign in again.");
  const attempt = await countAttempt({ email: user.email, client, isSignedIn: true });
  if (!(await verifyPassword(user.password_hash, current_password)))
    throw refused("current_password", "is not your current password");
  await attemptSucceeded(attempt);
  const fault =
    new_password === current_password
      ? "must differ from the current one"
      : passwordFault(new_password, [user.email, user.name]);
  if (fault) throw refused("new_password", fault);
  const password_hash = await hashPassword(new_password);
  return transaction({ as: "account", user_id: userId }, async (db) => {
    // What was verified is what is replaced: of two changes at once, one wins and the other is told.
    const [changed] = await db.$queryRaw<{ session_version: number }[]>`
      UPDATE users SET password_hash = ${password_hash}, password_is_initial = false,
                       session_version = session_version + 1
      WHERE id = ${userId} AND password_hash = ${user.password_hash}
      RETURNING session_version`;
    if (!changed) throw new AppError("CONFLICT", "Your password was just changed elsewhere.");
    await db.$executeRaw`
      INSERT INTO audit_log (tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id)
      SELECT tenant_id, 'user', ${userId}, ${user.name}, ${"member.password_changed" satisfies AuditAction}, 'user', ${userId}
      FROM memberships WHERE user_id = ${userId}`;
    return { id: user.id, email: user.email, name: user.name, session_version: changed.session_version };
  });
}

function refused(path: keyof PasswordChange, message: string): AppError {
  return new AppError("VALIDATION_FAILED", `${path}: ${message}`, { errors: [{ path, message }] });
}
