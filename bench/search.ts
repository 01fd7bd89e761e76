// `node bench/search.ts [--policies 2000] [--nights 30] [--change 0.01]`: how long it takes to find policies by what is in
// them, and what the index takes on disk. Real runs against the Graph sandbox.
import { randomBytes } from "node:crypto";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import pg from "pg";
import { indexContents } from "#lib/contents/index-contents";
import { searchContents } from "#lib/contents/search";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { connectedTenant, nightlySchedule } from "./support/bench-tenant.ts";
import { FigurePrinter, quantile } from "./support/figures.ts";
import { processorMilliseconds } from "./support/processor-time.ts";
import { backUpHere, benchTwin, sandboxHere } from "./support/runs-here.ts";

const { values } = parseArgs({
  options: {
    policies: { type: "string", default: "2000" },
    nights: { type: "string", default: "30" },
    change: { type: "string", default: "0.01" },
  },
});
const [policies, nights] = [Number(values.policies), Number(values.nights)];
const change = Math.round(policies * Number(values.change));

process.env.LOG_LEVEL ??= "warn";
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
const twin = benchTwin(policies);
const database = await ownDatabase();
process.env.DATABASE_URL = database.url;
const sandbox = await sandboxHere(twin);
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
const printer = new FigurePrinter();
try {
  const tenant = await connectedTenant(admin, twin);
  const { tenant_id, owner } = tenant;
  const schedule = await nightlySchedule(tenant, { retention_keep_last: nights });
  const indexing: number[] = [];
  for (let night = 0; night < nights; night += 1) {
    if (night > 0) sandbox.tenant(twin.entraTenantId).drift({ change, touch: change * 10, seed: night });
    await backUpHere(tenant, schedule.id);
    const began = performance.now();
    await indexContents(tenant_id);
    indexing.push(performance.now() - began);
    await admin.query("VACUUM ANALYZE");
    if (process.stdout.isTTY) process.stdout.write(`\rnight ${night + 1} of ${nights}`);
  }
  const { rows } = await admin.query<{
    disk: string;
    bytes: string;
    segments: number;
    snapshots: number;
    stored: string;
  }>(`
    SELECT pg_total_relation_size('content_segments') AS disk, sum(length(keys) + length(content)) AS bytes,
           count(*)::int AS segments, (SELECT count(*)::int FROM snapshots) AS snapshots,
           (SELECT sum(bytes_stored) FROM snapshots) AS stored
    FROM content_segments`);
  const [size] = rows;
  const disk = Number(size?.disk);
  printer.print({
    figure: "index of contents on disk, of the snapshots' stored bytes",
    value: disk / Number(size?.stored),
    unit: "times",
    bound: null,
    how: `${(disk / 1e6).toFixed(2)} MB in ${size?.segments} segments (${(Number(size?.bytes) / 1e6).toFixed(2)} MB without vacant pages), for ${size?.snapshots} snapshots of ${(Number(size?.stored) / 1e6).toFixed(2)} MB`,
  });
  const [first = 0, ...later] = indexing;
  printer.print({
    figure: "indexing after a night",
    value: quantile(later.length > 0 ? later : indexing, 0.5),
    unit: "ms",
    bound: null,
    how: `median; the first night ${first.toFixed(0)} ms`,
  });
  const { rows: ids } = await admin.query<{ graph_id: string }>(
    "SELECT DISTINCT graph_id FROM item_ranges WHERE length(graph_id) > 30 ORDER BY graph_id LIMIT 100",
  );
  const { rows: groups } = await admin.query<{ display_name: string }>(
    "SELECT DISTINCT display_name FROM item_ranges WHERE kind = 'policy' ORDER BY display_name LIMIT 100",
  );
  const terms: [string, (n: number) => string][] = [
    ["rare terms (an id)", (n) => ids[n % ids.length]?.graph_id ?? ""],
    ["names of policies", (n) => groups[n % groups.length]?.display_name ?? ""],
    ["common terms", (n) => ["displayName", "Windows", "device", "Contoso", "group"][n % 5] ?? ""],
    [
      "terms of many, together in few",
      (n) => ["Corporate Wi-Fi", "device_vendor", "Pilot ring", "all users"][n % 4] ?? "",
    ],
    ["absent terms", (n) => `nowhere ${n} to be found`],
  ];
  const sizeInWords = `${nights} sets of ${policies} policies, ${change} changed a night`;
  for (const [what, term] of terms) {
    for (const time of ["now", "ever"] as const) {
      const times: number[] = [];
      let found = 0;
      let before = 0;
      for (let n = 0; n < 60; n += 1) {
        if (n === 10) before = await processorMilliseconds(admin);
        const began = performance.now();
        const page = await searchContents(owner, tenant_id, { search: term(n), time });
        // The first ones are for the statements: they are parsed and planned.
        if (n >= 10) times.push(performance.now() - began);
        found += page.items.length;
      }
      const processor = ((await processorMilliseconds(admin)) - before) / times.length;
      printer.print({
        figure: `${what}, ${time === "now" ? "now" : "in any set"}, p95`,
        value: quantile(times, 0.95),
        unit: "ms",
        bound: { at: "most", value: 200 },
        how: `${sizeInWords}; p50 ${quantile(times, 0.5).toFixed(1)} ms, ${processor.toFixed(1)} ms of processor time each; ${(found / 60).toFixed(1)} policies a page; load ${loadavg()[0]?.toFixed(1)}`,
      });
    }
  }
  process.exitCode = printer.missed > 0 ? 1 : 0;
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await sandbox.stop();
  await database.drop();
}
