import { database } from "#lib/db/client";
import { tlsFault } from "#lib/db/tls-fault";
import { heartbeatSeconds } from "#lib/limits";
import { log } from "#lib/log";

/** What a look at the database finds that needs no tenant and no role: any login of the service may look. */
export interface Found {
  /** Names of the migrations that it has, in their order. */
  applied: string[];
  /** Workers that have shown themselves lately. */
  workers: number;
  /** Why it takes no changes; null when it does. */
  read_only: "standby" | "setting" | null;
  guards: Guards;
}

/** What holds tenants apart, and history unchanged. */
export interface Guards {
  /** Database roles that transactions take, and that are not there. */
  missing_roles: string[];
  /** Tables with rows of tenants that show them to everybody: without row-level security, or a rule of it. */
  open_tables: string[];
  /** Tables of history whose triggers are gone or switched off. */
  unguarded_tables: string[];
}

/** The roles that transactions take (lib/db/transaction.ts), and those of the two logins. */
const roles = [
  "tenantpilot_account",
  "tenantpilot_app",
  "tenantpilot_auditor",
  "tenantpilot_dispatcher",
  "tenantpilot_identity",
  "tenantpilot_portfolio",
  "tenantpilot_retention",
  "tenantpilot_web",
  "tenantpilot_worker",
];

/** What is written once, and the triggers that see to it. */
const guardedTables = [
  "audit_chain",
  "audit_log",
  "backup_schedule_runs",
  "backup_sets",
  "item_ranges",
  "item_volatiles",
  "moved_volatiles",
  "policy_changes",
  "snapshots",
];

/** Looks at the database; null when it does not answer. */
export async function look(): Promise<Found | null> {
  try {
    // One statement each and neither fails where its table is missing: a fresh database has none of them.
    const [state] = await database().$queryRaw<
      { migrations: boolean; queues: boolean; standby: boolean; read_only: boolean }[]
    >`
      SELECT to_regclass('_prisma_migrations') IS NOT NULL AS migrations,
             to_regclass('pgboss.instance') IS NOT NULL AS queues, pg_is_in_recovery() AS standby,
             current_setting('default_transaction_read_only')::boolean AS read_only`;
    const applied = state?.migrations
      ? await database().$queryRaw<{ name: string }[]>`
          SELECT migration_name AS name FROM _prisma_migrations
          WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`
      : [];
    const [alive] = state?.queues
      ? await database().$queryRaw<{ workers: number }[]>`
          SELECT count(*)::int AS workers FROM pgboss.instance
          WHERE name LIKE 'worker%' AND stopped_on IS NULL
            AND heartbeat_on > now() - make_interval(secs => ${heartbeatSeconds})`
      : [];
    return {
      applied: applied.map((row) => row.name),
      workers: alive?.workers ?? 0,
      read_only: state?.standby ? "standby" : state?.read_only ? "setting" : null,
      guards: await guards(),
    };
  } catch (error) {
    log.warn({ err: error }, `readiness: ${tlsFault(error) ?? "the database does not answer"}`);
    return null;
  }
}

/** A dump that is restored without the roles comes up without any of this, and would answer all the same. */
async function guards(): Promise<Guards> {
  const [found] = await database().$queryRaw<Guards[]>`
    SELECT ARRAY(SELECT name FROM unnest(${roles}::text[]) name
                 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) ORDER BY 1) AS missing_roles,
           ARRAY(SELECT c.relname::text FROM pg_class c
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
                 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                   AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                            AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
                 ORDER BY 1) AS open_tables,
           ARRAY(SELECT name FROM unnest(${guardedTables}::text[]) name
                 WHERE to_regclass('public.' || name) IS NOT NULL
                   AND (SELECT count(*) FILTER (WHERE t.tgenabled <> 'D') = 0
                            OR count(*) FILTER (WHERE t.tgenabled = 'D') > 0
                        FROM pg_trigger t WHERE t.tgrelid = to_regclass('public.' || name) AND NOT t.tgisinternal)
                 ORDER BY 1) AS unguarded_tables`;
  if (!found) throw new Error("A statement without a condition returned no row");
  return found;
}
