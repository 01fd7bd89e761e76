import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import pg from "pg";
import { connectionAddress, directAddressOf } from "#lib/db/address";

/** The groups that logins work through; the migration "login_roles" says what each may do. */
type LoginGroup = "tenantpilot_web" | "tenantpilot_worker";

/** A login that shall do the work of these groups. */
export interface Login {
  /** Where it connects, with its name and password; of the address only these two are used. */
  url: string;
  groups: readonly LoginGroup[];
}

/** What the environment says of the database's logins: who migrates, and who web and worker are. */
export interface Logins {
  /** Owns the database; past a pooler, where the environment names a way. */
  owner: string;
  /** Those that own nothing. */
  others: Login[];
  /** Whether web or worker comes as the owner. */
  ownerServes: boolean;
}

/**
 * The logins that the environment names. `DATABASE_URL` is web's, and worker's too unless `DATABASE_WORKER_URL` is set.
 * @returns null when it names no database at all
 */
export function loginsIn(env: NodeJS.ProcessEnv): Logins | null {
  const { DATABASE_OWNER_URL, DATABASE_DIRECT_URL, DATABASE_URL: web, DATABASE_WORKER_URL: worker } = env;
  const named = DATABASE_OWNER_URL || web;
  if (!named) return null;
  const owner = directAddressOf(named, DATABASE_DIRECT_URL);
  const wanted: Login[] = worker
    ? [
        ...(web ? [{ url: web, groups: ["tenantpilot_web"] as const }] : []),
        { url: worker, groups: ["tenantpilot_worker"] },
      ]
    : web
      ? [{ url: web, groups: ["tenantpilot_web", "tenantpilot_worker"] }]
      : [];
  const others = wanted.filter(({ url }) => new URL(url).username !== new URL(owner).username);
  return { owner, others, ownerServes: others.length < wanted.length };
}

/**
 * Lets the two groups read what readiness asks for, and each login connect as a member of its groups. A login that is
 * missing is created, with the password of its URL; of one that is there nothing else changes. Safe to repeat.
 * @param ownerUrl the owner of the database, who has migrated it
 * @returns the names of the logins that were created
 * @throws Error that says what the owner may not do
 */
export async function provideLogins(ownerUrl: string, logins: readonly Login[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: connectionAddress(ownerUrl) });
  await client.connect();
  try {
    await client.query("GRANT SELECT ON _prisma_migrations TO tenantpilot_web, tenantpilot_worker");
    const created: string[] = [];
    for (const { url, groups } of logins) {
      const { username, password } = new URL(url);
      const name = decodeURIComponent(username);
      const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [name]);
      if (!rowCount) {
        await create(client, name, decodeURIComponent(password));
        created.push(name);
      }
      const login = pg.escapeIdentifier(name);
      await client.query(`GRANT ${groups.join(", ")} TO ${login} WITH INHERIT TRUE, SET TRUE`);
      // Not to the groups: they are those of every database on the server.
      await client.query(`
        DO $$
        BEGIN
          EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), ${pg.escapeLiteral(name)});
        END $$`);
    }
    return created;
  } finally {
    await client.end();
  }
}

async function create(client: pg.Client, name: string, password: string): Promise<void> {
  if (!password)
    throw new Error(
      `There is no login ${name}, and its URL has no password to create it with. Create it, or give it one.`,
    );
  await client.query(
    `CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOINHERIT
       PASSWORD ${pg.escapeLiteral(scramVerifier(password))}`,
  );
}

/** What PostgreSQL stores of a password (RFC 5803): sent in its place, the password is in none of the server's logs. */
function scramVerifier(password: string): string {
  const iterations = 4096;
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, iterations, 32, "sha256");
  const keyed = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(keyed("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${keyed("Server Key").toString("base64")}`;
}
