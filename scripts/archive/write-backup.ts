import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { migrationNames } from "#prisma/schema-engine";
import packageJson from "../../package.json" with { type: "json" };
import { appliedMigrations, withOwner } from "./copy-session.ts";
import {
  type Contents,
  type Header,
  type OnProgress,
  pieceSize,
  type Sequences,
  type TableSource,
  writeFormat,
} from "./format.ts";
import { removeLeft } from "./left-behind.ts";
import { PlaceFault, placeFault, saidBy } from "./place-fault.ts";
import { backedUp, encryptedColumns } from "./tables.ts";

/** The fastest: most bytes are snapshots, which are compressed already and only written in hexadecimal here. */
const level = constants.Z_BEST_SPEED;

export interface BackupOptions {
  /** The file; `-` is standard output. It is there once it is whole, and replaces one that was. */
  to: string;
  /** The id or name of the only tenant to back up. */
  tenant?: string;
  onProgress?: OnProgress;
  /** Ends it before its end. */
  signal?: AbortSignal;
}

/**
 * Backs up the database, or one tenant of it, into a file: all of it as it was at one moment, while everything else goes on.
 * @param ownerUrl the owner of the tables, who needs neither to be a superuser nor to bypass row-level security
 * @returns what is in the file, and its size in bytes (null for standard output)
 * @throws Error in one line that says what to do; then there is no file, or the one that was there before
 */
export async function writeBackup(
  ownerUrl: string,
  options: BackupOptions,
): Promise<Contents & { size: number | null }> {
  try {
    return await withOwner(ownerUrl, (client) => backUp(client, options), options.signal);
  } catch (error) {
    // What fails then fails because of it.
    options.signal?.throwIfAborted();
    throw error;
  }
}

async function backUp(
  client: pg.Client,
  { to, tenant, onProgress, signal }: BackupOptions,
): Promise<Contents & { size: number | null }> {
  // Said plainly, before a table that is not there is locked.
  await requireOwnSchema(client);
  // One snapshot for everything, however long it takes. It is taken after the locks: a migration that is under way and rewrites
  // a table would leave it empty to one that is older.
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  await takeBackupRole(client);
  await client.query("SET LOCAL ROLE NONE");
  const migrations = await requireOwnSchema(client);
  await client.query("SET LOCAL ROLE tenantpilot_backup");
  const only = tenant === undefined ? null : await findTenant(client, tenant);
  const header = await headerOf(client, migrations, only);
  let contents: Contents | undefined;
  const written = async function* () {
    contents = yield* writeFormat(
      header,
      tablesOf(client, only?.id ?? null),
      () => sequencesOf(client),
      onProgress,
    );
  };
  const size = await into(to, async (sink) => {
    await pipeline(
      Readable.from(written(), { objectMode: false }),
      createGzip({ level, chunkSize: pieceSize }),
      sink,
      signal ? { signal } : {},
    );
    await client.query("COMMIT");
  });
  if (!contents) throw new Error("The backup ended before its end.");
  return { ...contents, size };
}

/** A list of tables belongs to one schema: with another one, something might be left out unseen. */
async function requireOwnSchema(client: pg.Client): Promise<string[]> {
  const applied = (await appliedMigrations(client)) ?? [];
  const own = await migrationNames();
  if (own.some((name) => !applied.includes(name)))
    throw new Error(
      "The database lacks migrations of this version of TenantPilot. Run npm run migrate first.",
    );
  const newer = applied.filter((name) => !own.includes(name));
  if (newer.length > 0)
    throw new Error(
      `The database was migrated by a newer version of TenantPilot (${newer.at(-1)}). Back it up with that one.`,
    );
  return applied;
}

async function takeBackupRole(client: pg.Client): Promise<void> {
  try {
    await client.query("SET LOCAL ROLE tenantpilot_backup");
  } catch (error) {
    throw new Error(
      "This login may not take the role tenantpilot_backup. Set DATABASE_OWNER_URL to the owner of the database, who ran " +
        `npm run migrate. PostgreSQL said: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
  // No migration changes a table while it is read.
  const tables = backedUp.map(({ name }) => pg.escapeIdentifier(name));
  await client.query(`LOCK TABLE ${tables.join(", ")} IN ACCESS SHARE MODE`);
}

async function findTenant(client: pg.Client, wanted: string): Promise<{ id: number; name: string }> {
  const { rows } = await client.query<{ id: number; name: string }>(
    "SELECT id, name FROM tenants WHERE id::text = $1 OR name = $1 ORDER BY id::text = $1 DESC, id",
    [wanted],
  );
  const [first, second] = rows;
  if (!first) throw new Error(`There is no tenant with the id or name ${wanted}.`);
  if (second && String(first.id) !== wanted)
    throw new Error(
      `Several tenants are called ${wanted}: name one by its id, ${rows.map(({ id }) => id).join(" or ")}.`,
    );
  return first;
}

async function headerOf(
  client: pg.Client,
  migrations: string[],
  tenant: Header["tenant"],
): Promise<Parameters<typeof writeFormat>[0]> {
  const { rows } = await client.query<{ taken_at: Date; snapshot: string; postgresql: string }>(
    `SELECT now() AS taken_at, pg_current_snapshot()::text AS snapshot, current_setting('server_version') AS postgresql`,
  );
  const [now] = rows;
  if (!now) throw new Error("PostgreSQL did not say what time it is.");
  return {
    product: packageJson.version,
    migrations,
    taken_at: now.taken_at.toISOString(),
    snapshot: now.snapshot,
    postgresql: now.postgresql,
    tenant,
    tables: backedUp.map(({ name }) => name),
    encryption_keys: await keyIds(client, tenant?.id ?? null),
  };
}

/** Of the keys that what is encrypted was encrypted with (lib/sealed-credential.ts); the oldest values name none. */
async function keyIds(client: pg.Client, tenantId: number | null): Promise<string[]> {
  const ids = new Set<string>();
  for (const { table, column } of encryptedColumns) {
    const { rows } = await client.query<{ id: string }>(
      `SELECT DISTINCT CASE get_byte(${column}, 0) WHEN 2 THEN encode(substring(${column} FROM 2 FOR 4), 'hex')
                                                   ELSE 'unnamed' END AS id
       FROM ${table} WHERE ${column} IS NOT NULL AND ${rowsOf(table, tenantId)}`,
    );
    for (const { id } of rows) ids.add(id);
  }
  return [...ids].sort();
}

async function* tablesOf(client: pg.Client, tenantId: number | null): AsyncGenerator<TableSource> {
  for (const { name: table, inOneTenant = {} } of backedUp) {
    const { rows } = await client.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
      [table],
    );
    const columns = rows.map(({ name }) => name);
    const values = columns.map(
      (column) => (tenantId === null ? undefined : inOneTenant[column]) ?? pg.escapeIdentifier(column),
    );
    const query = `SELECT ${values.join(", ")} FROM ${pg.escapeIdentifier(table)} WHERE ${rowsOf(table, tenantId)}`;
    const source = client.query(copyTo(`COPY (${query}) TO STDOUT`));
    // It may also come when nobody reads any more.
    source.on("error", () => {});
    yield { table, columns, rows: source };
  }
}

/** Which rows of a table a file holds, as a condition: all, or those of one tenant. */
function rowsOf(table: string, tenantId: number | null): string {
  const listed = backedUp.find(({ name }) => name === table);
  if (!listed) throw new Error(`${table} is not backed up`);
  return tenantId === null ? "true" : listed.ofTenant.replaceAll("$tenant", String(tenantId));
}

/** Where they stand now, which is at or behind all rows of the snapshot: so no id of what is in the file is given twice. */
async function sequencesOf(client: pg.Client): Promise<Sequences> {
  // The owner's, who may read them all.
  await client.query("SET LOCAL ROLE NONE");
  const { rows } = await client.query<{ name: string; last_value: string | null; start_value: string }>(
    "SELECT sequencename AS name, last_value::text, start_value::text FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1",
  );
  return Object.fromEntries(
    rows.map(({ name, last_value, start_value }) => [
      name,
      { last_value: last_value ?? start_value, is_called: last_value !== null },
    ]),
  );
}

/** What a file is called before it is whole: `partialOf`. */
const partialName = /^\..+\.[0-9a-f]{12}\.tenantpilot-partial$/;

/** Two that write at once write into two. No process id tells them apart: in containers all have the same. */
function partialOf(to: string): string {
  return join(dirname(to), `.${basename(to)}.${randomBytes(6).toString("hex")}.tenantpilot-partial`);
}

/** Writes to a file beside the one that is meant, which takes its name when it is whole and on the disk. */
async function into(to: string, write: (sink: Writable) => Promise<void>): Promise<number | null> {
  if (to === "-") {
    await write(standardOutput());
    return null;
  }
  await removeLeft(dirname(to), partialName);
  const partial = partialOf(to);
  let size: number;
  try {
    // Hashes of passwords and tokens are in it.
    await write(createWriteStream(partial, { flags: "wx", mode: 0o600, flush: true }));
    ({ size } = await stat(partial));
    await rename(partial, to);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw placeFault(error, resolve(dirname(to))) ?? error;
  }
  await flushFolder(dirname(to));
  return size;
}

/**
 * Standard output, as a stream of its own: what cannot be written there is told as that. By itself it reads as a connection
 * that is lost (EPIPE), as if the database had gone.
 */
function standardOutput(): Writable {
  // What is written hears of it as well.
  process.stdout.on("error", () => {});
  return new Writable({
    write(piece, _encoding, done) {
      process.stdout.write(piece, (error) => done(error ? outputFault(error) : null));
    },
  });
}

function outputFault(error: Error): PlaceFault {
  return (
    placeFault(error, "Standard output") ??
    new PlaceFault(
      `Standard output takes nothing more (${saidBy(error)}): what reads it has ended, and has no whole backup.`,
      { cause: error },
    )
  );
}

/** So that the new name outlives a power cut. Not every system can. */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
