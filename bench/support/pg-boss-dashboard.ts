import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type pg from "pg";
import { freePort } from "../../scripts/postgres/free-port.ts";
import { type StartedServer, startServer } from "./web-process.ts";

const dashboard = "@pg-boss/dashboard@1.9.0";

/**
 * Installs pg-boss's own dashboard into a folder of its own and starts it on the same PostgreSQL.
 * @param databaseUrl as the superuser: it has no rights on the schema otherwise
 * @throws Error when the registry cannot be reached, or the dashboard does not start
 */
export async function startDashboard(databaseUrl: string): Promise<StartedServer> {
  const folder = await mkdtemp(join(tmpdir(), "tenantpilot-dashboard-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, "package.json"), '{"private":true}');
    await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund", dashboard], {
      cwd: folder,
      timeout: 300_000,
    });
    const port = await freePort();
    const server = await startServer(
      ["node_modules/@pg-boss/dashboard/bin/cli.js"],
      { url: `http://127.0.0.1:${port}`, ready: /listening on/, cwd: folder },
      { DATABASE_URL: databaseUrl, PORT: String(port), HOST: "127.0.0.1" },
    );
    return {
      ...server,
      async stop() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Gives pg-boss as much to show as TenantPilot has: a completed job a run, and a schedule a backup schedule. */
export async function fillQueues(admin: pg.Pool, size: { schedules: number; runs: number }): Promise<void> {
  await admin.query(
    `INSERT INTO pgboss.job (name, data, state, created_on, started_on, completed_on, keep_until, policy)
     SELECT 'execute-run', jsonb_build_object('run_id', n), CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'completed' END::pgboss.job_state,
            at, at + interval '1 s', at + interval '20 s', at + interval '60 days', 'standard'
     FROM generate_series(1, $1::int) n, LATERAL (SELECT now() - interval '20 days' * (1 - n::float / $1) AS at) t`,
    [size.runs],
  );
  await admin.query(
    `INSERT INTO pgboss.schedule (name, key, cron, timezone, data)
     SELECT 'execute-run', 'schedule-' || n, n % 60 || ' 2 * * *', 'Europe/Berlin', '{}' FROM generate_series(1, $1::int) n`,
    [size.schedules],
  );
}
