import { z } from "zod";
import { afterwards, recordSecurityEvent, strangers } from "#lib/audit/security";
import { transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { initialPasswordDays } from "#lib/limits";
import { isStorableText } from "#lib/storable-text";
import {
  attemptSucceeded,
  type CountedAttempt,
  codeSucceeded,
  countAttempt,
  countCode,
  TooManyAttempts,
} from "./attempts.ts";
import { hashPassword, isOutdated, verifyPassword } from "./passwords.ts";
import { findPendingSignIn, keepPendingSignIn, takePendingSignIn } from "./pending-sign-ins.ts";
import { acceptCode } from "./second-step.ts";
import { ofPerson } from "./sessions.ts";
import { maySignInByPassword } from "./sign-in-rules.ts";

const credentialsSchema = z.object({
  // What no text can hold is nobody's address.
  email: z.string().max(320).refine(isStorableText),
  password: z.string().max(1_000),
  code: z.string().max(100).optional(),
});

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

/** What a program is told that signs somebody in whose account asks for a code as well. */
export class CodeRequired extends AppError {
  constructor() {
    super("UNAUTHENTICATED", "This account asks for a code, too.");
  }
}

/**
 * The user with this email and password, and the code of their second step where they have one, or null. Wrong password,
 * unknown address, disabled user and wrong code are the same answer.
 * @param client the client's IP address; null when it is not known
 * @throws AppError TOO_MANY_ATTEMPTS after ten failures within 15 minutes for one address and network; FORBIDDEN when the
 * password is right, but was made for them so long ago that it has lapsed, or passwords are switched off for them
 * @throws CodeRequired when the password is right, and there is no code
 */
export async function signIn(raw: unknown, client: string | null = null): Promise<SignedInUser | null> {
  const begun = await beginSignIn(raw, client);
  if (!begun || "person" in begun) return begun?.person ?? null;
  const { code } = credentialsSchema.parse(raw);
  if (!code) throw new CodeRequired();
  return finishSignIn(begun.pending, code, client);
}

/**
 * The first step, and for most accounts the only one: email and password.
 * @returns the person; or, where a code is asked for, what `finishSignIn` wants with it, once and within a few minutes. Null
 * for a wrong password, an unknown address and a disabled user
 * @throws AppError as `signIn`
 */
export async function beginSignIn(
  raw: unknown,
  client: string | null,
): Promise<{ person: SignedInUser } | { pending: string } | null> {
  const proven = await provePassword(raw, client);
  if (!proven) return null;
  const { person, attempt, has_second_factor } = proven;
  // The attempt stays counted until the code is right: the password alone gives nobody new tries.
  if (has_second_factor) return { pending: await keepPendingSignIn(person, attempt) };
  await attemptSucceeded(attempt);
  return { person };
}

/**
 * The second step: a code of the authenticator app, or a recovery code.
 * @param pending what the first step gave
 * @returns null when the code is wrong, or was used already
 * @throws AppError UNAUTHENTICATED when the first step was too long ago, was used, or counts no more; TOO_MANY_ATTEMPTS
 */
export async function finishSignIn(
  pending: string,
  typed: string,
  client: string | null,
): Promise<SignedInUser | null> {
  const person = await findPendingSignIn(pending);
  if (!person) throw pendingIsOver();
  const { id, email } = person;
  const counted = await countCode({ user_id: id, email, client }).catch((error: unknown) => {
    if (error instanceof TooManyAttempts) refusedCode(id, "delayed", client);
    throw error;
  });
  const accepted = await transaction({ as: "account", user_id: id }, async (db) => {
    const kind = await acceptCode(db, id, typed);
    if (!kind) return null;
    const attempt = await takePendingSignIn(db, pending);
    // With the transaction the code's use is taken back, too.
    if (!attempt) throw pendingIsOver();
    return { kind, attempt };
  });
  if (!accepted) {
    refusedCode(id, "failed", client);
    return null;
  }
  await codeSucceeded(counted);
  await attemptSucceeded(accepted.attempt);
  if (accepted.kind === "recovery_code")
    await recordSecurityEvent({ action: "sign_in.recovery_code_used", ...ofPerson(id) }, client);
  return person;
}

/** Notes, after the answer, that a code was refused, or that there were too many. */
export function refusedCode(userId: number, how: "failed" | "delayed", client: string | null): void {
  const action = how === "failed" ? "sign_in.code_failed" : "sign_in.delayed";
  const target = { kind: "user", id: userId } as const;
  afterwards(() => recordSecurityEvent({ action, in: { person: userId }, by: null, target }, client));
}

function pendingIsOver(): AppError {
  return new AppError("UNAUTHENTICATED", "This took too long. Enter your email and password again.");
}

/** Email and password, counted. @returns null unless they are right @throws AppError as `signIn` */
async function provePassword(
  raw: unknown,
  client: string | null,
): Promise<{ person: SignedInUser; attempt: CountedAttempt; has_second_factor: boolean } | null> {
  const parsed = credentialsSchema.safeParse(raw);
  if (!parsed.success) return null;
  const email = parsed.data.email.trim().toLowerCase();
  const attempt = await countAttempt({ email, client }).catch((error: unknown) => {
    if (error instanceof TooManyAttempts && error.isAboutPerson)
      afterwards(() => refused(email, "delayed", client));
    throw error;
  });
  const [user] = await transaction(
    { as: "identity" },
    (db) => db.$queryRaw<
      (SignedInUser & {
        password_hash: string;
        is_disabled: boolean;
        has_lapsed: boolean;
        has_second_factor: boolean;
      })[]
    >`
      SELECT id, email, name, session_version, password_hash, disabled_at IS NOT NULL AS is_disabled,
             password_is_initial AND password_set_at <= now() - ${initialPasswordDays} * interval '1 day' AS has_lapsed,
             EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = users.id AND f.confirmed_at IS NOT NULL)
               AS has_second_factor
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
  const reason = !maySignInByPassword(user.email) ? "passwords_off" : user.has_lapsed ? "lapsed" : null;
  if (reason) {
    const { id } = user;
    const event = { in: { person: id }, by: null, target: { kind: "user", id }, distinct: reason } as const;
    await recordSecurityEvent({ action: "sign_in.refused", ...event, details: { reason } }, client);
    throw reason === "lapsed" ? hasLapsed() : passwordsAreOff();
  }
  if (isOutdated(user.password_hash)) await rehash(user, parsed.data.password);
  const { id, name, session_version, has_second_factor } = user;
  return { person: { id, email: user.email, name, session_version }, attempt, has_second_factor };
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
