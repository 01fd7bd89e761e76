import pg from "pg";
import { PgBoss } from "pg-boss";
import { log } from "#lib/log";
import { jobs } from "./jobs.ts";

/**
 * Creates or updates the queue schema, the queue of each job and the jobs' schedules, and grants the database roles that
 * enqueue what they need. Part of migration; safe to repeat.
 * @param databaseUrl the owner of the database
 */
export async function installQueues(databaseUrl: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
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
  await grantEnqueue(databaseUrl);
}

/** The queue's own functions never change a policy. It holds for jobs from now on; those that wait keep the old one. */
async function setPolicy(databaseUrl: string, name: string, policy: string | undefined): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("UPDATE pgboss.queue SET policy = $2 WHERE name = $1 AND policy <> $2", [
      name,
      policy,
    ]);
  } finally {
    await client.end();
  }
}

async function grantEnqueue(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`
      GRANT USAGE ON SCHEMA pgboss TO tenantpilot_app, tenantpilot_dispatcher;
      GRANT SELECT ON ALL TABLES IN SCHEMA pgboss TO tenantpilot_app, tenantpilot_dispatcher;
      GRANT INSERT, UPDATE ON pgboss.job TO tenantpilot_app, tenantpilot_dispatcher;
      DO $$
      DECLARE partition regclass;
      BEGIN
        FOR partition IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'pgboss.job'::regclass LOOP
          EXECUTE format('GRANT INSERT, UPDATE ON %s TO tenantpilot_app, tenantpilot_dispatcher', partition);
        END LOOP;
      END $$;`);
  } finally {
    await client.end();
  }
}
