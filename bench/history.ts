// `node bench/history.ts [--policies 2000] [--nights 365] [--change 20] [--touch 200]`: what a year of nights of one schedule
// costs those who look at it: comparisons of neighbors, a policy's history, lists. The year is filled in by SQL.
import { randomBytes } from "node:crypto";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import pg from "pg";
import { compareSets } from "#lib/compare/compare";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { createSchedule } from "#lib/schedules/create";
import { listBackupItems } from "#lib/sets/items";
import { getPolicyHistory, searchPolicies } from "#lib/sets/policy-history";
import { openEnd } from "#lib/sets/ranges";
import { listBackupSets } from "#lib/sets/sets";
import { behindTheGuards } from "#lib/testing/sets";
import { wholeType } from "#lib/testing/whole-type";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { benchTenant } from "./support/bench-tenant.ts";
import { FigurePrinter, quantile } from "./support/figures.ts";
import { processorMilliseconds } from "./support/processor-time.ts";

const { values } = parseArgs({
  options: {
    policies: { type: "string", default: "2000" },
    nights: { type: "string", default: "365" },
    change: { type: "string", default: "20" },
    touch: { type: "string", default: "200" },
  },
});
const [policies, nights, changed, touched] = [
  values.policies,
  values.nights,
  values.change,
  values.touch,
].map(Number) as [number, number, number, number];

/** A year: every night the next policies change, and of others the volatile fields. */
async function fill(admin: pg.Pool, tenantId: number, scheduleId: number): Promise<number[]> {
  const whole = JSON.stringify({
    types: {
      deviceConfiguration: wholeType(policies),
    },
    catalog_revision: 1_000,
  });
  const statements: [string, unknown[]][] = [
    [
      `INSERT INTO backup_schedule_runs (id, tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at, backup_set_id)
       SELECT n, $1, $2, now() - ($3::int - n) * interval '1 day', 'schedule', 'success', now() - ($3::int - n) * interval '1 day', n
       FROM generate_series(1, $3::int) n`,
      [tenantId, scheduleId, nights],
    ],
    [
      `INSERT INTO backup_sets (id, tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                                manifest, manifest_sha256, created_at, seal)
       SELECT n, $1, $2, n, 'success', $4, 0, 0, $5, repeat('0', 64), now() - ($3::int - n) * interval '1 day', ''
       FROM generate_series(1, $3::int) n`,
      [tenantId, scheduleId, nights, policies, whole],
    ],
    [
      `INSERT INTO item_ranges (tenant_id, backup_schedule_id, from_set_id, until_set_id, kind, policy_type, graph_id, display_name,
                                sha256, volatile, seal)
       SELECT $1, $2, night, lead(night, 1, ${openEnd}) OVER (PARTITION BY policy ORDER BY night), 'policy', 'deviceConfiguration',
              md5(policy::text)::uuid, 'Win - Policy ' || policy, encode(sha256((policy || ' ' || night)::bytea), 'hex'),
              '{"lastModifiedDateTime": "2026-11-29T12:00:00Z"}', '\\x0123456789abcdef0123456789abcdef'
       FROM (SELECT 1 AS night, policy FROM generate_series(0, $4::int - 1) policy
             UNION ALL
             SELECT night, (night * $5::int + k) % $4::int FROM generate_series(2, $3::int) night, generate_series(0, $5::int - 1) k) c
       ORDER BY night, policy`,
      [tenantId, scheduleId, nights, policies, changed],
    ],
    [
      `INSERT INTO moved_volatiles (tenant_id, backup_schedule_id, shelf, from_set_id, places, volatiles, checks, seal)
       SELECT $1, r.backup_schedule_id, r.id / 512, n.night, array_agg((r.id % 512)::smallint ORDER BY r.id),
              jsonb_agg(jsonb_build_object('lastModifiedDateTime', now() + n.night * interval '1 day')), array_agg(0),
              '\\x0123456789abcdef0123456789abcdef'
       FROM (SELECT night, (night * 7 * $3::int + k) % $4::int AS policy
             FROM generate_series(2, $2::int) night, generate_series(0, $3::int - 1) k) n
       JOIN item_ranges r ON r.tenant_id = $1 AND r.display_name = 'Win - Policy ' || n.policy
         AND r.from_set_id < n.night AND r.until_set_id > n.night
       GROUP BY r.backup_schedule_id, r.id / 512, n.night`,
      [tenantId, nights, touched, policies],
    ],
    [
      `INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored)
       SELECT tenant_id, sha256, 'zstd', decode(repeat(md5(sha256), 70), 'hex'), 9000, 1120 FROM item_ranges`,
      [],
    ],
  ];
  for (const [sql, given] of statements) await behindTheGuards(admin, sql, given);
  await admin.query("VACUUM ANALYZE");
  return Array.from({ length: nights }, (_, night) => night + 1);
}

process.env.LOG_LEVEL ??= "warn";
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
// What was filled in is vacuumed at once; a vacuum of its own would run into the measurement.
const database = await ownDatabase({ max_wal_size: "4GB", autovacuum: "off" });
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
const printer = new FigurePrinter();
try {
  process.env.DATABASE_URL = database.url;
  const { tenant_id, owner } = await benchTenant(admin);
  const schedule = await createSchedule(owner, tenant_id, {
    name: "Nightly",
    timezone: "UTC",
    frequency: "daily",
    time_of_day: "02:00",
    policy_types: ["deviceConfiguration"],
    retention_keep_last: nights,
  });
  const sets = await fill(admin, tenant_id, schedule.id);
  const { rows: ids } = await admin.query<{ graph_id: string }>(
    "SELECT DISTINCT graph_id FROM item_ranges ORDER BY graph_id LIMIT 100",
  );
  const size = `${nights} nights of ${policies} policies, ${changed} changed and ${touched} touched a night`;
  const some = Array.from({ length: 100 }, (_, n) => sets[1 + ((n * 37) % (sets.length - 1))] ?? 0);
  const measure = async (
    figure: string,
    bound: number | null,
    work: (n: number) => Promise<unknown>,
  ): Promise<void> => {
    const times: number[] = [];
    let before = 0;
    for (let n = 0; n < 110; n += 1) {
      if (n === 10) before = await processorMilliseconds(admin);
      const began = performance.now();
      await work(n % 100);
      // The first ones are for the statements: they are parsed and planned.
      if (n >= 10) times.push(performance.now() - began);
    }
    const processor = ((await processorMilliseconds(admin)) - before) / times.length;
    printer.print({
      figure: `${figure}, p95`,
      value: quantile(times, 0.95),
      unit: "ms",
      bound: bound === null ? null : { at: "most", value: bound },
      how: `${size}; p50 ${quantile(times, 0.5).toFixed(1)} ms, ${processor.toFixed(1)} ms of processor time each; load ${loadavg()[0]?.toFixed(1)}`,
    });
  };
  const neighbors = (n: number) => compareSets(owner, tenant_id, { set_id: some[n] ?? 0 });
  // Until this process has compiled what it runs.
  for (let n = 0; n < 100; n += 1) await neighbors(n);
  await measure("compare a set with the one before", 20, neighbors);
  await measure("compare a set with one a month before", null, (n) =>
    compareSets(owner, tenant_id, {
      set_id: some[n] ?? 0,
      with_set_id: Math.max(1, (some[n] ?? 0) - 30),
    }),
  );
  await measure("a policy's history", 20, (n) =>
    getPolicyHistory(owner, tenant_id, {
      policy_type: "deviceConfiguration",
      graph_id: ids[n]?.graph_id ?? "",
    }),
  );
  await measure("the list of sets, a page of 50", 20, (n) =>
    listBackupSets(owner, tenant_id, { cursor: `c${some[n]}` }),
  );
  await measure("the items of a set, a page of 50", null, (n) =>
    listBackupItems(owner, tenant_id, { set_id: some[n] ?? 0 }),
  );
  await measure("find policies by name, a page of 50", null, (n) =>
    searchPolicies(owner, tenant_id, { search: `policy ${n}` }),
  );
  process.exitCode = printer.missed > 0 ? 1 : 0;
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await database.drop();
}
