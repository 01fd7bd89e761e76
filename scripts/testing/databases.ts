import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { type Cluster, removeCluster, startCluster } from "../postgres/cluster.ts";
import { addressesOf, createMigrated } from "./migrated.ts";

const template = "template_tenantpilot";
const templateWithTenants = "template_tenants";
const execute = promisify(execFile);

/**
 * Vitest's global setup: a small server from which test files get databases (lib/testing/database.ts). PostgreSQL
 * starts when the first is asked for, so that tests of pure code do not wait for it.
 */
export default async function setup({ config }: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), "tenantpilot-test-"));
  await chmod(home, 0o711);
  const folder = join(home, "postgres");
  let starting: Promise<Cluster> | undefined;
  const cluster = () => {
    starting ??= start(folder);
    return starting;
  };
  let filling: Promise<void> | undefined;
  const withTenants = () => {
    filling ??= cluster().then((running) => makeTenants(running, config.env));
    return filling;
  };

  // A path that nobody guesses: the server hands out passwords.
  const path = `/${randomBytes(16).toString("hex")}`;
  const server = createServer((request, response) => {
    const answer =
      request.url === path ? handle(request, cluster, withTenants) : Promise.reject(new Error("Not found"));
    answer.then(
      (body) => response.end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The test server has no port.");
  process.env.TENANTPILOT_TEST_DATABASES = `http://127.0.0.1:${address.port}${path}`;

  return async () => {
    server.closeAllConnections();
    server.close();
    const running = await starting?.catch(() => undefined);
    await running?.stop();
    await removeCluster(folder);
    await rm(home, { recursive: true, force: true });
  };
}

async function start(folder: string): Promise<Cluster> {
  const cluster = await startCluster({ folder, durable: false });
  await createMigrated(cluster, template);
  return cluster;
}

/** A second template: hashing the passwords of its people takes longer than all that many a test does. */
async function makeTenants(cluster: Cluster, settings: TestProject["config"]["env"]): Promise<void> {
  await cluster.createDatabase(templateWithTenants, template);
  const addresses = addressesOf(cluster, templateWithTenants);
  await execute(process.execPath, ["scripts/testing/make-tenants.ts"], {
    env: {
      ...process.env,
      ...settings,
      DATABASE_URL: addresses.url,
      TENANTPILOT_TEST_ADMIN_URL: addresses.adminUrl,
      // That there is a sandbox is asked; nobody calls it.
      GRAPH_SANDBOX_URL: "https://localhost",
      GRAPH_SANDBOX_LOGIN_URL: "https://localhost",
    },
  });
}

async function handle(
  request: IncomingMessage,
  cluster: () => Promise<Cluster>,
  withTenants: () => Promise<void>,
): Promise<unknown> {
  const body = (await json(request)) as { empty?: boolean; tenants?: boolean; name?: string };
  const running = await cluster();
  if (request.method === "DELETE") {
    await running.dropDatabase(body.name ?? "");
    return {};
  }
  const name = `test_${randomBytes(8).toString("hex")}`;
  if (body.tenants) await withTenants();
  await running.createDatabase(name, body.empty ? undefined : body.tenants ? templateWithTenants : template);
  return { name, ...addressesOf(running, name) };
}
