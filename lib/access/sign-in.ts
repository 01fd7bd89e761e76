import { z } from "zod";
import { transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { attemptSucceeded, countAttempt } from "./attempts.ts";
import { hashPassword, verifyPassword } from "./passwords.ts";
import { defaultPreferences, type Preferences } from "./preferences-schema.ts";

const credentialsSchema = z.object({ email: z.string().max(320), password: z.string().max(1_000) });

// Verified when no such user exists, so that the answer takes as long and tells nothing.
let decoy: Promise<string> | undefined;

/** A person as the session knows them. */
export interface SignedInUser {
  id: number;
  email: string;
  name: string;
  /** Sessions made with another version have ended. */
  session_version: number;
}

/** A person as pages know them. */
export interface CurrentUser extends SignedInUser {
  /** They still use the password that was made for them from the command line. */
  password_is_initial: boolean;
  preferences: Preferences;
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

/**
 * The person behind a session, as they are now.
 * @returns null when there is no such person any more, they are disabled, or the session has ended
 */
export async function currentUser(session: {
  user_id: number;
  version: number;
}): Promise<CurrentUser | null> {
  const [user] = await transaction(
    { as: "account", user_id: session.user_id },
    (db) => db.$queryRaw<
      (SignedInUser & { password_is_initial: boolean } & {
        [name in keyof Preferences]: Preferences[name] | null;
      })[]
    >`
      SELECT u.id, u.email, u.name, u.session_version, u.password_is_initial,
             p.time_zone, p.shortcuts_enabled, p.muted_notifications
      FROM users u LEFT JOIN user_preferences p ON p.user_id = u.id
      WHERE u.id = ${session.user_id} AND u.session_version = ${session.version} AND u.disabled_at IS NULL`,
    { readOnly: true },
  );
  if (!user) return null;
  const { time_zone, shortcuts_enabled, muted_notifications, ...person } = user;
  return {
    ...person,
    preferences: {
      time_zone,
      shortcuts_enabled: shortcuts_enabled ?? defaultPreferences.shortcuts_enabled,
      muted_notifications: muted_notifications ?? defaultPreferences.muted_notifications,
    },
  };
}

/** What somebody is told who wants anything before they have chosen a password that nobody else has seen. */
export function mustChangePassword(): AppError {
  return new AppError("FORBIDDEN", "Choose a password of your own first, on the page Profile.");
}
