// `node bench/backup.ts [--tenants 300] [--nights 30] [--items 100]`: what it takes to back up an installation, to restore it
// and to prove it, by the commands as operators give them, on a PostgreSQL that flushes to disk.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { openEnd } from "#lib/sets/ranges";
import { behindTheGuards, insertSets } from "#lib/testing/sets";
import { type OwnDatabase, ownDatabase } from "../scripts/testing/own-database.ts";
import { FigurePrinter } from "./support/figures.ts";
import { fillTenant } from "./support/large-tenant.ts";

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

/** Tenants with three schedules each, a quarter's runs and audit log, and sets of which each item is really there. */
async function fill(admin: pg.Pool): Promise<void> {
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

async function createTarget(database: OwnDatabase): Promise<Record<string, string>> {
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query("CREATE DATABASE restored OWNER tenantpilot");
  await admin.end();
  const named = (url: string) => {
    const target = new URL(url);
    target.pathname = "/restored";
    return target.href;
  };
  return {
    DATABASE_OWNER_URL: named(database.ownerUrl),
    DATABASE_URL: named(database.webUrl),
    DATABASE_WORKER_URL: named(database.workerUrl),
  };
}

process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
const database = await ownDatabase();
const folder = await mkdtemp(join(tmpdir(), "tenantpilot-bench-backup-"));
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
const printer = new FigurePrinter();
try {
  await fill(admin);
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
  const target = await createTarget(database);
  tell(
    "restore --from FILE",
    await measure(["scripts/run.ts", "scripts/restore.ts", "--from", file], target),
  );
  tell("restore --verify", await measure(["scripts/run.ts", "scripts/restore.ts", "--verify"], target));
} finally {
  await admin.end();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
}
