import { expect, test } from "vitest";
import { verifyChain } from "#lib/audit/verify";
import type { Prisma } from "#lib/db/generated/client";
import { beforeMigration } from "./before-migration.ts";

const stamp = "20261129122000_audit_chain";

/** As the role that owns the tables, from which row-level security hides them. */
test("the migration audit_chain gives every entry that is there its place, and later ones theirs behind it", async () => {
  await beforeMigration(stamp, async ({ owner, admin, migrate }) => {
    await admin.query(`
      INSERT INTO tenants (id, name) VALUES (1, 'One'), (2, 'Two');
      INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, details)
      SELECT 1 + n % 2, 'system', 'executor', 'run.succeeded', jsonb_build_object('n', n) FROM generate_series(1, 7) n`);
    await migrate();
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
  });
});
