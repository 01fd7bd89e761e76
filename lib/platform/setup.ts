import { z } from "zod";
import { initialPassword } from "#lib/access/initial-password";
import { newPasswordFault } from "#lib/access/new-password";
import { hashPassword } from "#lib/access/passwords";
import { hashToken } from "#lib/access/secret-token";
import type { SignedInUser } from "#lib/access/sign-in";
import { makeDefaultTarget } from "#lib/alerts/defaults";
import { writeAuditEntries } from "#lib/audit/write";
import { type Tx, transaction } from "#lib/db/transaction";
import { AppError, fieldError } from "#lib/errors";
import { setupCodeHours } from "#lib/limits";
import { inviteSchema } from "#lib/members/invitation-schema";
import { nameSchema } from "#lib/name-schema";
import { parseInput } from "#lib/operation";

const setupSchema = z.strictObject({
  code: z.string().trim().toLowerCase().max(100, "must be at most 100 characters"),
  tenant: nameSchema,
  name: nameSchema,
  email: inviteSchema.shape.email,
  password: z.string().min(1, "must not be empty").max(1_000, "must be at most 1000 characters"),
});
export type Setup = z.input<typeof setupSchema>;

/** Whether nobody has an account yet. From the first one on it is never so again, since accounts are not deleted. */
export async function isEmpty(): Promise<boolean> {
  return transaction({ as: "identity" }, nobodyIsThere, { readOnly: true });
}

/**
 * A code for whoever makes the first account, as long as nobody has one. Every web process that starts says one of its own
 * in its log, and any of them answers to all of these: what is known of them is in the database, as hashes. A code has 79
 * random bits, and lapses.
 * @returns null when somebody has an account
 */
export async function newSetupCode(): Promise<string | null> {
  return transaction({ as: "identity" }, async (db) => {
    if (!(await nobodyIsThere(db))) return null;
    const code = initialPassword();
    await db.$executeRaw`DELETE FROM setup_codes WHERE expires_at <= now()`;
    await db.$executeRaw`
      INSERT INTO setup_codes (code_hash, expires_at)
      VALUES (${hashToken(code)}, now() + ${setupCodeHours} * interval '1 hour')`;
    return code;
  });
}

/**
 * Makes the first account, that of a platform administrator, and the first tenant, which they own.
 * @returns the person, for a session
 * @throws AppError NOT_FOUND when somebody has an account; VALIDATION_FAILED with the fields
 */
export async function setUp(raw: Setup): Promise<SignedInUser & { tenant_id: number }> {
  const { code, tenant, name, email, password } = parseInput(setupSchema, raw);
  // Before anything that takes time.
  await transaction({ as: "identity" }, (db) => requireCode(db, code));
  const fault = await newPasswordFault(password, { email, name });
  if (fault) throw fieldError("password", fault);
  const password_hash = await hashPassword(password);
  return transaction({ as: "identity" }, async (db) => {
    await requireCode(db, code);
    await db.$executeRaw`DELETE FROM setup_codes`;
    const person = await db.user.create({
      data: { email, name, password_hash, is_platform_admin: true },
      select: { id: true, session_version: true },
    });
    const { id: tenant_id } = await db.tenant.create({ data: { name: tenant }, select: { id: true } });
    await makeDefaultTarget(db, tenant_id);
    await db.membership.create({ data: { tenant_id, user_id: person.id, role: "owner" } });
    const by = { kind: "user", id: person.id, name };
    const created = {
      action: "tenant.created",
      target: { kind: "tenant", id: tenant_id },
      details: { name: tenant, members: [{ email, role: "owner" }] },
    } as const;
    await writeAuditEntries(db, tenant_id, by, [created]);
    await writeAuditEntries(db, null, by, [
      {
        action: "user.created",
        target: { kind: "user", id: person.id },
        details: { email, name, is_platform_admin: true },
      },
      created,
    ]);
    return { ...person, email, name, tenant_id };
  });
}

/** Locks all codes, in one order: of two who are first at once, the second finds that somebody is there. */
async function requireCode(db: Tx, code: string): Promise<void> {
  const codes = await db.$queryRaw<{ code_hash: string; is_valid: boolean }[]>`
    SELECT code_hash, expires_at > now() AS is_valid FROM setup_codes ORDER BY code_hash FOR UPDATE`;
  if (!(await nobodyIsThere(db))) throw new AppError("NOT_FOUND", "The first account has been made already.");
  const hash = hashToken(code);
  if (!codes.some(({ code_hash, is_valid }) => code_hash === hash && is_valid))
    throw fieldError(
      "code",
      "is not the one in the log of the web server; it lapses after a day, and another start says another",
    );
}

async function nobodyIsThere(db: Tx): Promise<boolean> {
  const [found] = await db.$queryRaw<unknown[]>`SELECT 1 FROM users LIMIT 1`;
  return found === undefined;
}
