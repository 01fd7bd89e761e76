import { newPasswordFault } from "#lib/access/new-password";
import { hashPassword } from "#lib/access/passwords";
import { hashToken } from "#lib/access/secret-token";
import { endSessionsOf } from "#lib/access/sessions";
import type { AuditEntryInput } from "#lib/audit/entry";
import { writeAuditEntries } from "#lib/audit/write";
import { type Tx, transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";

/** Whose password a link resets. */
export interface OpenReset {
  user_id: number;
  email: string;
  name: string;
  expires_at: Date;
}

/** The person behind a reset link; null when there is none, or it has expired, was used, or replaced by another. */
export function openReset(token: string): Promise<OpenReset | null> {
  return transaction({ as: "identity" }, (db) => find(db, token), { readOnly: true });
}

/**
 * Gives a person the password that they choose by a reset link, which ends with it, and so do all of their sessions. They
 * are not signed in by it, and a second step that was on stays on. The platform's log says so, and that of each of
 * their tenants.
 * @throws AppError NOT_FOUND when the link is not valid any more; VALIDATION_FAILED at `password`
 */
export async function resetPassword(token: string, password: string): Promise<{ email: string }> {
  const open = await openReset(token);
  if (!open) throw notValid();
  const fault = await newPasswordFault(password, open);
  if (fault)
    throw new AppError("VALIDATION_FAILED", `password: ${fault}`, {
      errors: [{ path: "password", message: fault }],
    });
  const password_hash = await hashPassword(password);
  return transaction({ as: "identity" }, async (db) => {
    // The account first, as whoever makes links does; of two who use the link at once, the second finds it used.
    await db.$queryRaw`SELECT 1 FROM users WHERE id = ${open.user_id} FOR NO KEY UPDATE`;
    const person = await find(db, token);
    if (!person) throw notValid();
    const { user_id: id, email, name } = person;
    await db.$executeRaw`DELETE FROM password_resets WHERE user_id = ${id}`;
    await db.$executeRaw`
      UPDATE users SET password_hash = ${password_hash}, password_is_initial = false, has_password = true,
                       password_set_at = now()
      WHERE id = ${id}`;
    await endSessionsOf(db, id, "password_changed");
    const entry: AuditEntryInput = { action: "member.password_reset", target: { kind: "user", id } };
    const tenants = await db.membership.findMany({ where: { user_id: id }, select: { tenant_id: true } });
    for (const log of [null, ...tenants.map(({ tenant_id }) => tenant_id)])
      await writeAuditEntries(db, log, { kind: "user", id, name }, [entry]);
    return { email };
  });
}

async function find(db: Tx, token: string): Promise<OpenReset | null> {
  const [found] = await db.$queryRaw<OpenReset[]>`
    SELECT r.user_id, u.email, u.name, r.expires_at FROM password_resets r JOIN users u ON u.id = r.user_id
    WHERE r.token_hash = ${hashToken(token)} AND r.expires_at > now() AND u.disabled_at IS NULL`;
  return found ?? null;
}

function notValid(): AppError {
  return new AppError("NOT_FOUND", "This link is not valid any more. Ask an administrator for another one.");
}
