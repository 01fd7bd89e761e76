import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { connectionAddress } from "#lib/db/address";
import { hears } from "#lib/db/hears";
import { tlsFault } from "#lib/db/tls-fault";

/** How long a server is waited for that is to close a connection: it does at once, and never when it is frozen. */
const farewellMs = 5_000;

/**
 * Runs `work` on a connection of the database's owner, in a session whose settings make COPY write and read values in one
 * way only, without time limits: a table may take hours.
 * @param signal cuts the connection: what waits for the database, for a lock say, fails then
 * @throws Error in one line when the database cannot be reached, or only by way of a pooler without sessions
 */
export async function withOwner<T>(
  ownerUrl: string,
  work: (client: pg.Client) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const client = await connected(ownerUrl, signal);
  try {
    signal?.throwIfAborted();
    await requireSession(client, ownerUrl, signal);
    await client.query(`
      SET client_encoding = 'UTF8'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC';
      SET extra_float_digits = 3; SET bytea_output = 'hex'; SET standard_conforming_strings = on;
      SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;
      SET search_path = public;
      -- Since PostgreSQL 17.
      SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'`);
    return await work(client);
  } finally {
    await endOrCut(client);
  }
}

/** Ends a connection, on which nothing may be asked any more; cuts it when the server does not close it. */
async function endOrCut(client: pg.Client): Promise<void> {
  const patience = new AbortController();
  await Promise.race([client.end(), wait(farewellMs, undefined, { signal: patience.signal })]);
  patience.abort();
  client.connection.stream.destroy();
}

async function connected(ownerUrl: string, signal?: AbortSignal): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: connectionAddress(ownerUrl),
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // The statement that is under way fails, and says it.
  client.on("error", () => {});
  try {
    await client.connect();
    // Not before: a connection that is ended while it is made is never told of.
    signal?.addEventListener("abort", () => void endOrCut(client), { once: true });
    return client;
  } catch (error) {
    const { host } = new URL(ownerUrl);
    const reason = tlsFault(error) ?? (error instanceof Error ? error.message : error);
    throw new Error(`Cannot connect to PostgreSQL at ${host} as the owner of the database: ${reason}`, {
      cause: error,
    });
  }
}

/** Settings that stayed with a pooler's connection would be somebody else's, and not be there for what is written. */
async function requireSession(client: pg.Client, ownerUrl: string, signal?: AbortSignal): Promise<void> {
  const kept = await hears(client, async (channel) => {
    const other = await connected(ownerUrl, signal);
    await other.query("SELECT pg_notify($1, '')", [channel]).finally(() => endOrCut(other));
  });
  if (kept) return;
  throw new Error(
    `${new URL(ownerUrl).host} is a pooler that keeps no sessions, and this needs one. Name PostgreSQL itself in ` +
      "DATABASE_DIRECT_URL. Nothing was done.",
  );
}

/** The migrations that a database has, in the order of their names; null where none was ever applied. */
export async function appliedMigrations(client: pg.ClientBase): Promise<string[] | null> {
  const { rows: there } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS there",
  );
  if (!there[0]?.there) return null;
  const { rows } = await client.query<{ migration_name: string }>(
    `SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL
     ORDER BY migration_name COLLATE "C"`,
  );
  return rows.map(({ migration_name }) => migration_name);
}
