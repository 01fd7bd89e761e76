// `node bench/compare.ts [--items 10000]`: comparing, exporting and verifying large sets.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { parseArgs, promisify } from "node:util";
import pg from "pg";
import { compareTenants } from "#lib/compare/by-name";
import { compareSets } from "#lib/compare/compare";
import { disconnect } from "#lib/db/client";
import { verifySet } from "#lib/integrity/verify";
import { stopProducer } from "#lib/jobs/boss";
import { createSchedule } from "#lib/schedules/create";
import { exportSet } from "#lib/sets/export";
import { searchPolicies } from "#lib/sets/policy-history";
import { insertSets } from "#lib/testing/sets";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { benchTenant } from "./support/bench-tenant.ts";
import { FigurePrinter, quantile } from "./support/figures.ts";

const megabyte = 1_048_576;

/** The most memory of this process while `work` runs, beyond what it had before, in MiB. */
async function memoryOf<T>(work: () => Promise<T>): Promise<{ result: T; grown: number }> {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  try {
    return { result: await work(), grown: (most - before) / megabyte };
  } finally {
    clearInterval(timer);
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

const { values } = parseArgs({ options: { items: { type: "string", default: "10000" } } });
const items = Number(values.items);
process.env.LOG_LEVEL ??= "warn";
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
const database = await ownDatabase({ max_wal_size: "4GB" });
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
const folder = await mkdtemp(join(tmpdir(), "tenantpilot-compare-"));
const printer = new FigurePrinter();
const { print } = printer;
try {
  process.env.DATABASE_URL = database.url;
  const { tenant_id, owner } = await benchTenant(admin);
  const schedule = await createSchedule(owner, tenant_id, {
    name: "Nightly",
    timezone: "UTC",
    frequency: "daily",
    time_of_day: "02:00",
    policy_types: ["deviceConfiguration"],
  });
  const [left = 0, right = 0] = await insertSets(admin, {
    tenantId: tenant_id,
    scheduleId: schedule.id,
    sets: [{ created_at: new Date("2026-01-01") }, { created_at: new Date("2026-01-02") }],
    items,
    changed: items / 100,
  });
  await admin.query("VACUUM ANALYZE");

  const compare = () => compareSets(owner, tenant_id, { set_id: right, with_set_id: left });
  await compare();
  const times: number[] = [];
  const { result: counts, grown } = await memoryOf(async () => {
    for (let round = 0; round < 20; round += 1) times.push(await seconds(compare));
    return (await compare()).counts;
  });
  print({
    figure: `compare two sets of ${items} items`,
    value: quantile(times, 0.95),
    unit: "s",
    bound: { at: "most", value: 2 },
    how: `p95 of 20, counts and first page; ${counts.changed} changed; memory grew by ${grown.toFixed(0)} MiB over all`,
  });
  const across = { set_id: right, with_tenant_id: tenant_id, with_set_id: left };
  const tenants = await memoryOf(() => seconds(() => compareTenants(owner, tenant_id, across)));
  print({
    figure: `the same by name, as of two tenants`,
    value: tenants.result,
    unit: "s",
    bound: null,
    how: `once, with all counts; memory grew by ${tenants.grown.toFixed(0)} MiB`,
  });
  print({
    figure: "search by name across the sets",
    value: await seconds(() => searchPolicies(owner, tenant_id, { search: `${schedule.id}-77` })),
    unit: "s",
    bound: null,
    how: `${2 * items} items`,
  });
  const verified = await memoryOf(() => seconds(() => verifySet(owner, tenant_id, { set_id: right })));
  print({
    figure: `verify a set of ${items} items`,
    value: verified.result,
    unit: "s",
    bound: null,
    how: `every snapshot decompressed and hashed; memory grew by ${verified.grown.toFixed(0)} MiB`,
  });

  const file = join(folder, "export.zip");
  let firstByte = Number.NaN;
  const exported = await memoryOf(async () => {
    const began = performance.now();
    const { stream } = await exportSet(owner, tenant_id, { set_id: right });
    const noted = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (Number.isNaN(firstByte)) firstByte = (performance.now() - began) / 1000;
        controller.enqueue(chunk);
      },
    });
    await stream.pipeThrough(noted).pipeTo(Writable.toWeb(createWriteStream(file)));
    return (performance.now() - began) / 1000;
  });
  print({
    figure: `export of ${items} items, first byte`,
    value: firstByte,
    unit: "s",
    bound: { at: "most", value: 1 },
    how: `the whole in ${exported.result.toFixed(1)} s`,
  });
  print({
    figure: "export, memory",
    value: exported.grown,
    unit: "MiB",
    bound: { at: "most", value: 100 },
    how: "the most that the process grew by while it streamed to a file",
  });
  const { stdout } = await promisify(execFile)("unzip", ["-t", file], { maxBuffer: 100_000_000 });
  console.log(`unzip -t: ${stdout.trim().split("\n").at(-1)}`);
  process.exitCode = printer.missed > 0 ? 1 : 0;
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
}
