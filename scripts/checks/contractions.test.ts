import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { migrationNames } from "#prisma/schema-engine";
import { contractionsIn } from "./contractions.ts";

/** The last migration from before this was asked of them. */
const before = "20261129143050_second_factors";

/** Applied already where their first lines cannot be changed any more: why what they take away is replaced. */
const agreed = new Map([
  [
    "20261129162000_item_ranges",
    "backup_items goes on as a view for who reads; its workers cannot write sets until replaced",
  ],
  ["20261129162010_ranges_only", "what it drops are the leftovers of the conversion, which has ended"],
]);

test.each([
  ["DROP TABLE old", 1],
  ["ALTER TABLE a DROP COLUMN b", 1],
  ["ALTER TABLE a RENAME COLUMN b TO c", 1],
  ["ALTER TABLE a RENAME TO b", 1],
  ["ALTER TABLE a ALTER COLUMN b SET NOT NULL", 1],
  ["ALTER TABLE a ALTER COLUMN b TYPE bigint", 1],
  ["ALTER TABLE a ADD COLUMN b int NOT NULL", 1],
  ["ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 0, ADD COLUMN c int NOT NULL", 1],
  ["ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0)", 1],
  ["CREATE UNIQUE INDEX b ON a (c)", 1],
  ["REVOKE SELECT ON a FROM b", 1],
  ["GRANT a TO CURRENT_USER; REVOKE a FROM CURRENT_USER", 0],
  ["ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 0", 0],
  ["ALTER TABLE a ADD COLUMN b int GENERATED ALWAYS AS IDENTITY NOT NULL", 0],
  ["CREATE TABLE a (b int); ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0); CREATE UNIQUE INDEX d ON a (b)", 0],
  ["CREATE INDEX b ON a (c); -- DROP TABLE a;\nGRANT SELECT ON a TO b", 0],
  ["CREATE FUNCTION f() RETURNS void AS $$ BEGIN DROP TABLE a; END $$ LANGUAGE plpgsql", 0],
  ["DROP TRIGGER t ON a; CREATE TRIGGER t BEFORE INSERT ON a EXECUTE FUNCTION f()", 0],
])("%s: %i", (sql, count) => {
  expect(contractionsIn(sql)).toHaveLength(count);
});

test("a migration only adds, or its first line says `-- contract:` and why that harms no version that still runs", async () => {
  const names = (await migrationNames()).filter((name) => name > before && !agreed.has(name));
  const faults = names.flatMap((name) => {
    const sql = readFileSync(`prisma/migrations/${name}/migration.sql`, "utf8");
    const said = /^-- contract: \S.{20,}/.test(sql);
    return said ? [] : contractionsIn(sql).map((found) => `${name} ${found}`);
  });
  expect(faults).toEqual([]);
});
