import { describe, expect, it } from "vitest";
import { testDatabase } from "#lib/testing/database";
import { noFilters, readMigrations, readSchema, withSchemaEngine } from "./schema-engine.ts";

/** The SQL that leads from what the committed migrations make to a schema; a comment alone when they agree. */
async function sqlFromMigrationsTo(schema: string): Promise<string> {
  const migrations = await readMigrations();
  const scratch = await testDatabase({ empty: true });
  try {
    return await withSchemaEngine(scratch.ownerUrl, async (engine) => {
      const result = await engine.diff({
        from: { tag: "migrations", ...migrations },
        to: { tag: "schemaDatamodel", files: [{ path: "schema.prisma", content: schema }] },
        script: true,
        exitCode: null,
        filters: noFilters,
      });
      return result.stdout ?? "";
    });
  } finally {
    await scratch.drop();
  }
}

/** The statements of a script: without comments and blank lines. */
function statements(sql: string): string {
  return sql.replace(/^--.*$/gm, "").trim();
}

describe("prisma/migrations and prisma/schema.prisma", () => {
  it("agree", async () => {
    expect(statements(await sqlFromMigrationsTo(await readSchema()))).toBe("");
  });

  it("would not agree after a change of the schema alone", async () => {
    const schema = await readSchema();
    const changed = schema.replace(/^model Tenant \{$/m, "model Tenant {\n  added_by_this_test String?");
    expect(changed).not.toBe(schema);
    expect(statements(await sqlFromMigrationsTo(changed))).toContain(
      'ADD COLUMN     "added_by_this_test" TEXT',
    );
  });
});
