import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { securityEventsRecorded } from "#lib/audit/security";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { stopListening } from "#lib/live/listen";
import { type Sandbox, startSandbox } from "#sandbox/server";
import { type TestDatabase, testDatabase } from "./database.ts";
import { makeTestTenants, sandboxTwins, type TestTenant, testTenants } from "./tenants.ts";
import { trustedCertificate } from "./trusted-certificate.ts";

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
  const environment = { ...process.env };
  beforeAll(async () => {
    const own = options.database;
    world.database = await (own ? own() : testDatabase({ tenants: true }));
    process.env.DATABASE_URL = world.database.url;
    world.admin = new pg.Pool({ connectionString: world.database.adminUrl, max: 3 });
    // Connections are cut when the database is dropped.
    world.admin.on("error", () => {});
    const twins = sandboxTwins(options.policies ?? 60);
    world.sandbox = await startSandbox({
      tls: await trustedCertificate(),
      tenants: twins,
      ...(options.dataDir ? { dataDir: options.dataDir } : {}),
    });
    process.env.GRAPH_SANDBOX_URL = world.sandbox.url;
    process.env.GRAPH_SANDBOX_LOGIN_URL = world.sandbox.loginUrl;
    if (own) await makeTestTenants(world.admin);
    const [first, second] = await testTenants(world.admin, twins);
    if (!first || !second) throw new Error("two tenants were asked for");
    world.tenant = first;
    world.foreign = second;
  });
  afterAll(async () => {
    await securityEventsRecorded();
    await stopListening();
    await stopProducer();
    await disconnect();
    await world.admin?.end();
    await world.sandbox?.stop();
    await world.database?.drop();
    // What a test set is not there for the next file of this process.
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
  });
  return world;
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
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s, and it did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
