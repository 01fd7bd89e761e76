import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { disconnect } from "#lib/db/client";
import { transaction } from "#lib/db/transaction";
import { withWorld } from "#lib/testing/world";
import { newerSchemaFault } from "./newer-schema.ts";
import { readiness } from "./readiness.ts";

const world = withWorld({ policies: 1 });

/** Undoes, as the superuser, what a test has done to the database. */
const undo: string[] = [];
afterEach(async () => {
  for (const statement of undo.splice(0)) await world.admin.query(statement);
});

async function damage(statement: string, repair: string): Promise<void> {
  undo.push(repair);
  await world.admin.query(statement);
}

test("everything is in its place", async () => {
  const { ready, versions, checks } = await readiness();
  expect(ready).toBe(true);
  expect(versions.schema).toMatch(/^\d{14}_/);
  expect(versions.expected_schema).toBe(versions.schema);
  expect(checks.guards).toEqual({ ok: true, message: "are in place" });
  expect(await newerSchemaFault()).toBeNull();
});

describe("a database that lost what holds tenants apart is not ready", () => {
  test.each([
    [
      "row-level security",
      "ALTER TABLE backup_sets DISABLE ROW LEVEL SECURITY",
      "ALTER TABLE backup_sets ENABLE ROW LEVEL SECURITY",
      "no row-level security on backup_sets",
    ],
    [
      "its force over the owner",
      "ALTER TABLE connections NO FORCE ROW LEVEL SECURITY",
      "ALTER TABLE connections FORCE ROW LEVEL SECURITY",
      "no row-level security on connections",
    ],
    [
      "every rule of a table",
      `CREATE TABLE without_rule (tenant_id integer); ALTER TABLE without_rule ENABLE ROW LEVEL SECURITY;
       ALTER TABLE without_rule FORCE ROW LEVEL SECURITY`,
      "DROP TABLE without_rule",
      "no row-level security on without_rule",
    ],
    [
      "a trigger",
      "ALTER TABLE audit_log DISABLE TRIGGER immutable",
      "ALTER TABLE audit_log ENABLE TRIGGER immutable",
      "triggers are gone or off on audit_log",
    ],
    [
      "all triggers",
      "ALTER TABLE snapshots DISABLE TRIGGER ALL",
      "ALTER TABLE snapshots ENABLE TRIGGER ALL",
      "triggers are gone or off on snapshots",
    ],
  ])("%s", async (_what, statement, repair, message) => {
    await damage(statement, repair);
    const { ready, checks } = await readiness();
    expect(ready).toBe(false);
    expect(checks.guards).toMatchObject({ ok: false, message: expect.stringContaining(message) });
    // What it refers to is there.
    const [, page = "", heading = ""] = /see (docs\/\S+\.md), "(.+)"$/.exec(checks.guards.message) ?? [];
    expect(readFileSync(page, "utf8")).toContain(`\n## ${heading}\n`);
  });
});

test("a database that takes no changes is not ready, and says why", async () => {
  const name = new URL(world.database.url).pathname.slice(1);
  await damage(
    `ALTER DATABASE "${name}" SET default_transaction_read_only = on`,
    `BEGIN READ WRITE; ALTER DATABASE "${name}" RESET default_transaction_read_only; COMMIT`,
  );
  await disconnect();
  const { ready, checks } = await readiness();
  await disconnect();
  expect(ready).toBe(false);
  expect(checks.database).toEqual({
    ok: false,
    message: "takes no changes: default_transaction_read_only is on",
  });
});

test("a process that has no connection left says that, and not that the database is gone", async () => {
  process.env.DATABASE_POOL_SIZE = "1";
  await disconnect();
  try {
    const binding = { as: "app" as const, tenant_id: world.tenant.id };
    const begun = Promise.withResolvers<void>();
    const busy = transaction(
      binding,
      async (db) => {
        begun.resolve();
        // Longer than readiness waits for a connection.
        return db.$queryRaw`SELECT 1 AS one FROM pg_sleep(8)`;
      },
      { readOnly: true },
    );
    await begun.promise;
    const { ready, checks } = await readiness();
    expect(ready).toBe(false);
    expect(checks.database).toEqual({
      ok: false,
      message: "does not answer: every connection of this process is in use (1)",
    });
    await busy;
    expect((await readiness()).checks.database).toEqual({ ok: true, message: "answers" });
  } finally {
    delete process.env.DATABASE_POOL_SIZE;
    await disconnect();
  }
});

test("a newer schema is served on, and nothing starts on it without being told to", async () => {
  await damage(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     VALUES ('newer', '', '20991231000000_of_a_newer_version', now(), 1)`,
    "DELETE FROM _prisma_migrations WHERE id = 'newer'",
  );
  const { ready, versions, checks } = await readiness();
  expect(ready).toBe(true);
  expect(versions.schema).toBe("20991231000000_of_a_newer_version");
  expect(checks.migrations.message).toContain("and 1 of a newer version: 20991231000000_of_a_newer_version");
  expect(await newerSchemaFault()).toContain("Start that version");
  process.env.ALLOW_NEWER_SCHEMA = "true";
  expect(await newerSchemaFault()).toBeNull();
  delete process.env.ALLOW_NEWER_SCHEMA;
});
