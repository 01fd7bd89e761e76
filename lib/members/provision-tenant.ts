import { initialPassword } from "#lib/access/initial-password";
import { hashPassword } from "#lib/access/passwords";
import type { Role } from "#lib/access/permissions";
import { hashToken, newToken } from "#lib/access/secret-token";
import { makeDefaultTarget } from "#lib/alerts/defaults";
import type { AuditAction } from "#lib/audit/actions";
import { type Tx, transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { tokenLifetimeDays } from "#lib/limits";
import { writeInvitation } from "./invitations.ts";

export interface PersonToProvision {
  email: string;
  name: string;
  role: Role;
  /** In clear; used only if there is no user with this email yet. */
  password: string;
  /** They choose another password at their first sign-in. */
  password_is_initial?: boolean;
}

/**
 * Creates a tenant with its first members. There is no member yet who could ask for it, so this is for
 * scripts with the database's address, not for requests. A person whose email is known already becomes a
 * member with the password they have.
 * @returns the tenant's id, and the emails of those who are new and so have the given password
 */
export async function provisionTenant(
  name: string,
  people: readonly PersonToProvision[],
): Promise<{ tenant_id: number; new_users: string[] }> {
  const hashed = await withHashes(people);
  return transaction({ as: "identity" }, (db) => makeTenant(db, name, hashed));
}

function withHashes<P extends PersonToProvision>(
  people: readonly P[],
): Promise<(P & { password_hash: string })[]> {
  return Promise.all(
    people.map(async (person) => ({ ...person, password_hash: await hashPassword(person.password) })),
  );
}

async function makeTenant(
  db: Tx,
  name: string,
  people: readonly (PersonToProvision & { password_hash: string })[],
): Promise<{ tenant_id: number; new_users: string[] }> {
  const tenant = await db.tenant.create({ data: { name } });
  await makeDefaultTarget(db, tenant.id);
  const new_users: string[] = [];
  for (const person of people) {
    const email = person.email.trim().toLowerCase();
    const user = await db.user.upsert({
      where: { email },
      create: {
        email,
        name: person.name,
        password_hash: person.password_hash,
        password_is_initial: person.password_is_initial ?? false,
      },
      update: {},
    });
    if (user.password_hash === person.password_hash) new_users.push(email);
    await db.membership.create({ data: { tenant_id: tenant.id, user_id: user.id, role: person.role } });
  }
  await db.$executeRaw`
    INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, target_kind, target_id, details)
    VALUES (${tenant.id}, 'system', 'provisioning', ${"tenant.created" satisfies AuditAction}, 'tenant', ${tenant.id},
            ${JSON.stringify({ name, members: people.map(({ email, role }) => ({ email, role })) })}::jsonb)`;
  return { tenant_id: tenant.id, new_users };
}

/**
 * Creates a tenant for its first owner. Nobody has proven that an account with their address is theirs: who has one
 * becomes the owner by accepting an invitation, so that an account made by somebody else gets nothing.
 * @param options `another: true` makes a second tenant of a name that there is
 * @returns the tenant's id, and either the password for the first sign-in, or the path of the invitation
 * @throws AppError CONFLICT when there is a tenant of that name, or somebody makes an account with the address in the same moment
 */
export async function provisionTenantFor(
  name: string,
  owner: { email: string; name: string },
  { another = false }: { another?: boolean } = {},
): Promise<{ tenant_id: number } & ({ first_password: string } | { invitation_path: string })> {
  const email = owner.email.trim().toLowerCase();
  const password = initialPassword();
  const people = await withHashes([
    { email, name: owner.name, role: "owner" as const, password, password_is_initial: true },
  ]);
  return transaction({ as: "identity" }, async (db) => {
    if (!another) await requireNewName(db, name);
    const [known] = await db.$queryRaw<unknown[]>`SELECT 1 FROM users WHERE email = ${email}`;
    if (known) {
      const { tenant_id } = await makeTenant(db, name, []);
      const { path } = await writeInvitation(db, { tenant_id, email, role: "owner", invited_by: null });
      return { tenant_id, invitation_path: path };
    }
    const { tenant_id, new_users } = await makeTenant(db, name, people);
    if (new_users.length === 0)
      throw new AppError("CONFLICT", `An account with the address ${email} was just made. Try again.`);
    return { tenant_id, first_password: password };
  });
}

/** Whoever asks twice, as a script that is run again does, gets no second tenant. @throws AppError CONFLICT */
async function requireNewName(db: Tx, name: string): Promise<void> {
  const [known] = await db.$queryRaw<{ id: number }[]>`
    SELECT id FROM tenants WHERE name = ${name} AND deleted_at IS NULL ORDER BY id LIMIT 1`;
  if (known) throw new AppError("CONFLICT", `There is a tenant called ${name}, with the id ${known.id}.`);
}

/**
 * Makes an API token for a tenant, for scripts with the database's address. It has no maker whose leaving would end it, and
 * works for a year.
 * @returns the token in clear
 */
export async function provisionToken(tenantId: number, name: string, role: Role): Promise<string> {
  const token = newToken();
  await transaction(
    { as: "app", tenant_id: tenantId },
    (db) =>
      db.$executeRaw`
      INSERT INTO api_tokens (tenant_id, name, role, token_hash, expires_at)
      VALUES (${tenantId}, ${name}, ${role}::"role", ${hashToken(token)}, now() + ${tokenLifetimeDays.most} * interval '1 day')`,
  );
  return token;
}
