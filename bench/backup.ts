// `node bench/backup.ts [--tenants 300] [--nights 30] [--items 100]`: what it takes to back up an installation, to restore it
// on a server that has never seen TenantPilot, to prove it, and to run a backup there: by the commands as operators give them,
// as an owner who is no superuser, on PostgreSQLs that flush to disk.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { saveConnection } from "#lib/connection/connection";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { startRun } from "#lib/runs/start";
import { openEnd } from "#lib/sets/ranges";
import type { TestDatabase } from "#lib/testing/database";
import { behindTheGuards, insertSets } from "#lib/testing/sets";
import { removeCluster, startCluster } from "../scripts/postgres/cluster.ts";
import { addressesOf } from "../scripts/testing/migrated.ts";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import type { BenchTenant } from "./support/bench-tenant.ts";
import { FigurePrinter } from "./support/figures.ts";
import { fillTenant } from "./support/large-tenant.ts";
import { smallSchedule, startLags } from "./support/run-now.ts";
import { SandboxProcess } from "./support/sandbox-process.ts";
import { WorkerProcess } from "./support/worker-process.ts";

const megabyte = 1_000_000;
const schedules = 3;
const day = 86_400_000;

const { values } = parseArgs({
  options: {
    tenants: { type: "string", default: "300" },
    nights: { type: "string", default: "30" },
    items: { type: "string", default: "100" },
  },
});
const tenants = Number(values.tenants);
const nights = Number(values.nights);
const items = Number(values.items);

/**
 * Tenants with three schedules each, a quarter's runs and audit log, and sets of which each item is really there.
 * @returns the first of them
 */
async function fill(admin: pg.Pool): Promise<BenchTenant> {
  await admin.query("INSERT INTO tenants (name) SELECT 'Tenant ' || n FROM generate_series(1, $1::int) n", [
    tenants,
  ]);
  await admin.query(`
    WITH made AS (
      INSERT INTO users (email, name, password_hash) SELECT 'owner' || id || '@bench.example', 'Owner', 'x' FROM tenants
      RETURNING id, email
    )
    INSERT INTO memberships (tenant_id, user_id, role)
    SELECT t.id, made.id, 'owner' FROM tenants t JOIN made ON made.email = 'owner' || t.id || '@bench.example'`);
  const { rows: members } = await admin.query<{ tenant_id: number; user_id: number }>(
    "SELECT tenant_id, user_id FROM memberships ORDER BY tenant_id",
  );
  for (const { tenant_id: tenantId, user_id: userId } of members)
    await fillTenant(admin, { tenantId, userId, schedules, runs: schedules * 90 });
  // Its sets have no items, and its snapshots are noise.
  await behindTheGuards(admin, "UPDATE backup_schedule_runs SET backup_set_id = NULL");
  await behindTheGuards(admin, "DELETE FROM backup_sets");
  await behindTheGuards(admin, "DELETE FROM snapshots");
  const [first] = members;
  if (!first) throw new Error("There is no tenant.");
  const { rows: own } = await admin.query<{ id: number }>(
    "SELECT id FROM backup_schedules WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY id",
    [first.tenant_id],
  );
  const began = Date.now() - nights * day;
  for (const { id } of own)
    await insertSets(admin, {
      tenantId: first.tenant_id,
      scheduleId: id,
      items: Math.round(items / own.length),
      sets: Array.from({ length: nights }, (_, night) => ({ created_at: new Date(began + night * day) })),
    });
  for (const statement of copies) await admin.query(statement, [first.tenant_id]);
  await behindTheGuards(
    admin,
    "UPDATE backup_schedule_runs r SET backup_set_id = b.id FROM backup_sets b WHERE r.id = b.run_id",
  );
  await admin.query("VACUUM ANALYZE");
  return { tenant_id: first.tenant_id, owner: { kind: "user", user_id: first.user_id } };
}

/** What the first tenant's sets are of, for all others: a set and its run keep their distance to those of the first. */
const others = `
  (SELECT id, (row_number() OVER (ORDER BY id))::int AS nth FROM tenants WHERE id <> $1) t,
  LATERAL (SELECT t.nth * (SELECT max(run_id) FROM backup_sets WHERE tenant_id = $1) AS runs,
                  t.nth * (SELECT max(id) FROM backup_sets WHERE tenant_id = $1) AS sets) later`;
const sameSchedule = `
  (SELECT max(theirs.id) FROM (
     SELECT id, row_number() OVER (PARTITION BY tenant_id ORDER BY id) AS nth, tenant_id FROM backup_schedules) theirs
   JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nth FROM backup_schedules WHERE tenant_id = $1) ours USING (nth)
   WHERE theirs.tenant_id = t.id AND ours.id = b.backup_schedule_id)`;
const copies = [
  `INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored)
   SELECT t.id, sha256, encoding, content, bytes_logical, bytes_stored FROM snapshots s, ${others} WHERE s.tenant_id = $1`,
  `INSERT INTO backup_schedule_runs (id, tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at)
   SELECT b.run_id + later.runs, t.id, ${sameSchedule}, b.created_at, 'schedule', b.status, b.created_at
   FROM backup_sets b, ${others} WHERE b.tenant_id = $1`,
  `INSERT INTO item_ranges (tenant_id, backup_schedule_id, from_set_id, until_set_id, kind, policy_type, graph_id, display_name,
                            sha256)
   SELECT t.id, ${sameSchedule}, b.from_set_id + later.sets,
          CASE WHEN b.until_set_id = ${openEnd} THEN ${openEnd} ELSE b.until_set_id + later.sets END, b.kind, b.policy_type,
          b.graph_id, b.display_name, b.sha256
   FROM item_ranges b, ${others} WHERE b.tenant_id = $1`,
  `INSERT INTO backup_sets (id, tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored, manifest,
                            manifest_sha256, item_parity, created_at)
   SELECT b.id + later.sets, t.id, ${sameSchedule}, b.run_id + later.runs, b.status, item_count, bytes_logical, bytes_stored,
          manifest, manifest_sha256, item_parity, b.created_at
   FROM backup_sets b, ${others} WHERE b.tenant_id = $1`,
  "SELECT setval('backup_schedule_runs_id_seq', (SELECT max(id) FROM backup_schedule_runs)), $1::int",
  "SELECT setval('backup_sets_id_seq', (SELECT max(id) FROM backup_sets)), $1::int",
];

interface Measured {
  seconds: number;
  /** The most memory that the command held, in bytes. */
  peak: number;
  said: string;
}

/** Runs a command to its end. @throws Error with what it said, when it failed */
async function measure(args: string[], urls: Record<string, string>): Promise<Measured> {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...urls, LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text: Buffer) => {
      said += text.toString();
    });
  let peak = 0;
  const watch = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024);
  }, 100);
  const [code] = await once(child, "close");
  clearInterval(watch);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${said}`);
  return { seconds: (performance.now() - began) / 1000, peak, said };
}

/** A PostgreSQL that has never seen TenantPilot, with an empty database of its owner's; `drop` removes its files. */
async function emptyServer(): Promise<TestDatabase> {
  const home = await mkdtemp(join(tmpdir(), "tenantpilot-bench-empty-"));
  // The database's own user passes through here.
  await chmod(home, 0o711);
  const postgres = join(home, "postgres");
  const cluster = await startCluster({ folder: postgres });
  await cluster.createDatabase("restored");
  return {
    ...addressesOf(cluster, "restored"),
    async drop() {
      await cluster.stop();
      await removeCluster(postgres);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Backs a tenant up once in a restored installation: web is this process. @returns seconds from Run now to its end */
async function runOnce(target: TestDatabase, { tenant_id, owner }: BenchTenant): Promise<number> {
  const admin = new pg.Pool({ connectionString: target.adminUrl, max: 1 });
  const worker = await WorkerProcess.start({
    DATABASE_WORKER_URL: target.workerUrl,
    NODE_EXTRA_CA_CERTS: sandbox.caFile,
  });
  try {
    await worker.ready();
    const schedule = await smallSchedule({ tenant_id, owner }, new Date(Date.now() + 12 * 3_600_000));
    const began = performance.now();
    const run = await startRun(owner, tenant_id, { schedule_id: schedule.id });
    await startLags(admin, 1, "r.id = ANY($1)", [run.id], "r.created_at");
    return (performance.now() - began) / 1000;
  } finally {
    await worker.stop();
    await admin.end();
  }
}

/** Lets this process be web of another installation. */
async function beWebOf(url: string): Promise<void> {
  await stopProducer();
  await disconnect();
  process.env.DATABASE_URL = url;
}

process.env.LOG_LEVEL ??= "warn";
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
const sandbox = await SandboxProcess.start(20);
const database = await ownDatabase();
let target: TestDatabase | undefined;
const folder = await mkdtemp(join(tmpdir(), "tenantpilot-bench-backup-"));
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
const printer = new FigurePrinter();
try {
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    GRAPH_SANDBOX_URL: sandbox.url,
    GRAPH_SANDBOX_LOGIN_URL: sandbox.loginUrl,
  });
  const first = await fill(admin);
  const { entraTenantId, clientId, clientSecret } = sandbox.tenant;
  await saveConnection(first.owner, first.tenant_id, {
    cloud: "sandbox",
    entra_tenant_id: entraTenantId,
    client_id: clientId,
    credential_kind: "secret",
    credential: clientSecret,
  });
  const { rows } = await admin.query<{ said: string; bytes: string }>(`
    SELECT pg_database_size(current_database()) AS bytes,
           format('%s tenants, %s sets with %s items, %s snapshots, %s runs, %s audit entries',
             (SELECT count(*) FROM tenants), (SELECT count(*) FROM backup_sets), (SELECT count(*) FROM item_ranges),
             (SELECT count(*) FROM snapshots), (SELECT count(*) FROM backup_schedule_runs), (SELECT count(*) FROM audit_log)) AS said`);
  const bytes = Number(rows[0]?.bytes);
  console.log(`${rows[0]?.said}; ${(bytes / megabyte).toFixed(0)} MB on disk`);
  const file = join(folder, "all.backup");
  const source = { DATABASE_OWNER_URL: database.ownerUrl, DATABASE_URL: database.webUrl };
  const tell = (command: string, { seconds, peak, said }: Measured) => {
    const last = said.trim().split("\n").at(-1) ?? "";
    printer.print({ figure: command, value: seconds, unit: "s", bound: null, how: last });
    printer.print({
      figure: `${command}, peak memory`,
      value: peak / megabyte,
      unit: "MB",
      bound: null,
      how: "VmHWM",
    });
  };
  tell("backup", await measure(["scripts/backup.ts", "--to", file], source));
  const { size } = await stat(file);
  printer.print({
    figure: "the file",
    value: size / megabyte,
    unit: "MB",
    bound: null,
    how: `${((100 * size) / bytes).toFixed(0)} % of the database on disk, with its indexes`,
  });
  tell("backup --verify FILE", await measure(["scripts/backup.ts", "--verify", file], source));
  tell(
    "backup --tenant",
    await measure(["scripts/backup.ts", "--to", `${file}.one`, "--tenant", "Tenant 2"], source),
  );
  target = await emptyServer();
  const elsewhere = {
    DATABASE_OWNER_URL: target.ownerUrl,
    DATABASE_URL: target.webUrl,
    DATABASE_WORKER_URL: target.workerUrl,
  };
  tell(
    "restore --from FILE",
    await measure(["scripts/run.ts", "scripts/restore.ts", "--from", file], elsewhere),
  );
  tell("restore --verify", await measure(["scripts/run.ts", "scripts/restore.ts", "--verify"], elsewhere));
  await beWebOf(target.webUrl);
  printer.print({
    figure: "a run in the restored installation",
    value: await runOnce(target, first),
    unit: "s",
    bound: null,
    how: "from Run now to its set, with a worker that was just started",
  });
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await sandbox.stop();
  await target?.drop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
}
