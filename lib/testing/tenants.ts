import type pg from "pg";
import type { Actor } from "#lib/access/actor";
import { type Role, roles } from "#lib/access/permissions";
import { saveConnection } from "#lib/connection/connection";
import { provisionTenant } from "#lib/members/provision-tenant";
import type { SandboxTenant } from "#sandbox/server";

/** A tenant of the test's, with an actor of every role and its twin in the Graph sandbox. */
export interface TestTenant {
  id: number;
  actors: Record<Role, Actor & { kind: "user" }>;
  sandbox: SandboxTenant;
}

/** Everybody in a test's tenants signs in with it. */
const password = "correct horse battery staple";

/**
 * The twins in the Graph sandbox of the two tenants that every test's world has.
 * @param policies how many the sandbox generates for each
 */
export function sandboxTwins(policies: number): SandboxTenant[] {
  return [1, 2].map((number) => ({
    entraTenantId: `${number}1111111-1111-4111-8111-111111111111`,
    clientId: `${number}2222222-2222-4222-8222-222222222222`,
    clientSecret: `secret-of-tenant-${number}`,
    writer: {
      clientId: `${number}3333333-3333-4333-8333-333333333333`,
      clientSecret: `writer-of-tenant-${number}`,
    },
    seed: number,
    policies,
  }));
}

/**
 * Makes the two tenants in this process's database: each with a member of every role, and connected to its twin.
 * @param admin the same database as the superuser
 */
export async function makeTestTenants(admin: pg.Pool): Promise<void> {
  for (const [index, twin] of sandboxTwins(0).entries()) {
    const number = index + 1;
    const people = roles.map((role) => ({
      email: `${role}@tenant${number}.example`,
      name: `${role} ${number}`,
      role,
      password,
    }));
    const { tenant_id } = await provisionTenant(`Tenant ${number}`, people);
    const { owner } = await actorsOf(admin, tenant_id);
    await saveConnection(owner, tenant_id, {
      cloud: "sandbox",
      entra_tenant_id: twin.entraTenantId,
      client_id: twin.clientId,
      credential_kind: "secret",
      credential: twin.clientSecret,
    });
  }
}

/**
 * The tenants that makeTestTenants made.
 * @param twins what serves their policies
 */
export async function testTenants(admin: pg.Pool, twins: readonly SandboxTenant[]): Promise<TestTenant[]> {
  const { rows } = await admin.query<{ id: number }>("SELECT id FROM tenants ORDER BY name");
  return Promise.all(
    rows.map(async ({ id }, index) => {
      const sandbox = twins[index];
      if (!sandbox) throw new Error("a tenant has no twin");
      return { id, actors: await actorsOf(admin, id), sandbox };
    }),
  );
}

async function actorsOf(admin: pg.Pool, tenantId: number): Promise<TestTenant["actors"]> {
  const found = await admin.query<{ user_id: number; role: Role }>(
    "SELECT user_id, role FROM memberships WHERE tenant_id = $1",
    [tenantId],
  );
  return Object.fromEntries(
    found.rows.map(({ user_id, role }) => [role, { kind: "user" as const, user_id }]),
  ) as TestTenant["actors"];
}
