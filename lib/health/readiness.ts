import { encryptionKeyFault } from "#lib/encryption-key-check";
import { heartbeatSeconds } from "#lib/limits";
import { liveWay, nothingHeard } from "#lib/live/listen";
import { log } from "#lib/log";
import { isStopping } from "#lib/stopping";
import { version } from "#lib/version";
import type { Check } from "./check.ts";
import { judgeDatabase } from "./database.ts";
import { type Found, type Guards, look } from "./look.ts";
import { judgeMigrations } from "./migrations.ts";

export interface Readiness {
  ready: boolean;
  /** Of this version, and of the last migrations that the database has and that this version brings. */
  versions: { service: string; schema: string | null; expected_schema: string | null };
  checks: Checks;
}

interface Checks {
  process: Check;
  database: Check;
  migrations: Check;
  guards: Check;
  encryption_key: Check;
  /** Told, and no condition: the pages and the API do their work while no worker does its. */
  worker: Check;
  /** Told, and no condition either: pages that are not told of changes look for them. */
  live: Check;
}

/**
 * Whether this process can serve: it is not stopping, and the database answers, takes changes, has every migration of
 * this version, what holds tenants apart, and credentials that this process can open. A load balancer that asked for a
 * worker too would take every page away while one restarts. It reads no tenant's data, and works as the login role,
 * which sees none.
 */
export async function readiness(): Promise<Readiness> {
  const found = await look();
  const { check: migrations, schema, expected } = await judgeMigrations(found?.applied ?? []);
  const conditions = {
    process: isStopping() ? { ok: false, message: "is stopping" } : { ok: true, message: "serves" },
    database: judgeDatabase(found),
    migrations: found ? migrations : unknown,
    guards: found && migrations.ok ? judgeGuards(found.guards) : notYet,
    encryption_key: found && migrations.ok && !found.read_only ? await judgeKey() : notYet,
  };
  return {
    ready: Object.values(conditions).every((check) => check.ok),
    versions: { service: version, schema, expected_schema: expected },
    checks: { ...conditions, worker: found ? judgeWorker(found) : unknown, live: judgeLive() },
  };
}

const unknown: Check = { ok: false, message: "unknown: the database does not answer" };
const notYet: Check = { ok: false, message: "unknown: the database is not ready" };

function judgeGuards({ missing_roles, open_tables, unguarded_tables }: Guards): Check {
  const faults = [
    missing_roles.length > 0 && `roles are missing: ${missing_roles.join(", ")}`,
    open_tables.length > 0 && `no row-level security on ${open_tables.join(", ")}`,
    unguarded_tables.length > 0 && `triggers are gone or off on ${unguarded_tables.join(", ")}`,
  ].filter((fault) => fault !== false);
  if (faults.length === 0) return { ok: true, message: "are in place" };
  return {
    ok: false,
    message: `${faults.join("; ")}. The database was restored without them: see docs/backup.md, "pg_dump"`,
  };
}

async function judgeKey(): Promise<Check> {
  try {
    const fault = await encryptionKeyFault();
    return fault === null ? { ok: true, message: "is the right one" } : { ok: false, message: fault };
  } catch (error) {
    log.warn({ err: error }, "readiness: the encryption key cannot be checked");
    return notYet;
  }
}

function judgeLive(): Check {
  const way = liveWay();
  if (way === "looks") return { ok: false, message: nothingHeard };
  return { ok: true, message: way === "told" ? "is told of changes" : "has not tried yet" };
}

function judgeWorker({ workers }: Found): Check {
  return workers > 0
    ? { ok: true, message: `${workers} alive` }
    : {
        ok: false,
        message: `none has shown itself for ${heartbeatSeconds} seconds; start one with npm run worker`,
      };
}
