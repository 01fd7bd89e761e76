import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { testDatabase } from "#lib/testing/database";
import { readMigrations } from "./schema-engine.ts";

/** A database as it was before some migration. */
interface BeforeMigration {
  /** The owner of the tables, from whom row-level security hides the rows. */
  owner: pg.Client;
  /** The superuser, to prepare and to look. */
  admin: pg.Client;
  /** Applies the migration, as the owner. */
  migrate(): Promise<void>;
}

/**
 * For tests of what a migration does to the data that is there: a database with every migration before it.
 * @param migration its folder's name
 */
export async function beforeMigration(
  migration: string,
  work: (before: BeforeMigration) => Promise<void>,
): Promise<void> {
  const database = await testDatabase({ empty: true });
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  const admin = new pg.Client({ connectionString: database.adminUrl });
  // Connections are cut when the database is dropped.
  owner.on("error", () => {});
  admin.on("error", () => {});
  await owner.connect();
  await admin.connect();
  const apply = async (name: string) => {
    const file = fileURLToPath(new URL(`./migrations/${name}/migration.sql`, import.meta.url));
    await owner.query(`BEGIN; ${await readFile(file, "utf8")}; COMMIT;`);
  };
  try {
    const { migrationDirectories } = await readMigrations();
    for (const { path } of migrationDirectories) if (path < migration) await apply(path);
    await work({ owner, admin, migrate: () => apply(migration) });
  } finally {
    await owner.end();
    await admin.end();
    await database.drop();
  }
}
