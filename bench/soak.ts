// `npm run bench -- soak [--hours 72] [--tenants 1000] [--schedules 3]`: days of a service in minutes. Dispatch is driven minute by
// minute over a change to summer time, with an outage in between; each run ends at once. Every occurrence is accounted for
// by Temporal, and the memory of the process is looked at after each hour.
import { parseArgs } from "node:util";
import pg from "pg";
import { executorActor } from "#lib/access/actor";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { finishRun } from "#lib/runs/finish";
import { tick } from "#lib/schedules/tick";
import { Random } from "#sandbox/random";
import { accountFor, nominalTimes, type Rule } from "../scripts/chaos/occurrences.ts";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { FigurePrinter } from "./support/figures.ts";

const { values } = parseArgs({
  options: {
    hours: { type: "string", default: "72" },
    tenants: { type: "string", default: "1000" },
    schedules: { type: "string", default: "3" },
  },
});
const hours = Number(values.hours);
const tenants = Number(values.tenants);
const perTenant = Number(values.schedules);

const minute = 60_000;
const hour = 60 * minute;
/** Most of Europe goes to summer time in the second night: on 30 March 2031 at 01:00 in UTC. */
const from = Date.parse("2031-03-28T12:00:00Z");
const to = from + hours * hour;
/** The service is away for so long after a third of the time: less than what is missed for good. */
const outage = { from: from + (hours / 3) * hour, to: from + (hours / 3) * hour + 2 * hour };

const zones = [
  "UTC",
  "Europe/Berlin",
  "Europe/London",
  "Europe/Lisbon",
  "Europe/Kyiv",
  "Atlantic/Azores",
  "America/New_York",
  "America/St_Johns",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Apia",
] as const;

/** Half of them in the hours that a change of clocks skips or moves. */
function ruleOf(random: Random): Rule {
  const of = (value: number) => String(value).padStart(2, "0");
  const at = random.chance(0.5) ? random.int(0, 3) : random.int(0, 23);
  return {
    timezone: random.pick(zones),
    time_of_day: `${of(at)}:${of(random.int(0, 59))}:00`,
    days: random.chance(0.3) ? [1, 2, 3, 4, 5, 6, 7].filter(() => random.chance(0.6)) : null,
  };
}

/** @returns the rules by their schedules' ids */
async function makeSchedules(admin: pg.Pool): Promise<Map<number, Rule>> {
  const random = new Random("soak");
  const rules = Array.from({ length: tenants * perTenant }, () => {
    const rule = ruleOf(random);
    return rule.days?.length === 0 ? { ...rule, days: null } : rule;
  });
  const { rows: made } = await admin.query<{ id: number }>(
    "INSERT INTO tenants (name) SELECT 'Soak ' || n FROM generate_series(1, $1::int) n RETURNING id",
    [tenants],
  );
  const rows = rules.map((rule, index) => ({
    ...rule,
    tenant_id: made[index % tenants]?.id,
    days: rule.days ?? [],
    frequency: rule.days ? "weekly" : "daily",
    next_run_at: new Date(nominalTimes(rule, from, from + 8 * 24 * hour)[0] ?? 0).toISOString(),
  }));
  const { rows: inserted } = await admin.query<{ id: number }>(
    `INSERT INTO backup_schedules
       (tenant_id, name, timezone, frequency, time_of_day, days_of_week, policy_types, next_run_at)
     SELECT tenant_id, 'Schedule', timezone, frequency::frequency, time_of_day,
            ARRAY(SELECT jsonb_array_elements_text(days)::smallint), '{deviceCompliancePolicy}', next_run_at::timestamptz
     FROM ROWS FROM (jsonb_to_recordset($1::jsonb)
       AS (tenant_id int, timezone text, frequency text, time_of_day text, days jsonb, next_run_at text)) WITH ORDINALITY
       AS r(tenant_id, timezone, frequency, time_of_day, days, next_run_at, place)
     ORDER BY place RETURNING id`,
    [JSON.stringify(rows)],
  );
  return new Map(
    inserted.map(({ id }, index) => [id, rules[index] ?? { timezone: "UTC", time_of_day: "", days: null }]),
  );
}

/** Ends what is active with an empty set each, as an executor does that found nothing. @returns how many */
async function endRuns(admin: pg.Pool): Promise<number> {
  const { rows } = await admin.query<{ id: number; tenant_id: number }>(
    "SELECT id, tenant_id FROM backup_schedule_runs WHERE status = 'running' ORDER BY id",
  );
  for (let at = 0; at < rows.length; at += 8)
    await Promise.all(
      rows.slice(at, at + 8).map(({ id, tenant_id }) =>
        finishRun(executorActor, tenant_id, {
          run_id: id,
          attempt: 0,
          end: { status: "success", error_code: null, error_message: null, types: {} },
        }),
      ),
    );
  // As the worker that did them would have.
  if (rows.length > 0)
    await admin.query("DELETE FROM pgboss.job WHERE name IN ('execute-run', 'apply-retention')");
  return rows.length;
}

/** Bytes that the process holds, after what nobody needs has been collected. */
function memory(): { heap: number; resident: number } {
  globalThis.gc?.();
  const { heapUsed: heap, rss: resident } = process.memoryUsage();
  return { heap, resident };
}

async function account(admin: pg.Pool, rules: ReadonlyMap<number, Rule>) {
  const { rows } = await admin.query<{
    schedule: number;
    nominal: Date;
    missed: number;
    status: string;
    code: string;
  }>(
    `SELECT backup_schedule_id AS schedule, nominal_at AS nominal, missed_occurrences AS missed, status::text,
            coalesce(error_code, '') AS code
     FROM backup_schedule_runs ORDER BY nominal_at`,
  );
  const bySchedule = Map.groupBy(rows, (row) => row.schedule);
  const sum = { expected: 0, merged: 0, lost: 0, double: 0, invented: 0 };
  for (const [id, rule] of rules) {
    const dispatched = (bySchedule.get(id) ?? []).map(({ nominal, missed }) => ({
      nominal: nominal.getTime(),
      missed,
    }));
    const accounts = accountFor(nominalTimes(rule, from, to), dispatched, () => true);
    for (const name of ["expected", "merged", "lost", "double", "invented"] as const)
      sum[name] += accounts[name];
  }
  const skipped = rows.filter(({ status }) => status === "skipped").map(({ code }) => code);
  const good = rows.filter(({ status }) => status === "success").length;
  return {
    ...sum,
    good,
    skipped: Object.fromEntries(
      [...Map.groupBy(skipped, (code) => code)].map(([code, all]) => [code, all.length]),
    ),
  };
}

const mean = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0) / numbers.length;
const megabytes = (bytes: number) => bytes / 1e6;

const printer = new FigurePrinter();
const database = await ownDatabase({ fsync: "off", max_wal_size: "4GB" });
process.env.DATABASE_URL = database.url;
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
admin.on("error", () => {});
try {
  const rules = await makeSchedules(admin);
  console.log(
    `${rules.size} schedules of ${tenants} tenants; ${hours} hours from ${new Date(from).toISOString()}.`,
  );
  const samples: ReturnType<typeof memory>[] = [];
  const began = performance.now();
  let ticks = 0;
  let ended = 0;
  for (let at = from; at <= to; at += minute) {
    if (at >= outage.from && at < outage.to) continue;
    await tick({ at: new Date(at).toISOString() });
    ended += await endRuns(admin);
    ticks += 1;
    if (ticks % 60 === 0) {
      samples.push(memory());
      if (ticks % 720 === 0) {
        await admin.query("ANALYZE backup_schedules, backup_schedule_runs, backup_sets, audit_log");
        console.log(
          `  after ${ticks / 60} hours: ${ended} runs, ${Math.round((performance.now() - began) / 1_000)} s, ${megabytes(samples.at(-1)?.resident ?? 0).toFixed(0)} MB`,
        );
      }
    }
  }
  const { expected, merged, lost, double, invented, good, skipped } = await account(admin, rules);
  printer.print({
    figure: "occurrences lost, double or invented",
    value: lost + double + invented,
    unit: "",
    bound: { at: "most", value: 0 },
    how: `${expected} expected by Temporal; ${good} ended well, ${merged} merged, skipped: ${JSON.stringify(skipped)}; ${ticks} ticks in ${((performance.now() - began) / 1_000).toFixed(0)} s`,
  });
  // The process warms up in its first hours: its code is compiled, its pools and buffers reach their size. What grows for ever
  // grows from the second third to the last as well.
  const third = Math.floor(samples.length / 3);
  for (const [name, bound] of [
    ["heap", 5],
    ["resident", 10],
  ] as const) {
    const [first = 0, second = 0, last = 0] = [0, 1, 2].map((part) =>
      megabytes(mean(samples.slice(part * third, (part + 1) * third).map((sample) => sample[name]))),
    );
    printer.print({
      figure: `memory of the process (${name}), last third over second third`,
      value: last - second,
      unit: "MB",
      bound: { at: "most", value: bound },
      how: `${first.toFixed(1)}, ${second.toFixed(1)} and ${last.toFixed(1)} MB on average in the three thirds, after a collection each hour`,
    });
  }
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await database.drop();
}
process.exit(printer.missed > 0 ? 1 : 0);
