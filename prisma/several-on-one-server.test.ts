import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Cluster, removeCluster, startCluster } from "../scripts/postgres/cluster.ts";
import { createMigrated } from "../scripts/testing/migrated.ts";

/** Two installations on one server: the roles are the server's, and those of the owner who migrated first. */

let home: string;
let cluster: Cluster;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "tenantpilot-several-"));
  // The database's own user passes through here.
  await chmod(home, 0o711);
  // Of its own: what is granted here is granted on the whole server.
  cluster = await startCluster({ folder: join(home, "postgres"), durable: false });
  await createMigrated(cluster, "first");
});
afterAll(async () => {
  await cluster?.stop();
  await removeCluster(join(home, "postgres"));
  await rm(home, { recursive: true, force: true });
});

/** The command, as the second owner runs it. */
async function migrate(url: string): Promise<{ code: number; said: string }> {
  const env = { ...process.env, DATABASE_URL: url };
  const run = promisify(execFile)(process.execPath, ["prisma/migrate.ts"], { env });
  return run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }),
  );
}

async function as(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

it("the second owner is told whose the roles are, and migrates with the statement of docs/operating.md", async () => {
  const admin = cluster.adminUrl("first");
  await as(admin, "CREATE ROLE second_owner LOGIN CREATEROLE PASSWORD 'second'");
  await as(admin, "CREATE DATABASE second OWNER second_owner");
  const second = new URL(cluster.ownerUrl("second"));
  second.username = "second_owner";
  second.password = "second";

  const refused = await migrate(second.href);
  expect(refused.said).toMatch(/^The roles tenantpilot_… exist and another user made them/);
  expect(refused.said).toContain('"Several on one server"');
  expect(refused.code).toBe(1);

  const page = await readFile("docs/operating.md", "utf8");
  const [grant = ""] = /^GRANT tenantpilot_app,[^;]*TO second_owner[^;]*;/m.exec(page) ?? [];
  await as(cluster.ownerUrl("first"), grant);
  const migrated = await migrate(second.href);
  expect(migrated.said).toMatch(/Applied \d+ migrations\.\n$/);
  expect(migrated.code).toBe(0);
  // The first one goes on as before.
  expect(await migrate(cluster.ownerUrl("first"))).toEqual({
    code: 0,
    said: "The database is up to date.\n",
  });
});
