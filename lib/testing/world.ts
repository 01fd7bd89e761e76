import { getCACertificates, setDefaultCACertificates } from "node:tls";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import type { Actor } from "#lib/access/actor";
import { type Role, roles } from "#lib/access/permissions";
import { securityEventsRecorded } from "#lib/audit/security";
import { saveConnection } from "#lib/connection/connection";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { provisionTenant } from "#lib/members/provision-tenant";
import { type Sandbox, type SandboxTenant, startSandbox } from "#sandbox/server";
import { type TestDatabase, testDatabase } from "./database.ts";

/** A tenant of the test's, with an actor of every role and its twin in the Graph sandbox. */
export interface TestTenant {
  id: number;
  actors: Record<Role, Actor & { kind: "user" }>;
  sandbox: SandboxTenant;
}

/** A database of its own, two tenants with members of every role, and a Graph sandbox that serves both. */
export interface World {
  database: TestDatabase;
  /** Behind the scenes, as the superuser: to look, and to prepare what no operation can. */
  admin: pg.Pool;
  sandbox: Sandbox;
  tenant: TestTenant;
  foreign: TestTenant;
}

/**
 * Makes a world before the tests of a file and takes it down after them.
 * @param options.policies generated policies a tenant
 * @param options.dataDir serve these files in place of generated policies
 * @param options.database makes the database, for tests that need a PostgreSQL of their own
 */
export function withWorld(
  options: { policies?: number; dataDir?: string; database?: () => Promise<TestDatabase> } = {},
): World {
  const world = {} as World;
  beforeAll(async () => {
    world.database = await (options.database ?? testDatabase)();
    process.env.DATABASE_URL = world.database.url;
    world.admin = new pg.Pool({ connectionString: world.database.adminUrl, max: 3 });
    // Connections are cut when the database is dropped.
    world.admin.on("error", () => {});
    const twins = [1, 2].map((number) => ({
      entraTenantId: `${number}1111111-1111-4111-8111-111111111111`,
      clientId: `${number}2222222-2222-4222-8222-222222222222`,
      clientSecret: `secret-of-tenant-${number}`,
      seed: number,
      policies: options.policies ?? 60,
    }));
    world.sandbox = await startSandbox({
      tenants: twins,
      ...(options.dataDir ? { dataDir: options.dataDir } : {}),
    });
    setDefaultCACertificates([...getCACertificates("default"), world.sandbox.caCertificate]);
    process.env.GRAPH_SANDBOX_URL = world.sandbox.url;
    process.env.GRAPH_SANDBOX_LOGIN_URL = world.sandbox.loginUrl;
    const [first, second] = await Promise.all(twins.map((twin, index) => makeTenant(world, index, twin)));
    if (!first || !second) throw new Error("two tenants were asked for");
    world.tenant = first;
    world.foreign = second;
  });
  afterAll(async () => {
    await securityEventsRecorded();
    await stopProducer();
    await disconnect();
    await world.admin?.end();
    await world.sandbox?.stop();
    await world.database?.drop();
  });
  return world;
}

async function makeTenant(world: World, index: number, twin: SandboxTenant): Promise<TestTenant> {
  const people = roles.map((role) => ({
    email: `${role}@tenant${index + 1}.example`,
    name: `${role} ${index + 1}`,
    role,
    password: "correct horse battery staple",
  }));
  const { tenant_id: id } = await provisionTenant(`Tenant ${index + 1}`, people);
  const found = await world.admin.query<{ user_id: number; role: Role }>(
    "SELECT user_id, role FROM memberships WHERE tenant_id = $1",
    [id],
  );
  const actors = Object.fromEntries(
    found.rows.map(({ user_id, role }) => [role, { kind: "user" as const, user_id }]),
  ) as TestTenant["actors"];
  await saveConnection(actors.owner, id, {
    cloud: "sandbox",
    entra_tenant_id: twin.entraTenantId,
    client_id: twin.clientId,
    credential_kind: "secret",
    credential: twin.clientSecret,
  });
  return { id, actors, sandbox: twin };
}

/** Waits until `probe` answers something other than null, undefined or false; fails after `seconds`. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false>,
  seconds = 15,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
