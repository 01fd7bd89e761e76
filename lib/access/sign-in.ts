import { z } from "zod";
import { transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { hashPassword, verifyPassword } from "./passwords.ts";

const credentialsSchema = z.object({ email: z.string().max(320), password: z.string().max(1_000) });

/** Failed attempts after which an address has to wait, and for how long, in one process. */
const maxFailures = 10;
const windowMs = 15 * 60_000;
const failures = new Map<string, { count: number; since: number }>();

// Verified when no such user exists, so that the answer takes as long and tells nothing.
let decoy: Promise<string> | undefined;

/** A person as the session knows them. */
export interface SignedInUser {
  id: number;
  email: string;
  name: string;
}

/**
 * The user with this email and password, or null. Wrong password, unknown address and disabled user are the
 * same answer.
 * @throws AppError TOO_MANY_ATTEMPTS after ten failures within 15 minutes for one address.
 */
export async function signIn(raw: unknown, now = Date.now()): Promise<SignedInUser | null> {
  const parsed = credentialsSchema.safeParse(raw);
  if (!parsed.success) return null;
  const email = parsed.data.email.trim().toLowerCase();
  const past = failures.get(email);
  if (past && now - past.since < windowMs && past.count >= maxFailures) {
    throw new AppError("TOO_MANY_ATTEMPTS", "Too many failed attempts. Try again in 15 minutes.");
  }
  const user = await transaction({ as: "identity" }, (db) => db.user.findUnique({ where: { email } }), {
    readOnly: true,
  });
  decoy ??= hashPassword("nobody has this password");
  const matches = await verifyPassword(user?.password_hash ?? (await decoy), parsed.data.password);
  if (!user || !matches || user.disabled_at) {
    const fresh = past && now - past.since < windowMs ? past : { count: 0, since: now };
    failures.set(email, { ...fresh, count: fresh.count + 1 });
    if (failures.size > 10_000) failures.delete(failures.keys().next().value ?? "");
    return null;
  }
  failures.delete(email);
  return { id: user.id, email: user.email, name: user.name };
}

/** Whether a session's user still exists and is not disabled. @returns the user as they are now, or null */
export async function currentUser(userId: number): Promise<SignedInUser | null> {
  const user = await transaction({ as: "identity" }, (db) => db.user.findUnique({ where: { id: userId } }), {
    readOnly: true,
  });
  return user && !user.disabled_at ? { id: user.id, email: user.email, name: user.name } : null;
}
