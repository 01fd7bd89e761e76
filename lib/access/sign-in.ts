import { z } from "zod";
import { transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { attemptSucceeded, countAttempt } from "./attempts.ts";
import { hashPassword, verifyPassword } from "./passwords.ts";

const credentialsSchema = z.object({ email: z.string().max(320), password: z.string().max(1_000) });

// Verified when no such user exists, so that the answer takes as long and tells nothing.
let decoy: Promise<string> | undefined;

/** A person who has proven who they are. */
export interface SignedInUser {
  id: number;
  email: string;
  name: string;
  /** Raised when all their sessions end: a proof from before that begins no session. */
  session_version: number;
}

/**
 * The user with this email and password, or null. Wrong password, unknown address and disabled user are the
 * same answer.
 * @param client the client's IP address; null when it is not known
 * @throws AppError TOO_MANY_ATTEMPTS after ten failures within 15 minutes for one address and network
 */
export async function signIn(raw: unknown, client: string | null = null): Promise<SignedInUser | null> {
  const parsed = credentialsSchema.safeParse(raw);
  if (!parsed.success) return null;
  const email = parsed.data.email.trim().toLowerCase();
  const attempt = await countAttempt({ email, client });
  const [user] = await transaction(
    { as: "identity" },
    (db) => db.$queryRaw<(SignedInUser & { password_hash: string; is_disabled: boolean })[]>`
      SELECT id, email, name, session_version, password_hash, disabled_at IS NOT NULL AS is_disabled
      FROM users WHERE email = ${email}`,
    { readOnly: true },
  );
  decoy ??= hashPassword("nobody has this password");
  const matches = await verifyPassword(user?.password_hash ?? (await decoy), parsed.data.password);
  if (!user || !matches || user.is_disabled) return null;
  await attemptSucceeded(attempt);
  return { id: user.id, email: user.email, name: user.name, session_version: user.session_version };
}

/** What somebody is told who wants anything before they have chosen a password that nobody else has seen. */
export function mustChangePassword(): AppError {
  return new AppError("FORBIDDEN", "Choose a password of your own first, on the page Profile.");
}
