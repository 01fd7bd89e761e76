import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { database } from "#lib/db/client";
import { encryptionKeyFault } from "#lib/encryption-key-check";
import { heartbeatSeconds } from "#lib/limits";
import { log } from "#lib/log";

/** Whether one part works, and if not, why and what to do. */
export interface Check {
  ok: boolean;
  message: string;
}

export interface Readiness {
  ready: boolean;
  checks: { database: Check; migrations: Check; encryption_key: Check; worker: Check };
}

/**
 * Whether this process can serve: the database answers, has every migration of this version, and a worker executes
 * runs. It reads no tenant's data, so it needs no tenant, and works as the login role, which sees none.
 */
export async function readiness(): Promise<Readiness> {
  const [expected, found] = await Promise.all([expectedMigrations(), look()]);
  const migrations = found ? judgeMigrations(expected, found) : unknown;
  const checks = {
    database: found ? { ok: true, message: "answers" } : { ok: false, message: "does not answer" },
    migrations,
    encryption_key: migrations.ok ? await judgeKey() : unknownKey,
    worker: found ? judgeWorker(found) : unknown,
  };
  return { ready: Object.values(checks).every((check) => check.ok), checks };
}

const unknownKey: Check = { ok: false, message: "unknown: the database is not ready" };
const unknown: Check = { ok: false, message: "unknown: the database does not answer" };

interface Found {
  applied: string[];
  workers: number;
}

async function look(): Promise<Found | null> {
  try {
    // One statement each and neither fails where its table is missing: a fresh database has none of them.
    const [tables] = await database().$queryRaw<{ migrations: boolean; queues: boolean }[]>`
      SELECT to_regclass('_prisma_migrations') IS NOT NULL AS migrations,
             to_regclass('pgboss.instance') IS NOT NULL AS queues`;
    const applied = tables?.migrations
      ? await database().$queryRaw<{ name: string }[]>`
          SELECT migration_name AS name FROM _prisma_migrations
          WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`
      : [];
    const [alive] = tables?.queues
      ? await database().$queryRaw<{ workers: number }[]>`
          SELECT count(*)::int AS workers FROM pgboss.instance
          WHERE name LIKE 'worker%' AND stopped_on IS NULL
            AND heartbeat_on > now() - make_interval(secs => ${heartbeatSeconds})`
      : [];
    return { applied: applied.map((row) => row.name), workers: alive?.workers ?? 0 };
  } catch (error) {
    log.warn({ err: error }, "readiness: the database does not answer");
    return null;
  }
}

/** The migrations that this version brings. Web and worker are started in the project's folder. */
async function expectedMigrations(): Promise<string[] | null> {
  const folder = join(/* turbopackIgnore: true */ process.cwd(), "prisma", "migrations");
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => null);
  return entries?.filter((entry) => entry.isDirectory()).map((entry) => entry.name) ?? null;
}

function judgeMigrations(expected: readonly string[] | null, { applied }: Found): Check {
  if (!expected)
    return { ok: false, message: "unknown: start in the project's folder, which has prisma/migrations" };
  const missing = expected.filter((name) => !applied.includes(name));
  return missing.length === 0
    ? { ok: true, message: `${expected.length} applied` }
    : { ok: false, message: `not applied: ${missing.join(", ")}; run npm run migrate` };
}

async function judgeKey(): Promise<Check> {
  try {
    const fault = await encryptionKeyFault();
    return fault === null ? { ok: true, message: "is the right one" } : { ok: false, message: fault };
  } catch (error) {
    log.warn({ err: error }, "readiness: the encryption key cannot be checked");
    return unknownKey;
  }
}

function judgeWorker({ workers }: Found): Check {
  return workers > 0
    ? { ok: true, message: `${workers} alive` }
    : {
        ok: false,
        message: `none has shown itself for ${heartbeatSeconds} seconds; start one with npm run worker`,
      };
}
