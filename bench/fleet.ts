// `node bench/fleet.ts [--tenants 1000] [--policies 300] [--latency 20] [--workers 2]`: two nights of many tenants, the first and one
// in which nothing changed: wall time, processor time, memory and connections of the workers, write-ahead log and bytes on disk.
// Every tenant reads the same sandbox, which answers as fast as it can and keeps no limits.
import { randomBytes } from "node:crypto";
import { loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import pg from "pg";
import type { Actor } from "#lib/access/actor";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { startRun } from "#lib/runs/start";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { connectedTenant, nightlySchedule } from "./support/bench-tenant.ts";
import { FigurePrinter } from "./support/figures.ts";
import { SandboxProcess } from "./support/sandbox-process.ts";
import { WorkerProcess } from "./support/worker-process.ts";

const { values } = parseArgs({
  options: {
    tenants: { type: "string", default: "1000" },
    policies: { type: "string", default: "300" },
    latency: { type: "string", default: "20" },
    workers: { type: "string", default: "2" },
  },
});
const tenants = Number(values.tenants);

interface Place {
  tenant_id: number;
  schedule_id: number;
}

interface Night {
  seconds: number;
  /** Of the workers. */
  processorSeconds: number;
  walBytes: number;
  diskBytes: number;
  items: number;
  /** The most that the workers had open at once, together. */
  connections: number;
}

process.env.LOG_LEVEL ??= "warn";
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
const sandbox = await SandboxProcess.start(Number(values.policies));
const database = await ownDatabase({ max_wal_size: "8GB" });
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
const { print } = new FigurePrinter();
const workers: WorkerProcess[] = [];
try {
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    GRAPH_SANDBOX_URL: sandbox.url,
    GRAPH_SANDBOX_LOGIN_URL: sandbox.loginUrl,
  });
  await sandbox.prepare({ latencyMs: Number(values.latency), enforceLimits: false });
  const places: Place[] = [];
  let owner: Actor | null = null;
  for (let n = 0; n < tenants; n += 1) {
    const tenant = await connectedTenant(admin, sandbox.tenant);
    owner = tenant.owner;
    places.push({ tenant_id: tenant.tenant_id, schedule_id: (await nightlySchedule(tenant)).id });
  }
  if (!owner) throw new Error("There are no tenants");
  for (let n = 0; n < Number(values.workers); n += 1) {
    const worker = await WorkerProcess.start(
      // By their login their connections are told from those of this process.
      { NODE_EXTRA_CA_CERTS: sandbox.caFile, DATABASE_WORKER_URL: database.workerUrl },
      { unlimited: true },
    );
    workers.push(worker);
    await worker.ready();
  }
  for (const what of ["the first night", "a night in which nothing changed"]) {
    const night = await nightOf(owner, places);
    const bytes = `${(night.walBytes / night.items).toFixed(0)} bytes of write-ahead log and ${(night.diskBytes / night.items).toFixed(0)} on disk a policy`;
    print({
      figure: `${what}, ${tenants} tenants`,
      value: night.seconds,
      unit: "s",
      bound: null,
      how: `${night.items} policies and foundations; ${night.processorSeconds.toFixed(0)} s of processor time of ${workers.length} workers; ${bytes}; load ${loadavg()[0]?.toFixed(1)}`,
    });
    print({
      figure: `${what}: most memory of a worker so far`,
      value: Math.max(...(await Promise.all(workers.map((worker) => worker.peakMegabytes())))),
      unit: "MB",
      bound: null,
      how: `VmHWM; ${night.connections} connections of ${workers.length} workers at most`,
    });
  }
} finally {
  for (const worker of workers) await worker.stop();
  await stopProducer();
  await disconnect();
  await admin.end();
  await sandbox.stop();
  await database.drop();
}

async function nightOf(actor: Actor, places: readonly Place[]): Promise<Night> {
  const before = await state();
  const began = performance.now();
  for (const { tenant_id, schedule_id } of places) await startRun(actor, tenant_id, { schedule_id });
  let connections = 0;
  for (;;) {
    const { rows } = await admin.query<{ active: number; failed: number; connections: number }>(
      `SELECT count(*) FILTER (WHERE status = 'running')::int AS active,
              count(*) FILTER (WHERE status NOT IN ('running', 'success'))::int AS failed,
              (SELECT count(*)::int FROM pg_stat_activity WHERE usename = $1) AS connections
       FROM backup_schedule_runs`,
      [new URL(database.workerUrl).username],
    );
    connections = Math.max(connections, rows[0]?.connections ?? 0);
    if (rows[0]?.failed) throw new Error(`${rows[0].failed} runs did not succeed`);
    if (rows[0]?.active === 0) break;
    await delay(250);
  }
  const seconds = (performance.now() - began) / 1000;
  const after = await state();
  const { rows } = await admin.query<{ items: number }>(
    `SELECT sum(item_count)::int AS items FROM backup_sets
     WHERE id IN (SELECT max(id) FROM backup_sets GROUP BY backup_schedule_id)`,
  );
  return {
    seconds,
    processorSeconds: after.processorSeconds - before.processorSeconds,
    walBytes: after.wal - before.wal,
    diskBytes: after.disk - before.disk,
    items: rows[0]?.items ?? Number.NaN,
    connections,
  };
}

async function state(): Promise<{ wal: number; disk: number; processorSeconds: number }> {
  const { rows: log } = await admin.query<{ wal: string }>(
    "SELECT pg_current_wal_insert_lsn() - '0/0' AS wal",
  );
  await admin.query("VACUUM ANALYZE");
  const { rows } = await admin.query<{ disk: string }>(
    "SELECT sum(pg_total_relation_size(oid)) AS disk FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
  );
  const times = await Promise.all(workers.map((worker) => worker.processorSeconds()));
  return {
    wal: Number(log[0]?.wal),
    disk: Number(rows[0]?.disk),
    processorSeconds: times.reduce((sum, time) => sum + time, 0),
  };
}
