import { pathToFileURL } from "node:url";
import pg from "pg";
import { connectionAddress } from "#lib/db/address";
import { tlsFault } from "#lib/db/tls-fault";
import { installQueues } from "#lib/jobs/install";
import { deletionWaitHours } from "#lib/limits";
import { beforeConversion, convertItems } from "./convert-items.ts";
import { type Login, loginsIn, provideLogins } from "./logins.ts";
import { recomputeNextRuns } from "./recompute-next-runs.ts";
import { noFilters, prismaLock, readMigrations, withSchemaEngine } from "./schema-engine.ts";

const oldestVersion = 16;

export interface MigrateOptions {
  /** Hears one line for each thing done. */
  log?(line: string): void;
  /** The logins of web and worker, which are created where they are missing, and let in. */
  logins?: readonly Login[];
  /** The last migration to apply, when it is not the newest; then queues and logins are left for another time. */
  through?: string;
  /** How many hours a tenant has to be archived before it can be deleted; what the database says stays unless told. */
  deletionWaitHours?: number;
}

/**
 * Brings a database up to the committed migrations and creates or updates the queues; does nothing where that is
 * done already. Several may start at once: they wait for each other. Keeps `_prisma_migrations` as the Prisma CLI
 * does, and downloads nothing.
 * @param databaseUrl a PostgreSQL 16 or newer, as a role that owns the database and may create roles (CREATEROLE)
 * @returns the names of the migrations that were applied now
 * @throws Error whose message says what is wrong and what to do
 */
export async function migrate(
  databaseUrl: string,
  options: MigrateOptions = {},
): Promise<{ applied: string[] }> {
  return whileLocked(databaseUrl, async () => {
    const applied = await applyMigrations(databaseUrl, options);
    if (options.through !== undefined) return { applied };
    await installQueues(databaseUrl);
    if (options.deletionWaitHours !== undefined)
      await setDeletionWait(databaseUrl, options.deletionWaitHours);
    const created = await provideLogins(databaseUrl, options.logins ?? []).catch((error: unknown) => {
      throw new Error(explainLogins(error), { cause: error });
    });
    for (const name of created) options.log?.(`Created the login ${name}.`);
    const corrected = await recomputeNextRuns(databaseUrl);
    if (corrected > 0) options.log?.(`Corrected when ${corrected} schedules run next.`);
    return { applied };
  });
}

/** Applies the migrations, and between two of them converts what SQL alone would do in one endless transaction. */
async function applyMigrations(databaseUrl: string, options: MigrateOptions): Promise<string[]> {
  const { through } = options;
  const converts =
    (through === undefined || through > beforeConversion) && (await awaitsConversion(databaseUrl));
  if (!converts) return applyThrough(databaseUrl, through, options);
  const applied = await applyThrough(databaseUrl, beforeConversion, options);
  await convertItems(databaseUrl, options);
  return [...applied, ...(await applyThrough(databaseUrl, through, options))];
}

/** Whether a database has items that are not ranges, or may have them once it comes to that migration. */
async function awaitsConversion(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ waits: boolean }>(
      `SELECT to_regclass('unconverted_items') IS NOT NULL
              OR to_regclass('backup_items') IS NOT NULL AND to_regclass('item_ranges') IS NULL AS waits`,
    );
    return rows[0]?.waits ?? false;
  } finally {
    await client.end();
  }
}

async function applyThrough(
  databaseUrl: string,
  through: string | undefined,
  options: MigrateOptions,
): Promise<string[]> {
  const migrationsList = await readMigrations(through);
  try {
    return await withSchemaEngine(databaseUrl, async (engine) => {
      const history = await engine.diagnoseMigrationHistory({
        migrationsList,
        optInToShadowDatabase: false,
        filters: noFilters,
      });
      // Each migration is one transaction and we hold the lock: one not recorded as done left nothing behind.
      for (const migrationName of history.failedMigrationNames) {
        options.log?.(`The migration ${migrationName} did not end the last time; it is applied again.`);
        await engine.markMigrationRolledBack({ migrationName });
      }
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: noFilters });
      for (const name of appliedMigrationNames) options.log?.(`Applied the migration ${name}.`);
      return appliedMigrationNames;
    });
  } catch (error) {
    throw new Error(explainMigration(error), { cause: error });
  }
}

async function setDeletionWait(databaseUrl: string, hours: number): Promise<void> {
  const client = new pg.Client({ connectionString: connectionAddress(databaseUrl) });
  await client.connect();
  try {
    await client.query("UPDATE installation SET tenant_deletion_wait_hours = $1", [hours]);
  } finally {
    await client.end();
  }
}

/** What the environment says of the waiting time. @throws Error when it is no such time */
export function deletionWaitIn({
  TENANT_DELETION_WAIT_HOURS: text,
}: Record<string, string | undefined>): number {
  const { usual, least, most } = deletionWaitHours;
  const hours = text ? Number(text) : usual;
  if (Number.isInteger(hours) && hours >= least && hours <= most) return hours;
  throw new Error(`TENANT_DELETION_WAIT_HOURS must be a whole number from ${least} to ${most}, not ${text}.`);
}

/**
 * Holds off everybody else who migrates, in a transaction that stays open meanwhile: behind a pooler a lock of the session
 * would stay with its connection, for whoever gets that next, and nobody could migrate any more. The second lock is the one of
 * the Prisma CLI, which our engine does without (schema-engine.ts).
 */
async function whileLocked<T>(databaseUrl: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: connectionAddress(databaseUrl),
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new Error(explainConnection(error, databaseUrl), { cause: error });
  }
  try {
    await requireVersion(client, new URL(databaseUrl).host);
    await client.query("BEGIN");
    // Since PostgreSQL 17 a transaction has a limit as well.
    await client.query(`
      SELECT set_config(name, '0', true) FROM pg_settings
      WHERE name IN ('idle_in_transaction_session_timeout', 'lock_timeout', 'statement_timeout', 'transaction_timeout')`);
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('tenantpilot.migrate', 0))");
    await client.query(`SELECT pg_advisory_xact_lock(${prismaLock})`);
    const done = await work();
    await client.query("COMMIT").catch((error: unknown) => {
      throw new Error("The connection that kept others from migrating was lost. Run npm run migrate again.", {
        cause: error,
      });
    });
    return done;
  } finally {
    await client.end();
  }
}

/** Older servers know no membership in a role that may be taken and gives nothing by itself, and would stop half way. */
async function requireVersion(client: pg.Client, host: string): Promise<void> {
  const { rows } = await client.query<{ version: string; number: number }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number",
  );
  const [server] = rows;
  if (!server || server.number >= oldestVersion * 10_000) return;
  throw new Error(
    `PostgreSQL at ${host} is version ${server.version}, and TenantPilot needs ${oldestVersion} or newer: its logins have ` +
      "rights that older ones do not know (INHERIT FALSE). Nothing was changed. Upgrade the server, or name another one.",
  );
}

function explainConnection(error: unknown, databaseUrl: string): string {
  const { host, pathname, username } = new URL(databaseUrl);
  const variable = process.env.DATABASE_OWNER_URL ? "DATABASE_OWNER_URL" : "DATABASE_URL";
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "28P01":
    case "28000":
      return `PostgreSQL at ${host} refuses the user ${username}: check user and password in ${variable}.`;
    case "3D000":
      return `There is no database ${pathname.slice(1)} at ${host}. Create it, owned by ${username}, and try again.`;
    case "53300":
      return `PostgreSQL at ${host} has no connection left. Raise max_connections, or stop other clients.`;
    default: {
      const insecure = tlsFault(error);
      if (insecure) return `Cannot connect to PostgreSQL at ${host}. ${insecure}`;
      const reason = error instanceof Error ? error.message || String(code) : String(error);
      return `Cannot connect to PostgreSQL at ${host}: is it running, and is ${variable} right? (${reason})`;
    }
  }
}

function explainMigration(error: unknown): string {
  const reason = error instanceof Error ? error.message : JSON.stringify(error);
  return (
    explainRoles(reason) ??
    `The migrations could not be applied; the one that failed changed nothing. ${reason}`
  );
}

function explainLogins(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return explainRoles(reason) ?? `The logins of web and worker could not be provided. ${reason}`;
}

/** What to do about rights on roles that the owner lacks; null when it is about something else. */
function explainRoles(reason: string): string | null {
  // Roles belong to the whole cluster: there are those of another database's TenantPilot, whose owner made them.
  if (/admin option|permission denied to grant role \W*tenantpilot_/i.test(reason)) {
    return (
      "The roles tenantpilot_… exist and another user made them, for another database of this server. Let that user, or " +
      "a superuser, grant them WITH ADMIN OPTION to the user who migrates (docs/operating.md, " +
      `"Several on one server"), and try again. PostgreSQL said: ${reason}`
    );
  }
  if (/permission denied to (create|alter|grant) role|must have CREATEROLE/i.test(reason)) {
    return (
      "The migrations create database roles, and the user who migrates may not. Let a superuser run " +
      `\`ALTER ROLE <user> CREATEROLE\`, and try again. PostgreSQL said: ${reason}`
    );
  }
  return null;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const logins = loginsIn(process.env);
  if (!logins) {
    console.error("DATABASE_OWNER_URL is not set: name the PostgreSQL database to migrate, as its owner.");
    process.exit(1);
  }
  try {
    const { owner, others, ownerServes } = logins;
    const { applied } = await migrate(owner, {
      log: (line) => console.log(line),
      logins: others,
      deletionWaitHours: deletionWaitIn(process.env),
    });
    if (ownerServes)
      console.error(
        "Warning: web or worker has no login but the owner's, which can switch off every guard. Set DATABASE_OWNER_URL " +
          'to this one and DATABASE_URL to another (docs/operating.md, "Two database logins").',
      );
    console.log(
      applied.length === 0 ? "The database is up to date." : `Applied ${applied.length} migrations.`,
    );
    // The engine leaves a timer of ten seconds behind, which would keep this process.
    process.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
