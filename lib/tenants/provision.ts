import { hashPassword } from "#lib/access/passwords";
import type { Role } from "#lib/access/permissions";
import { hashToken, newToken } from "#lib/access/tokens";
import { transaction } from "#lib/db/transaction";

export interface PersonToProvision {
  email: string;
  name: string;
  role: Role;
  /** In clear; used only if there is no user with this email yet. */
  password: string;
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
  const hashed = await Promise.all(
    people.map(async (person) => ({ ...person, password_hash: await hashPassword(person.password) })),
  );
  return transaction({ as: "identity" }, async (db) => {
    const tenant = await db.tenant.create({ data: { name } });
    const new_users: string[] = [];
    for (const person of hashed) {
      const email = person.email.trim().toLowerCase();
      const user = await db.user.upsert({
        where: { email },
        create: { email, name: person.name, password_hash: person.password_hash },
        update: {},
      });
      if (user.password_hash === person.password_hash) new_users.push(email);
      await db.membership.create({ data: { tenant_id: tenant.id, user_id: user.id, role: person.role } });
    }
    await db.$executeRaw`
      INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, target_kind, target_id, details)
      VALUES (${tenant.id}, 'system', 'provisioning', 'tenant.created', 'tenant', ${tenant.id},
              ${JSON.stringify({ name, members: people.map(({ email, role }) => ({ email, role })) })}::jsonb)`;
    return { tenant_id: tenant.id, new_users };
  });
}

/** Makes an API token for a tenant, for scripts with the database's address. @returns the token in clear */
export async function provisionToken(tenantId: number, name: string, role: Role): Promise<string> {
  const token = newToken();
  await transaction({ as: "app", tenant_id: tenantId }, (db) =>
    db.apiToken.create({ data: { tenant_id: tenantId, name, role, token_hash: hashToken(token) } }),
  );
  return token;
}
