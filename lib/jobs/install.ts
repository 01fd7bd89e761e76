import pg from "pg";
import { PgBoss } from "pg-boss";
import { connectionAddress } from "#lib/db/address";
import { log } from "#lib/log";
import { jobs } from "./jobs.ts";

/**
 * Creates or updates the queue schema, the queue of each job and the jobs' schedules, and lets each database role do what
 * it needs there and no more. Part of migration; safe to repeat.
 * @param databaseUrl the owner of the database
 */
export async function installQueues(databaseUrl: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: connectionAddress(databaseUrl),
    max: 2,
    supervise: false,
    schedule: false,
    registerInstance: false,
  });
  boss.on("error", (error) => log.warn({ err: error }, "queue installation"));
  await boss.start();
  try {
    for (const { name, queue, schedule } of jobs) {
      const { policy, ...changeable } = queue();
      if (await boss.getQueue(name)) {
        await boss.updateQueue(name, changeable);
        await setPolicy(databaseUrl, name, policy);
      } else {
        await boss.createQueue(name, { policy, ...changeable });
      }
      if (schedule) await boss.schedule(name, schedule.cron, null, { missed: schedule.missed });
    }
  } finally {
    await boss.stop({ graceful: false, close: true });
  }
  await guardQueues(databaseUrl);
}

/** The queue's own functions never change a policy. It holds for jobs from now on; those that wait keep the old one. */
async function setPolicy(databaseUrl: string, name: string, policy: string | undefined): Promise<void> {
  await connected(databaseUrl, (client) =>
    client.query("UPDATE pgboss.queue SET policy = $2 WHERE name = $1 AND policy <> $2", [name, policy]),
  );
}

/** The tables that hold jobs: `job` and its partitions. Each has rights and row-level security of its own. */
const jobTables = `
  SELECT 'pgboss.job'::regclass::text AS name
  UNION ALL SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'pgboss.job'::regclass`;

/** Those that come by themselves are for all tenants, and for no tenant to send. */
const tenantJobs = jobs.filter((job) => job.schedule === undefined).map(({ name }) => pg.escapeLiteral(name));

/**
 * Whose a job is: its group says so, or what it carries. A run's job carries the run alone. What folds jobs, the key of a
 * schedule's retention or of a tenant, may be that of one's own only, or a tenant could keep another one's from its turn.
 */
const isOwnJob = `
  (group_id IS NOT NULL OR data ->> 'tenant_id' IS NOT NULL)
  AND coalesce(group_id, 'tenant-' || app_tenant_id()) = 'tenant-' || app_tenant_id()
  AND coalesce(data ->> 'tenant_id', app_tenant_id()::text) = app_tenant_id()::text`;
const concernsOwn = `
  name IN (${tenantJobs.join(", ")})
  AND (NOT data ? 'run_id' OR EXISTS (
    SELECT 1 FROM backup_schedule_runs r WHERE r.tenant_id = app_tenant_id() AND r.id = (data ->> 'run_id')::int))
  AND (singleton_key IS NULL OR singleton_key = 'tenant-' || app_tenant_id() OR (
    singleton_key = 'schedule-' || (data ->> 'backup_schedule_id') AND EXISTS (
      SELECT 1 FROM backup_schedules s
      WHERE s.tenant_id = app_tenant_id() AND s.id = (data ->> 'backup_schedule_id')::int)))`;

/**
 * The worker's login runs the queue. Everybody else enqueues and cancels in their own transaction: the dispatcher for all
 * tenants, a tenant's role for that tenant. What pg-boss makes anew with another version of it has no rights at all until
 * this has run.
 */
async function guardQueues(databaseUrl: string): Promise<void> {
  await connected(databaseUrl, async (client) => {
    await client.query(`
      GRANT USAGE ON SCHEMA pgboss
        TO tenantpilot_app, tenantpilot_dispatcher, tenantpilot_web, tenantpilot_worker;
      REVOKE ALL ON ALL TABLES IN SCHEMA pgboss FROM tenantpilot_web;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgboss TO tenantpilot_worker;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA pgboss TO tenantpilot_worker;
      -- Who enqueues has to know the queues; readiness counts the workers.
      GRANT SELECT ON pgboss.queue TO tenantpilot_app, tenantpilot_dispatcher;
      GRANT SELECT ON pgboss.version, pgboss.queue, pgboss.instance TO tenantpilot_web`);
    const { rows } = await client.query<{ name: string }>(jobTables);
    // One table at a time: whoever waits for it, waits for one lock.
    for (const { name } of rows) await client.query(guardsOf(name));
    // Until now these roles could read, and change, everybody's jobs.
    await client.query(`
      DO $$
      DECLARE other regclass;
      BEGIN
        FOR other IN
          SELECT oid FROM pg_class
          WHERE relnamespace = 'pgboss'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'queue'
            AND oid <> 'pgboss.job'::regclass
            AND oid NOT IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'pgboss.job'::regclass)
        LOOP
          EXECUTE format('REVOKE ALL ON %s FROM tenantpilot_app, tenantpilot_dispatcher', other);
        END LOOP;
      END $$`);
  });
}

/** In one transaction, as every text of several statements is. */
function guardsOf(table: string): string {
  return `
    ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
    DROP POLICY IF EXISTS everybody ON ${table};
    DROP POLICY IF EXISTS own ON ${table};
    DROP POLICY IF EXISTS own_insert ON ${table};
    CREATE POLICY everybody ON ${table} TO tenantpilot_worker, tenantpilot_dispatcher USING (true) WITH CHECK (true);
    CREATE POLICY own ON ${table} TO tenantpilot_app USING (${isOwnJob}) WITH CHECK (${isOwnJob});
    CREATE POLICY own_insert ON ${table} AS RESTRICTIVE FOR INSERT TO tenantpilot_app WITH CHECK (${concernsOwn});
    REVOKE ALL ON ${table} FROM tenantpilot_app, tenantpilot_dispatcher;
    GRANT SELECT, INSERT, UPDATE (state, completed_on) ON ${table} TO tenantpilot_app, tenantpilot_dispatcher`;
}

async function connected(databaseUrl: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: connectionAddress(databaseUrl) });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
