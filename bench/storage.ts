// `node bench/storage.ts [--policies 2000] [--nights 30] [--change 0.01] [--lz4-database postgres://…]`: what nightly
// backups take, against plain JSON files and git in the same run; and what compresses snapshots best. Real runs against
// the Graph sandbox. The embedded PostgreSQL is built without lz4: name an empty database of one that has it, to measure it.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { constants, gzip, zstdCompress, zstdDecompress } from "node:zlib";
import pg from "pg";
import { type Actor, executorActor } from "#lib/access/actor";
import type { TypeSummary } from "#lib/capture/summary";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { sweepRetention } from "#lib/retention/retention";
import { beginAttempt } from "#lib/runs/begin-attempt";
import { finishRun } from "#lib/runs/finish";
import { startRun } from "#lib/runs/start";
import { createSchedule } from "#lib/schedules/create";
import { decodeSnapshot, encodeSnapshot } from "#lib/sets/snapshot-codec";
import { wholeType } from "#lib/testing/whole-type";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { connectedTenant, nightlySchedule } from "./support/bench-tenant.ts";
import { FigurePrinter, quantile } from "./support/figures.ts";
import { processorMilliseconds } from "./support/processor-time.ts";
import { backUpHere, benchTwin, execute, sandboxHere } from "./support/runs-here.ts";

const run = promisify(execFile);
const megabyte = 1_000_000;

/** The nightly states as people keep them who write JSON files, under git. */
class GitTree {
  readonly #folder: string;
  /** Of all nights, each whole, as files in a folder a night. */
  plainBytes = 0;
  readonly #written = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async begin(): Promise<void> {
    await run("git", ["init", "-q", this.#folder]);
  }

  async night(items: readonly { path: string; sha256: string }[], read: (sha256: string) => Promise<string>) {
    const seen = new Set<string>();
    for (const { path, sha256 } of items) {
      seen.add(path);
      if (this.#written.get(path) === sha256) continue;
      const file = join(this.#folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await read(sha256));
      this.#written.set(path, sha256);
    }
    for (const path of this.#written.keys()) {
      if (seen.has(path)) continue;
      await rm(join(this.#folder, path));
      this.#written.delete(path);
    }
    await run("git", ["-C", this.#folder, "add", "-A"]);
    const identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
    await run("git", ["-C", this.#folder, ...identity, "commit", "-q", "--allow-empty", "-m", "night"]);
  }

  /** Size of the repository after `git gc`, which packs everything with deltas. */
  async packedBytes(): Promise<number> {
    await run("git", ["-C", this.#folder, "gc", "-q", "--prune=now"]);
    const { stdout } = await run("du", ["-sb", join(this.#folder, ".git")]);
    return Number(stdout.split("\t")[0]);
  }
}

/** Bytes and milliseconds that each way to compress takes for the same documents, one by one as they are stored. */
async function compareCodecs(admin: pg.Client, documents: readonly Uint8Array[]): Promise<void> {
  const logical = documents.reduce((sum, document) => sum + document.byteLength, 0);
  const gzipped = promisify<Uint8Array, { level: number }, Buffer>(gzip);
  const zstd = promisify<Uint8Array, object, Buffer>(zstdCompress);
  const level = (value: number) => ({ params: { [constants.ZSTD_c_compressionLevel]: value } });
  const codecs: [string, (document: Uint8Array) => Promise<Uint8Array>][] = [
    ["gzip 6", (document) => gzipped(document, { level: 6 })],
    ["gzip 9", (document) => gzipped(document, { level: 9 })],
    ...[1, 3, 6, 9].map((value): [string, (document: Uint8Array) => Promise<Uint8Array>] => [
      `zstd ${value}`,
      (document) => zstd(document, level(value)),
    ]),
    ["as stored", async (document) => (await encodeSnapshot(document)).content],
  ];
  console.log(
    `\nThe first set's ${documents.length} documents, ${(logical / megabyte).toFixed(2)} MB, compressed one by one:`,
  );
  for (const [name, compress] of codecs) {
    const began = performance.now();
    let bytes = 0;
    const compressed: Uint8Array[] = [];
    for (const document of documents) {
      const content = await compress(document);
      bytes += content.byteLength;
      compressed.push(content);
    }
    const ms = performance.now() - began;
    let decoding = "";
    if (name.startsWith("zstd")) {
      const begun = performance.now();
      for (const content of compressed) await promisify(zstdDecompress)(content);
      decoding = `, reading ${((performance.now() - begun) / 1000).toFixed(2)} s`;
    }
    const times = (logical / bytes).toFixed(2);
    console.log(
      `  ${name.padEnd(14)} ${(bytes / megabyte).toFixed(2)} MB (${times} : 1), writing ${(ms / 1000).toFixed(2)} s${decoding}`,
    );
  }
  for (const method of ["pglz", "lz4"]) {
    try {
      await admin.query(`CREATE TEMPORARY TABLE plain_${method} (content bytea COMPRESSION ${method})`);
    } catch (error) {
      console.log(`  Postgres ${method.padEnd(5)} ${error instanceof Error ? error.message : error}`);
      continue;
    }
    const began = performance.now();
    for (const document of documents) {
      await admin.query(`INSERT INTO plain_${method} VALUES ($1)`, [Buffer.from(document)]);
    }
    const ms = performance.now() - began;
    const { rows } = await admin.query<{ bytes: string }>(
      `SELECT sum(pg_column_size(content)) AS bytes FROM plain_${method}`,
    );
    const bytes = Number(rows[0]?.bytes);
    console.log(
      `  Postgres ${method.padEnd(5)} ${(bytes / megabyte).toFixed(2)} MB (${(logical / bytes).toFixed(2)} : 1), inserting ${(ms / 1000).toFixed(2)} s`,
    );
  }
}

/** What comes to pass between two nights in any installation: autovacuum has come by, and the daily sweep. */
async function day(admin: pg.Pool): Promise<void> {
  await admin.query("VACUUM ANALYZE");
  await sweepRetention();
}

/** Bytes of all tables that backups write to, with their indexes, after dead rows were cleared away. */
async function bytesOnDisk(admin: pg.Pool): Promise<Record<string, number>> {
  await day(admin);
  await admin.query("VACUUM ANALYZE");
  const { rows } = await admin.query<{ name: string; bytes: string }>(`
    SELECT relname AS name, pg_total_relation_size(oid) AS bytes FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`);
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)]));
}

/** What was added since, by table; the largest first. */
function growth(before: Record<string, number>, after: Record<string, number>): [string, number][] {
  return Object.entries(after)
    .map(([name, bytes]): [string, number] => [name, bytes - (before[name] ?? 0)])
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a);
}

const totalOf = (grown: readonly [string, number][]) => grown.reduce((sum, [, bytes]) => sum + bytes, 0);

function inWords(grown: readonly [string, number][]): string {
  const largest = grown.slice(0, 6).map(([name, bytes]) => `${name} ${(bytes / megabyte).toFixed(2)}`);
  return `${(totalOf(grown) / megabyte).toFixed(2)} MB: ${largest.join(", ")}`;
}

/** What the database wrote to its log while `work` ran. `images`: whole pages, of those that changed first since a checkpoint. */
async function walOf(
  admin: pg.Pool,
  work: () => Promise<unknown>,
): Promise<{ bytes: number; images: number; seconds: number }> {
  const at = async () => {
    const { rows } = await admin.query<{ bytes: string; images: string }>(
      "SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes, (SELECT wal_fpi FROM pg_stat_wal) AS images",
    );
    return { bytes: Number(rows[0]?.bytes), images: Number(rows[0]?.images) };
  };
  const before = await at();
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  const after = await at();
  return { bytes: after.bytes - before.bytes, images: after.images - before.images, seconds };
}

/**
 * A schedule that holds this many policies, as one earlier night left it, filled in by SQL.
 * @returns milliseconds that the last transaction of a night took in which nothing changed, and of processor time, for some nights
 */
async function lastTransactions(
  admin: pg.Pool,
  owner: Actor,
  tenantId: number,
  scheduleId: number,
  count: number,
): Promise<{ ms: number; processor: number }[]> {
  const { rows } = await admin.query<{ id: number }>("SELECT nextval('backup_sets_id_seq')::int AS id");
  await admin.query(
    `INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored)
     SELECT $1, encode(sha256(n::text::bytea), 'hex'), 'zstd', decode(repeat(md5(n::text), 70), 'hex'), 9000, 1120
     FROM generate_series(1, $2::int) n`,
    [tenantId, count],
  );
  await admin.query(
    `INSERT INTO item_ranges (tenant_id, backup_schedule_id, from_set_id, kind, policy_type, graph_id, display_name, sha256, volatile)
     SELECT $1, $2, $3, 'policy', 'deviceConfiguration', md5(n::text)::uuid, 'Win - Policy ' || n,
            encode(sha256(n::text::bytea), 'hex'), '{"lastModifiedDateTime": "2026-11-29T12:00:00Z"}'
     FROM generate_series(1, $4::int) n`,
    [tenantId, scheduleId, rows[0]?.id, count],
  );
  await admin.query("VACUUM ANALYZE");
  const times: { ms: number; processor: number }[] = [];
  for (let night = 0; night < 6; night += 1) {
    const { id: run_id } = await startRun(owner, tenantId, { schedule_id: scheduleId });
    const attempt = await beginAttempt(executorActor, tenantId, { run_id });
    if (!attempt) throw new Error("The attempt did not begin");
    await admin.query(
      `INSERT INTO staged_seen (tenant_id, run_id, attempt, range_ids, states)
       SELECT $1, $2, $3, array_agg(id), array_agg(0) FROM item_ranges WHERE backup_schedule_id = $4 GROUP BY id / 50`,
      [tenantId, run_id, attempt.attempt, scheduleId],
    );
    const type: TypeSummary = wholeType(count);
    const before = await processorMilliseconds(admin);
    const began = performance.now();
    await finishRun(executorActor, tenantId, {
      run_id,
      attempt: attempt.attempt,
      end: {
        status: "success",
        error_code: null,
        error_message: null,
        types: { deviceConfiguration: type },
      },
    });
    // The first reads everything from the disk.
    const ms = performance.now() - began;
    const processor = (await processorMilliseconds(admin)) - before;
    if (night > 0) times.push({ ms, processor });
  }
  return times;
}

const { values } = parseArgs({
  options: {
    policies: { type: "string", default: "2000" },
    nights: { type: "string", default: "30" },
    change: { type: "string", default: "0.01" },
    "large-set": { type: "string", default: "50000" },
    "lz4-database": { type: "string" },
  },
});
const policies = Number(values.policies);
const nights = Number(values.nights);
const changes = Math.round(policies * Number(values.change));

process.env.LOG_LEVEL ??= "warn";
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");

const twin = benchTwin(policies);
const database = await ownDatabase();
process.env.DATABASE_URL = database.url;
const sandbox = await sandboxHere(twin);
const folder = await mkdtemp(join(tmpdir(), "tenantpilot-storage-"));
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
const printer = new FigurePrinter();
try {
  const tenant = await connectedTenant(admin, twin);
  const { tenant_id, owner } = tenant;
  const schedule = await nightlySchedule(tenant, { retention_keep_last: nights });

  const git = new GitTree(folder);
  await git.begin();
  const read = async (sha256: string): Promise<string> => {
    const { rows } = await admin.query<{ encoding: string; content: Buffer }>(
      "SELECT encoding, content FROM snapshots WHERE sha256 = $1",
      [sha256],
    );
    const [stored] = rows;
    if (!stored) throw new Error(`There is no snapshot ${sha256}`);
    const document = await decodeSnapshot(stored.encoding, stored.content);
    return `${JSON.stringify(JSON.parse(Buffer.from(document).toString("utf8")), null, 2)}\n`;
  };
  const empty = await bytesOnDisk(admin);
  let firstNight: [string, number][] = [];
  let firstStored = 0;
  let firstItems: { path: string; sha256: string }[] = [];
  for (let night = 0; night < nights; night += 1) {
    // Volatile fields of ten times as many policies move every night, and change nothing.
    if (night > 0)
      sandbox.tenant(twin.entraTenantId).drift({ change: changes, touch: changes * 10, seed: night });
    const set_id = await backUpHere(tenant, schedule.id);
    const { rows: items } = await admin.query<{ path: string; sha256: string }>(
      "SELECT policy_type || '/' || replace(graph_id, '/', '_') || '.json' AS path, sha256 FROM backup_items WHERE backup_set_id = $1",
      [set_id],
    );
    await git.night(items, read);
    await day(admin);
    const { rows: sets } = await admin.query<{ bytes_stored: string; bytes_logical: string }>(
      "SELECT bytes_stored, bytes_logical FROM backup_sets WHERE id = $1",
      [set_id],
    );
    git.plainBytes += Number(sets[0]?.bytes_logical);
    if (night === 0) {
      firstStored = Number(sets[0]?.bytes_stored);
      firstItems = items;
      firstNight = growth(empty, await bytesOnDisk(admin));
    }
    if (process.stdout.isTTY) process.stdout.write(`\rnight ${night + 1} of ${nights}`);
  }
  const allNights = growth(empty, await bytesOnDisk(admin));
  const { rows } = await admin.query<{ stored: string; snapshots: string; ranges: string }>(`
    SELECT (SELECT sum(bytes_stored) FROM snapshots) AS stored, (SELECT count(*) FROM snapshots) AS snapshots,
           (SELECT count(*) FROM item_ranges) AS ranges`);
  const stored = Number(rows[0]?.stored);
  const packed = await git.packedBytes();
  const what = `${nights} nightly runs of ${firstItems.length} policies and foundations, ${changes} changed a night`;
  printer.print({
    figure: "stored bytes of all nights, of the first set's",
    value: stored / firstStored,
    unit: "times",
    bound: { at: "most", value: 1.5 },
    how: `${what}: ${(stored / megabyte).toFixed(2)} MB in ${rows[0]?.snapshots} snapshots; the first set ${(firstStored / megabyte).toFixed(2)} MB`,
  });
  printer.print({
    figure: "plain JSON files, of our stored bytes",
    value: git.plainBytes / stored,
    unit: "times",
    bound: null,
    how: `each night whole, without indentation: ${(git.plainBytes / megabyte).toFixed(1)} MB`,
  });
  printer.print({
    figure: "git, packed, of our stored bytes",
    value: packed / stored,
    unit: "times",
    bound: null,
    how: `one commit a night, indented files, after git gc: ${(packed / megabyte).toFixed(2)} MB`,
  });
  printer.print({
    figure: "everything on disk after all nights, of git, packed",
    value: totalOf(allNights) / packed,
    unit: "times",
    bound: { at: "most", value: 2 },
    how: `tables, indexes and what vacuum leaves, less an empty database: ${inWords(allNights)}; ${rows[0]?.ranges} ranges`,
  });
  printer.print({
    figure: "everything on disk after all nights, of the first night's",
    value: totalOf(allNights) / totalOf(firstNight),
    unit: "times",
    bound: { at: "most", value: 1.6 },
    how: inWords(firstNight),
  });
  const quiet = [];
  for (let night = 0; night < 3; night += 1) {
    const { id } = await startRun(owner, tenant_id, { schedule_id: schedule.id });
    quiet.push(await walOf(admin, () => execute(tenant_id, id)));
  }
  printer.print({
    figure: `write-ahead log of an unchanged night of ${firstItems.length} policies`,
    value: quantile(
      quiet.map((night) => night.bytes / 1000),
      0.5,
    ),
    unit: "kB",
    bound: { at: "most", value: 200 },
    how: quiet
      .map(
        (night) =>
          `${(night.bytes / 1000).toFixed(0)} kB with ${night.images} whole pages in ${night.seconds.toFixed(1)} s`,
      )
      .join("; "),
  });
  const large = await createSchedule(owner, tenant_id, {
    name: "Large",
    timezone: "UTC",
    frequency: "daily",
    time_of_day: "03:00",
    policy_types: ["deviceConfiguration"],
  });
  const count = Number(values["large-set"]);
  const last = await lastTransactions(admin, owner, tenant_id, large.id, count);
  printer.print({
    figure: `last transaction of an unchanged night of ${count} policies`,
    value:
      quantile(
        last.map(({ ms }) => ms),
        0.5,
      ) / 1000,
    unit: "s",
    bound: { at: "most", value: 0.5 },
    how: `median of ${last.map(({ ms, processor }) => `${ms.toFixed(0)} ms (${processor.toFixed(0)} of processor time)`).join(", ")}; load ${loadavg()[0]?.toFixed(1)}`,
  });
  const documents: Uint8Array[] = [];
  for (const { sha256 } of firstItems) {
    documents.push(Buffer.from(JSON.stringify(JSON.parse(await read(sha256)))));
  }
  const codecs = new pg.Client({ connectionString: values["lz4-database"] ?? database.adminUrl });
  await codecs.connect();
  await compareCodecs(codecs, documents).finally(() => codecs.end());
  process.exitCode = printer.missed > 0 ? 1 : 0;
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await sandbox.stop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
}
