import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { expect, test } from "vitest";
import { verifyChain } from "#lib/audit/verify";
import type { Prisma } from "#lib/db/generated/client";
import { testDatabase } from "#lib/testing/database";
import { readMigrations } from "./schema-engine.ts";

const stamp = "20261129122000_audit_chain";

/** As the role that owns the tables, from which row-level security hides them. */
test("the migration audit_chain gives every entry that is there its place, and later ones theirs behind it", async () => {
  const database = await testDatabase({ empty: true });
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  const admin = new pg.Client({ connectionString: database.adminUrl });
  owner.on("error", () => {});
  admin.on("error", () => {});
  await owner.connect();
  await admin.connect();
  try {
    const apply = async (name: string) => {
      const file = fileURLToPath(new URL(`./migrations/${name}/migration.sql`, import.meta.url));
      await owner.query(`BEGIN; ${await readFile(file, "utf8")}; COMMIT;`);
    };
    const { migrationDirectories } = await readMigrations();
    for (const { path } of migrationDirectories) if (path < stamp) await apply(path);
    await admin.query(`
      INSERT INTO tenants (id, name) VALUES (1, 'One'), (2, 'Two');
      INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, details)
      SELECT 1 + n % 2, 'system', 'executor', 'run.succeeded', jsonb_build_object('n', n) FROM generate_series(1, 7) n`);
    await apply(stamp);
    await admin.query(`
      INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action)
      SELECT nullif(n, 0), 'system', 'executor', 'run.succeeded' FROM generate_series(0, 2) n`);
    const read = async <T>(query: Prisma.Sql) => (await admin.query(query.text, query.values)).rows as T[];
    for (const [chain, entries] of [
      [0, 1],
      [1, 4],
      [2, 5],
    ] as const)
      expect(await verifyChain(read, chain)).toMatchObject({ fault: null, entries });
    for (const table of ["audit_log", "audit_chain", "audit_chains"])
      expect((await owner.query(`SELECT * FROM ${table}`)).rows).toEqual([]);
  } finally {
    await owner.end();
    await admin.end();
    await database.drop();
  }
});
