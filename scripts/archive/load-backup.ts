import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { activeStatuses, type RestoreErrorCode } from "#lib/restore/schema";
import type { Login } from "#prisma/logins";
import { migrate } from "#prisma/migrate";
import { migrationNames } from "#prisma/schema-engine";
import { appliedMigrations, withOwner } from "./copy-session.ts";
import { type Contents, type Header, type Loader, type OnProgress, readFormat } from "./format.ts";
import { liftGuards } from "./guards.ts";
import { noteAsTold } from "./note-as-told.ts";
import { backedUp, backedUpBefore } from "./tables.ts";

export interface RestoreOptions {
  from: string;
  /** Those of web and worker, which are let in, and created where they are missing. */
  logins?: readonly Login[];
  /** Hours that a tenant has to be archived before it can be deleted: a setting of the installation, and in no backup. */
  deletionWaitHours?: number;
  /** Hears one line for each step. */
  log?(line: string): void;
  onProgress?: OnProgress;
}

/**
 * Restores a file into an empty database: proves that the file is whole, applies the migrations that it was made with, loads
 * it in one transaction, and applies the migrations since. When it fails or is killed before that transaction's end, the
 * database is as empty as before, and the same command may be given again.
 * @param ownerUrl the owner of the database, who may create roles, as for `migrate`
 * @throws DamagedBackup when the file is not whole; Error in one line that says what to do
 */
export async function restoreBackup(
  ownerUrl: string,
  { from, logins = [], deletionWaitHours, log = () => {}, onProgress }: RestoreOptions,
): Promise<Contents> {
  log("Checking the file.");
  const { header } = await readFormat(from, undefined, onProgress);
  const own = await migrationNames();
  const through = lastMigration(header, own);
  const applied = await withOwner(ownerUrl, (client) => requireEmpty(client, header));
  log("Preparing the database.");
  if (applied < header.migrations.length) await migrate(ownerUrl, { log, through });
  log("Loading.");
  const contents = await withOwner(ownerUrl, async (client) => {
    const loaded = await load(client, from, header, onProgress);
    log("Gathering statistics.");
    await client.query(`ANALYZE ${header.tables.map((table) => pg.escapeIdentifier(table)).join(", ")}`);
    return loaded;
  });
  await migrate(ownerUrl, {
    log,
    logins,
    ...(deletionWaitHours === undefined ? {} : { deletionWaitHours }),
  });
  return contents;
}

/** @returns the migration that the file was made with */
function lastMigration(header: Header, own: readonly string[]): string {
  const last = header.migrations.at(-1);
  if (last === undefined || header.migrations.some((name, index) => name !== own[index]))
    throw new Error(
      `The backup was made by another version of TenantPilot (${header.product}, schema ${last}) than this one, which does ` +
        "not know its schema. Restore it with that version, or a newer one.",
    );
  const expected = backedUp.map(({ name }) => name);
  const former = backedUpBefore.filter(({ schema }) => last < schema).map(({ name }) => name);
  const unknown = header.tables.filter((table) => !expected.includes(table) && !former.includes(table));
  const missing = last === own.at(-1) ? expected.filter((table) => !header.tables.includes(table)) : [];
  if (unknown.length + missing.length > 0)
    throw new Error(
      `The backup does not have the tables of its schema: ${[...unknown, ...missing].join(", ")}. It is none of ours.`,
    );
  return last;
}

/**
 * Before anything is done to a database: whether it is another one than was meant.
 * @returns how many of the file's migrations it has
 */
async function requireEmpty(client: pg.Client, header: Header): Promise<number> {
  const applied = await appliedMigrations(client);
  if (applied === null) {
    const { rows } = await client.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') LIMIT 1",
    );
    if (rows[0]) throw new Error(notEmpty(`it has the table ${rows[0].name}`));
    return 0;
  }
  if (applied.length > 0) {
    // Row-level security hides the rows from the owner; this role sees who is there.
    await client.query("BEGIN READ ONLY; SET LOCAL ROLE tenantpilot_identity");
    const { rows } = await client.query<{ filled: boolean }>(
      "SELECT EXISTS (SELECT FROM tenants) OR EXISTS (SELECT FROM users) AS filled",
    );
    await client.query("ROLLBACK");
    if (rows[0]?.filled) throw new Error(notEmpty("it has tenants or people"));
  }
  const later = applied.filter((name) => !header.migrations.includes(name));
  if (later.length > 0)
    throw new Error(
      `The database has been migrated further (${later.at(-1)}) than the backup. Drop it and create it anew: restoring ` +
        "applies the migrations, first the backup's and then the others.",
    );
  return applied.length;
}

function notEmpty(why: string): string {
  return `The database is not empty: ${why}. Create a new one, name it in DATABASE_OWNER_URL, and restore into that.`;
}

async function load(
  client: pg.Client,
  file: string,
  checked: Header,
  onProgress: OnProgress | undefined,
): Promise<Contents> {
  await client.query("BEGIN");
  const putBack = await liftGuards(client, checked.tables);
  for (const table of checked.tables) {
    const { rows } = await client.query(`SELECT FROM ${pg.escapeIdentifier(table)} LIMIT 1`);
    if (rows.length > 0) throw new Error(notEmpty(`the table ${table} has rows`));
  }
  const loader: Loader = {
    async begin(header) {
      if (JSON.stringify(header) !== JSON.stringify(checked))
        throw new Error("The file was replaced while it was read. Nothing was restored.");
    },
    async table({ table, columns }, rows) {
      const into = `${pg.escapeIdentifier(table)} (${columns.map((column) => pg.escapeIdentifier(column)).join(", ")})`;
      const sink = client.query(copyFrom(`COPY ${into} FROM STDIN`));
      // It may also come when nobody writes any more.
      sink.on("error", () => {});
      try {
        await pipeline(rows, sink);
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error;
        throw new Error(
          `The table ${table} could not be loaded. PostgreSQL said: ${error.message}. Nothing was restored.`,
          {
            cause: error,
          },
        );
      }
      return sink.rowCount;
    },
    async sequences(sequences) {
      if (checked.tables.includes("restores")) await stopRestores(client);
      await putBack();
      for (const [name, { last_value, is_called }] of Object.entries(sequences))
        await client.query("SELECT setval(quote_ident($1)::regclass, $2::bigint, $3)", [
          name,
          last_value,
          is_called,
        ]);
      if (checked.tables.includes("incidents")) await noteAsTold(client);
    },
  };
  // An error ends the connection, and the transaction with it.
  const contents = await readFormat(file, loader, onProgress);
  await client.query("COMMIT");
  return contents;
}

/**
 * What was at work when the backup was made would go on by itself, and write to Microsoft what somebody asked for then: into a
 * tenant that has gone on since, and perhaps beside the installation that was backed up. People have it go on.
 */
async function stopRestores(client: pg.Client): Promise<void> {
  const code: RestoreErrorCode = "INSTALLATION_RESTORED";
  const message =
    "TenantPilot was restored from a backup that was made while this restore was at work. What it has written since then is not " +
    "known: look at the tenant before you resume it.";
  await client.query(
    `UPDATE restores SET status = 'stopped', ended_at = now(), error_code = $1, error_message = $2, version = version + 1
     WHERE status = ANY ($3)`,
    [code, message, activeStatuses],
  );
}
