import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "#lib/testing/database";

const page = readFileSync(new URL("../docs/scaling.md", import.meta.url), "utf8");
let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

/** Every unique key of a table with a tenant, as the database has it. */
async function keysOfTenants(): Promise<{ key: string; columns: string; ready: boolean }[]> {
  const { rows } = await admin.query(
    `SELECT t.relname || '.' || i.relname AS key, array_to_string(k.columns, ', ') AS columns,
            'tenant_id' = ANY (k.columns) AS ready
     FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
     JOIN pg_namespace n ON n.oid = t.relnamespace,
     LATERAL (SELECT array_agg(a.attname::text ORDER BY u.at) AS columns FROM unnest(x.indkey) WITH ORDINALITY AS u(column_at, at)
              JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.column_at WHERE u.at <= x.indnkeyatts) k
     WHERE n.nspname = 'public' AND x.indisunique AND EXISTS (
       SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
     ORDER BY 1`,
  );
  return rows;
}

test("the page has every unique key of a table with a tenant, and says which hold tenant_id", async () => {
  const told = [...page.matchAll(/^\| `(\w+\.\w+)` \| `([\w, ]+)` \| (yes|no)/gm)].map(
    ([, key, columns, ready]) => ({
      key,
      columns,
      ready: ready === "yes",
    }),
  );
  expect(told.toSorted((a, b) => String(a.key).localeCompare(String(b.key)))).toEqual(
    (await keysOfTenants()).toSorted((a, b) => a.key.localeCompare(b.key)),
  );
});

test("with the statements of the page every unique key holds tenant_id", async () => {
  const [, sql = ""] = /```sql\n-- Every unique key[^\n]*\n([\s\S]*?)```/.exec(page) ?? [];
  expect(sql).toContain("ALTER TABLE");
  await admin.query(sql);
  expect((await keysOfTenants()).filter(({ ready }) => !ready)).toEqual([]);
});
