import type { AuditAction } from "#lib/audit/actions";
import { takeRole, transaction } from "#lib/db/transaction";
import { AppError, fieldError } from "#lib/errors";
import { ownOperation } from "#lib/operation";
import { confirmPassword } from "./confirm-password.ts";
import { newPasswordFault } from "./new-password.ts";
import { passwordChangeSchema } from "./password-rules.ts";
import { hashPassword } from "./passwords.ts";
import { endSessionsOf } from "./sessions.ts";
import { signedInUserView } from "./sign-in.ts";

/**
 * Changes a person's own password. All their sessions end, the one that asks as well, and their open event streams with
 * them; a browser then begins a new one. A link by which they could have chosen another ends, too. The audit log of each of
 * their tenants says so, or the platform's when they have none.
 * Wrong current passwords count with failed sign-ins.
 * @returns the person, for a new session
 * @throws AppError VALIDATION_FAILED at `current_password` or `new_password`; TOO_MANY_ATTEMPTS; CONFLICT when it was
 * changed elsewhere in the same moment
 */
export const changePassword = ownOperation({
  name: "password.change",
  actors: ["user"],
  input: passwordChangeSchema,
  output: signedInUserView,
  async run(actor, { current_password, new_password }) {
    const user = await confirmPassword(actor, current_password, "current_password");
    const userId = user.id;
    const fault =
      new_password === current_password
        ? "must differ from the current one"
        : await newPasswordFault(new_password, user);
    if (fault) throw fieldError("new_password", fault);
    const password_hash = await hashPassword(new_password);
    return transaction({ as: "account", user_id: userId }, async (db) => {
      // What was verified is what is replaced: of two changes at once, one wins and the other is told.
      const changed = await db.$executeRaw`
        UPDATE users SET password_hash = ${password_hash}, password_is_initial = false, password_set_at = now()
        WHERE id = ${userId} AND password_hash = ${user.password_hash}`;
      if (changed === 0) throw new AppError("CONFLICT", "Your password was just changed elsewhere.");
      const { session_version } = await endSessionsOf(db, userId, "password_changed");
      await db.$executeRaw`
        INSERT INTO audit_log (tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id)
        SELECT m.tenant_id, 'user', u.id, u.name, ${"member.password_changed" satisfies AuditAction}, 'user', u.id
        FROM users u LEFT JOIN memberships m ON m.user_id = u.id WHERE u.id = ${userId}`;
      // A link to choose another one was for whoever had lost the old one. Nobody but identity sees such links.
      await takeRole(db, "identity");
      await db.$executeRaw`DELETE FROM password_resets WHERE user_id = ${userId}`;
      return { id: userId, email: user.email, name: user.name, session_version };
    });
  },
});
