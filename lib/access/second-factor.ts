import { z } from "zod";
import { writeAuditEntries } from "#lib/audit/write";
import { type Tx, transaction } from "#lib/db/transaction";
import { AppError, fieldError } from "#lib/errors";
import { secondFactorSetUpMinutes } from "#lib/limits";
import { notifyAccess } from "#lib/live/notify";
import { ownOperation } from "#lib/operation";
import type { Actor } from "./actor.ts";
import { codeSucceeded, countCode } from "./attempts.ts";
import { type ConfirmedPerson, confirmPassword } from "./confirm-password.ts";
import { qrCode, qrCodeView } from "./qr-code.ts";
import { hashRecoveryCode, newRecoveryCodes } from "./recovery-codes.ts";
import { type SecondFactorView, secondFactorView } from "./second-factor-view.ts";
import { acceptAppCode, acceptCode, sealSecret } from "./second-step.ts";
import { endSessionsOf, type SessionProof } from "./sessions.ts";
import { refusedCode } from "./sign-in.ts";
import { firstDutyOf, isSecondFactorRequired, usesPassword } from "./sign-in-rules.ts";
import { keyUri, newSecret } from "./totp.ts";

const password = z.string().min(1, "must not be empty").max(1_000, "must be at most 1000 characters");
const code = z.string().trim().min(1, "must not be empty").max(100, "must be at most 100 characters");
const recoveryCodes = z.strictObject({
  recovery_codes: z.array(z.string()).meta({ description: "Each works once. They are not shown again" }),
});

type User = Extract<Actor, { kind: "user" }>;

/** A person's own two-step sign-in: whether it is on, and how many recovery codes are left. */
export const getMySecondFactor = ownOperation({
  name: "second_factor.get_own",
  actors: ["user"],
  input: z.strictObject({}),
  output: secondFactorView,
  async run({ user_id, session }): Promise<SecondFactorView> {
    const [found] = await transaction(
      { as: "account", user_id },
      (db) => db.$queryRaw<
        { is_platform_admin: boolean; since: Date | null; left: number; proof: SessionProof | null }[]
      >`
        SELECT u.is_platform_admin, f.confirmed_at AS since,
               (SELECT count(*)::int FROM recovery_codes r WHERE r.user_id = u.id) AS left,
               (SELECT s.proof FROM sessions s WHERE s.user_id = u.id AND s.id = ${session?.id ?? null}::int) AS proof
        FROM users u LEFT JOIN second_factors f ON f.user_id = u.id WHERE u.id = ${user_id}`,
      { readOnly: true },
    );
    const without = { password_is_initial: false, has_second_factor: false };
    return {
      since: found?.since?.toISOString() ?? null,
      recovery_codes_left: found?.left ?? 0,
      is_required: found !== undefined && isSecondFactorRequired(found),
      comes_first:
        found !== undefined && firstDutyOf({ ...found, ...without, proof: found.proof ?? "" }) !== null,
    };
  },
});

/**
 * Begins to set up two-step sign-in: makes the secret for the authenticator app, in place of one that was begun before.
 * Nothing changes until a code of the app confirms it (`confirmSecondFactor`).
 * @throws AppError as `confirmPassword`; FORBIDDEN when the person does not sign in with a password; CONFLICT when it is on
 */
export const beginSecondFactor = ownOperation({
  name: "second_factor.begin",
  actors: ["user"],
  input: z.strictObject({ password }),
  output: z.strictObject({ secret: z.string(), qr_code: qrCodeView }),
  async run(actor, input) {
    const person = await confirmPassword(actor, input.password, "password");
    const secret = newSecret();
    await transaction({ as: "account", user_id: person.id }, async (db) => {
      const [account] = await db.$queryRaw<{ email: string; has_password: boolean }[]>`
        SELECT email, has_password FROM users WHERE id = ${person.id}`;
      if (!account || !usesPassword(account))
        throw new AppError("FORBIDDEN", "You sign in with Microsoft, which asks for the second step.");
      const begun = await db.$executeRaw`
        INSERT INTO second_factors AS f (user_id, secret_ciphertext) VALUES (${person.id}, ${sealSecret(secret, person.id)})
        ON CONFLICT (user_id) DO UPDATE
          SET secret_ciphertext = excluded.secret_ciphertext, last_step = 0, begun_at = now()
        WHERE f.confirmed_at IS NULL`;
      if (begun === 0) throw new AppError("CONFLICT", "Two-step sign-in is on already.");
    });
    return { secret, qr_code: qrCode(keyUri(secret, person.email)) };
  },
});

/**
 * Turns two-step sign-in on, with a first code of the authenticator app. The person's other sessions end, and what is
 * about to be one: they began without.
 * @returns the recovery codes, this once
 * @throws AppError VALIDATION_FAILED at `code`; CONFLICT when nothing was begun within the last minutes
 */
export const confirmSecondFactor = ownOperation({
  name: "second_factor.confirm",
  actors: ["user"],
  input: z.strictObject({ code }),
  output: recoveryCodes,
  async run({ user_id, session }, input) {
    return transaction({ as: "account", user_id }, async (db) => {
      const [begun] = await db.$queryRaw<unknown[]>`
        SELECT 1 FROM second_factors
        WHERE user_id = ${user_id} AND confirmed_at IS NULL
          AND begun_at > now() - ${secondFactorSetUpMinutes} * interval '1 minute' FOR UPDATE`;
      if (!begun)
        throw new AppError(
          "CONFLICT",
          "This took too long, or it was begun anew elsewhere. Begin once more.",
        );
      if (!(await acceptAppCode(db, user_id, input.code.replaceAll(/\s/g, ""), "begun")))
        throw fieldError("code", "is not the code that the app shows now; check the clock of your phone");
      await db.$executeRaw`UPDATE second_factors SET confirmed_at = now() WHERE user_id = ${user_id}`;
      await endSessionsOf(db, user_id, "second_factor_changed", session?.id);
      await note(db, user_id, "member.second_factor_added");
      return { recovery_codes: await replaceRecoveryCodes(db, user_id) };
    });
  },
});

/**
 * Makes new recovery codes in place of those that are left.
 * @returns the codes, this once
 * @throws AppError as `confirmPassword`; VALIDATION_FAILED at `code`; CONFLICT when two-step sign-in is off
 */
export const makeRecoveryCodes = ownOperation({
  name: "second_factor.make_recovery_codes",
  actors: ["user"],
  input: z.strictObject({ password, code }),
  output: recoveryCodes,
  async run(actor, input) {
    return withBothSteps(actor, input, async (db, { id }) => {
      await note(db, id, "member.recovery_codes_made");
      return { recovery_codes: await replaceRecoveryCodes(db, id) };
    });
  },
});

/**
 * Turns two-step sign-in off. The recovery codes go with it. Where the settings require it, that is the way to another
 * phone: who signed in with a password sets it up anew before anything else (`firstDutyOf`), and who came by Microsoft when
 * they choose.
 * @throws AppError as `makeRecoveryCodes`
 */
export const removeSecondFactor = ownOperation({
  name: "second_factor.remove_own",
  actors: ["user"],
  input: z.strictObject({ password, code }),
  output: z.void(),
  async run(actor, input) {
    await withBothSteps(actor, input, async (db, { id }) => {
      await db.$executeRaw`DELETE FROM second_factors WHERE user_id = ${id}`;
      await note(db, id, "member.second_factor_removed");
      // Their sessions go on; where the second step is required, nothing but its set-up goes on in them.
      await notifyAccess(db, { access_of: { user_id: id } });
    });
  },
});

/** Does what decides who gets in later, for a person who has just shown both steps. Wrong codes count with those of sign-ins. */
async function withBothSteps<T>(
  actor: User,
  input: { password: string; code: string },
  work: (db: Tx, person: ConfirmedPerson) => Promise<T>,
): Promise<T> {
  const person = await confirmPassword(actor, input.password, "password");
  const client = actor.session?.client ?? null;
  const counted = await countCode({ user_id: person.id, email: person.email, client });
  const { result } = await transaction({ as: "account", user_id: person.id }, async (db) => {
    const [factor] = await db.$queryRaw<unknown[]>`
      SELECT 1 FROM second_factors WHERE user_id = ${person.id} AND confirmed_at IS NOT NULL`;
    if (!factor) throw new AppError("CONFLICT", "Two-step sign-in is off already.");
    if (!(await acceptCode(db, person.id, input.code))) return { result: null };
    return { result: { done: await work(db, person) } };
  });
  if (!result) {
    refusedCode(person.id, "failed", client);
    throw fieldError("code", "is not right, or was used already");
  }
  await codeSucceeded(counted);
  return result.done;
}

async function replaceRecoveryCodes(db: Tx, userId: number): Promise<string[]> {
  const codes = newRecoveryCodes();
  await db.$executeRaw`DELETE FROM recovery_codes WHERE user_id = ${userId}`;
  await db.$executeRaw`
    INSERT INTO recovery_codes (user_id, code_hash) SELECT ${userId}, unnest(${codes.map(hashRecoveryCode)}::text[])`;
  return codes;
}

/** In the log of each of the person's tenants, or the platform's when they have none. */
async function note(
  db: Tx,
  userId: number,
  action: "member.second_factor_added" | "member.second_factor_removed" | "member.recovery_codes_made",
): Promise<void> {
  const logs = await db.$queryRaw<{ tenant_id: number | null; name: string }[]>`
    SELECT m.tenant_id, u.name FROM users u LEFT JOIN memberships m ON m.user_id = u.id WHERE u.id = ${userId}`;
  for (const { tenant_id, name } of logs)
    await writeAuditEntries(db, tenant_id, { kind: "user", id: userId, name }, [
      { action, target: { kind: "user", id: userId } },
    ]);
}
