import { initialPassword } from "#lib/access/initial-password";
import { hashPassword } from "#lib/access/passwords";
import { type Tx, takeRole } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { operation } from "#lib/operation";
import { memberAddSchema } from "./member-schema.ts";

/** Who was added, and with which password they sign in for the first time. */
export interface AddedMember {
  user_id: number;
  name: string;
  email: string;
  /** In clear, this once; null for someone who had an account already. */
  initial_password: string | null;
}

/**
 * Adds a person to the tenant. Someone with an account becomes a member with the password they have; for someone
 * without, an account is made with a password that they have to change at their first sign-in.
 * @throws AppError VALIDATION_FAILED; CONFLICT for a member already, or an account that is disabled
 */
export const addMember = operation({
  name: "member.add",
  permission: "member:write",
  effect: "write",
  input: memberAddSchema,
  async run({ db, tenant, audit }, { email, name, role }): Promise<AddedMember> {
    const password = initialPassword();
    const person = await findOrMakeUser(db, email, name, password);
    if (person.is_disabled) throw new AppError("CONFLICT", "The account of this person is disabled.");
    if (await db.membership.findFirst({ where: { user_id: person.id } })) {
      throw new AppError("CONFLICT", `${person.name} is a member already.`);
    }
    await db.membership.create({ data: { tenant_id: tenant.id, user_id: person.id, role } });
    audit({
      action: "member.added",
      target: { kind: "user", id: person.id },
      details: { email, role, new_account: person.is_new },
    });
    return {
      user_id: person.id,
      name: person.name,
      email,
      initial_password: person.is_new ? password : null,
    };
  },
});

/**
 * People belong to no tenant: for these two statements the transaction takes the role that may look among all. What
 * throws here ends the transaction, and the role with it.
 */
async function findOrMakeUser(
  db: Tx,
  email: string,
  name: string,
  password: string,
): Promise<{ id: number; name: string; is_disabled: boolean; is_new: boolean }> {
  await takeRole(db, "identity");
  const [known] = await db.$queryRaw<{ id: number; name: string; is_disabled: boolean }[]>`
    SELECT id, name, disabled_at IS NOT NULL AS is_disabled FROM users WHERE email = ${email}`;
  const person = known ? { ...known, is_new: false } : await makeUser(db, email, name, password);
  await takeRole(db, "app");
  return person;
}

async function makeUser(db: Tx, email: string, name: string, password: string) {
  if (!name) {
    const message = "is needed: nobody has an account with this address yet";
    throw new AppError("VALIDATION_FAILED", `name: ${message}`, { errors: [{ path: "name", message }] });
  }
  const [made] = await db.$queryRaw<{ id: number }[]>`
    INSERT INTO users (email, name, password_hash, password_is_initial)
    VALUES (${email}, ${name}, ${await hashPassword(password)}, true)
    ON CONFLICT (email) DO NOTHING RETURNING id`;
  if (!made) throw new AppError("CONFLICT", "Someone else just made this account. Try again.");
  return { id: made.id, name, is_disabled: false, is_new: true };
}
