import { z } from "zod";
import { afterwards, recordSecurityEvent, strangers } from "#lib/audit/security";
import { transaction } from "#lib/db/transaction";
import { env } from "#lib/env";
import { AppError } from "#lib/errors";
import { initialPasswordDays } from "#lib/limits";
import { attemptSucceeded, countAttempt } from "./attempts.ts";
import { hashPassword, isOutdated, verifyPassword } from "./passwords.ts";

const credentialsSchema = z.object({ email: z.string().max(320), password: z.string().max(1_000) });

// Verified when no such user exists, so that the answer takes as long and tells nothing.
let decoy: Promise<string> | undefined;

/** A person who has proven who they are. */
export const signedInUserView = z.strictObject({
  id: z.int(),
  email: z.string(),
  name: z.string(),
  session_version: z
    .int()
    .meta({ description: "Raised when all their sessions end: a proof from before that begins no session" }),
});
export type SignedInUser = z.infer<typeof signedInUserView>;

/**
 * The user with this email and password, or null. Wrong password, unknown address and disabled user are the
 * same answer.
 * @param client the client's IP address; null when it is not known
 * @throws AppError TOO_MANY_ATTEMPTS after ten failures within 15 minutes for one address and network; FORBIDDEN when the
 * password is right, but was made for them so long ago that it has lapsed, or passwords are switched off for them
 */
export async function signIn(raw: unknown, client: string | null = null): Promise<SignedInUser | null> {
  const parsed = credentialsSchema.safeParse(raw);
  if (!parsed.success) return null;
  const email = parsed.data.email.trim().toLowerCase();
  const attempt = await countAttempt({ email, client }).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "TOO_MANY_ATTEMPTS")
      afterwards(() => refused(email, "delayed", client));
    throw error;
  });
  const [user] = await transaction(
    { as: "identity" },
    (db) => db.$queryRaw<
      (SignedInUser & { password_hash: string; is_disabled: boolean; has_lapsed: boolean })[]
    >`
      SELECT id, email, name, session_version, password_hash, disabled_at IS NOT NULL AS is_disabled,
             password_is_initial AND password_set_at <= now() - ${initialPasswordDays} * interval '1 day' AS has_lapsed
      FROM users WHERE email = ${email}`,
    { readOnly: true },
  );
  decoy ??= hashPassword("nobody has this password");
  const matches = await verifyPassword(user?.password_hash ?? (await decoy), parsed.data.password);
  if (!user || !matches || user.is_disabled) {
    afterwards(() => refused(email, "failed", client));
    return null;
  }
  // Only now: which accounts may use a password even so, nobody learns by asking.
  if (!maySignInByPassword(user.email)) throw passwordsAreOff();
  if (user.has_lapsed) throw hasLapsed();
  await attemptSucceeded(attempt);
  if (isOutdated(user.password_hash)) await rehash(user, parsed.data.password);
  return { id: user.id, email: user.email, name: user.name, session_version: user.session_version };
}

/** Whether the settings let an account sign in with a password. */
function maySignInByPassword(email: string): boolean {
  const { LOCAL_PASSWORDS, BREAK_GLASS_EMAILS } = env();
  return LOCAL_PASSWORDS === "on" || BREAK_GLASS_EMAILS.includes(email);
}

/** What somebody is told who has a password where none are used. */
export function passwordsAreOff(): AppError {
  return new AppError("FORBIDDEN", "Passwords are switched off here. Sign in with Microsoft.");
}

/** Only now is the password in clear that today's parameters want. */
async function rehash(user: { id: number; password_hash: string }, password: string): Promise<void> {
  const password_hash = await hashPassword(password);
  await transaction(
    { as: "account", user_id: user.id },
    (db) => db.$executeRaw`
      UPDATE users SET password_hash = ${password_hash}
      WHERE id = ${user.id} AND password_hash = ${user.password_hash}`,
  );
}

function hasLapsed(): AppError {
  return new AppError(
    "FORBIDDEN",
    `The password that was made for you works for ${initialPasswordDays} days, and these are over. Ask whoever gave it to you for another way in.`,
  );
}

/** Notes a refusal, after the answer: known or unknown, it takes the same time. What was typed as an address is not kept. */
async function refused(email: string, how: "failed" | "delayed", client: string | null): Promise<void> {
  const [person] = await transaction(
    { as: "identity" },
    (db) => db.$queryRaw<{ id: number }[]>`SELECT id FROM users WHERE email = ${email}`,
    { readOnly: true },
  ).catch(() => []);
  await recordSecurityEvent(
    person
      ? {
          action: `sign_in.${how}`,
          in: { person: person.id },
          by: null,
          target: { kind: "user", id: person.id },
        }
      : { action: "sign_in.unknown", in: "platform", by: null, distinct: strangers(client) },
    client,
  );
}

/** What somebody is told who wants anything before they have chosen a password that nobody else has seen. */
export function mustChangePassword(): AppError {
  return new AppError("FORBIDDEN", "Choose a password of your own first, on the page Profile.");
}
