// `npm run bench -- export [--items 1000,10000,50000]`: what the download of a backup set takes: memory of the web server
// (the production build), first byte, total time; and whether the archive is whole.
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createWriteStream, openAsBlob } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { parseArgs, promisify } from "node:util";
import { BlobReader, configure, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import pg from "pg";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { provisionToken } from "#lib/members/provision-tenant";
import { createSchedule } from "#lib/schedules/create";
import type { ExportManifest } from "#lib/sets/export";
import { insertSets } from "#lib/testing/sets";
import { build } from "../scripts/build.ts";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { benchTenant } from "./support/bench-tenant.ts";
import { FigureTable } from "./support/figure-table.ts";
import { peakMemoryOf, settledMemoryOf } from "./support/process-memory.ts";
import { type StartedServer, startWeb } from "./support/web-process.ts";

configure({ useWebWorkers: false });
const run = promisify(execFile);
const megabyte = 1_048_576;
/** What may lie about as garbage, and what a set of 50,000 is allowed beyond a set of 1,000. */
const target = { grown: 100, more: 50 };

const { values } = parseArgs({ options: { items: { type: "string", default: "1000,10000,50000" } } });
const sizes = values.items.split(",").map(Number);

const table = new FigureTable();
process.env.LOG_LEVEL ??= "warn";
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
const database = await ownDatabase({ max_wal_size: "4GB" });
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
const folder = await mkdtemp(join(tmpdir(), "tenantpilot-export-"));
let web: StartedServer | undefined;
try {
  process.env.DATABASE_URL = database.url;
  const { tenant_id, owner } = await benchTenant(admin);
  const token = await provisionToken(tenant_id, "bench", "manager");
  // The first set is for the server: it loads the route's code, and its heap becomes what it is at work.
  const sets: { items: number; id: number }[] = [];
  for (const items of [1000, ...sizes]) {
    const schedule = await createSchedule(owner, tenant_id, {
      name: `With ${items} policies`,
      timezone: "UTC",
      frequency: "daily",
      time_of_day: "02:00",
      policy_types: ["deviceConfiguration"],
    });
    const [id = 0] = await insertSets(admin, {
      tenantId: tenant_id,
      scheduleId: schedule.id,
      sets: [{ created_at: new Date("2026-01-01") }],
      items,
    });
    sets.push({ items, id });
  }
  await admin.query("VACUUM ANALYZE");
  if (await build()) console.log("Built the web application.");
  web = await startWeb(database.url);
  const [first, ...measured] = sets;
  const urlOf = (set: number) => `${web?.url}/api/tenants/${tenant_id}/backup-sets/${set}/export`;
  if (first) await download(urlOf(first.id), token, join(folder, "first.zip"));

  const grown: number[] = [];
  for (const { items, id } of measured) {
    const file = join(folder, `${items}.zip`);
    const { pid } = web;
    const idle = await settledMemoryOf(pid);
    const peak = await peakMemoryOf(pid, () => download(urlOf(id), token, file));
    const { firstByte, total } = peak.result;
    const growth = (peak.bytes - idle) / megabyte;
    grown.push(growth);
    const zipped = (await stat(file)).size;
    table.section(`Export of a set of ${items} policies, ${(zipped / megabyte).toFixed(1)} MiB zipped`);
    table.atMost(
      "memory of the web server, peak less idle",
      growth,
      "MiB",
      target.grown,
      ` (idle ${(idle / megabyte).toFixed(0)})`,
    );
    table.atMost("first byte", firstByte, "s", 1);
    table.atMost("total", total, "s", null, ` (${(items / total).toFixed(0)} policies a second)`);
    const checked = await check(file);
    table.holds(
      "each file has the hash of the manifest",
      checked.wrong === 0 && checked.files === items,
      `${checked.files} files, ${checked.wrong} wrong`,
    );
    const words = await unzipTest(file);
    table.holds(
      "unzip -t finds no error",
      words === null || words.startsWith("No errors"),
      words === null ? "unzip is not there: read by zip.js alone" : (words.split(" of ")[0] ?? ""),
    );
  }
  table.section("Together");
  const [least = 0] = grown;
  table.atMost(
    "memory of the largest set beyond the smallest's",
    (grown.at(-1) ?? 0) - least,
    "MiB",
    target.more,
  );
  process.exitCode = table.missed > 0 ? 1 : 0;
} finally {
  await web?.stop();
  await stopProducer();
  await disconnect();
  await admin.end();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
}

/** Downloads an export to a file. @returns seconds */
async function download(
  url: string,
  token: string,
  file: string,
): Promise<{ firstByte: number; total: number }> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
  let firstByte = Number.NaN;
  const noted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      if (Number.isNaN(firstByte)) firstByte = seconds();
      controller.enqueue(chunk);
    },
  });
  await response.body.pipeThrough(noted).pipeTo(Writable.toWeb(createWriteStream(file)));
  return { firstByte, total: seconds() };
}

/** Reads the archive back: are the manifest's files the archive's, and have they its hashes? */
async function check(file: string): Promise<{ files: number; wrong: number }> {
  const zip = new ZipReader(new BlobReader(await openAsBlob(file)));
  const hashes = new Map<string, string>();
  let manifest: ExportManifest | undefined;
  for await (const entry of zip.getEntriesGenerator()) {
    if (entry.directory) continue;
    const bytes = await entry.getData(new Uint8ArrayWriter());
    if (entry.filename === "manifest.json") manifest = JSON.parse(Buffer.from(bytes).toString("utf8"));
    else hashes.set(entry.filename, createHash("sha256").update(bytes).digest("hex"));
  }
  await zip.close();
  const policies = manifest?.files ?? [];
  const listed = [...policies, ...(manifest?.ids && "path" in manifest.ids ? [manifest.ids] : [])];
  const wrong = listed.filter(({ path, sha256 }) => hashes.get(path) !== sha256).length;
  return { files: policies.length, wrong: wrong + Math.abs(hashes.size - listed.length) };
}

/** What unzip says last; null when it is not installed. */
async function unzipTest(file: string): Promise<string | null> {
  try {
    const { stdout } = await run("unzip", ["-tq", file], { maxBuffer: 100_000_000 });
    return stdout.trim().split("\n").at(-1) ?? "";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    return error instanceof Error ? error.message : String(error);
  }
}
