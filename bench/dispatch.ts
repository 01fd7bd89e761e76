// `npm run bench -- dispatch [--schedules 1000000] [--due 10000,100000] [--batch N] [--others 1000,10000]`: how fast due schedules
// become runs, against the least that any dispatcher must do: one bare INSERT … SELECT of as many run rows, in the same
// database, right before. Dispatchers are processes of their own; PostgreSQL flushes to disk as in production.
import { parseArgs } from "node:util";
import pg from "pg";
import { Dispatcher } from "#lib/testing/dispatcher";
import type { DispatcherAnswer } from "#lib/testing/dispatcher-process";
import { insertManySchedules } from "#lib/testing/many-schedules";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { type Figure, FigurePrinter, quantile } from "./support/figures.ts";
import { graphileCron, pgBossSchedule } from "./support/other-crons.ts";

const tenants = 200;

const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "1000000" },
    due: { type: "string", default: "10000,100000" },
    dispatchers: { type: "string", default: "1,2" },
    batch: { type: "string", default: "" },
    others: { type: "string", default: "1000,10000" },
  },
});

/** The database as it is before a tick: `due` schedules are due, no runs, no jobs, statistics and pages fresh. */
async function prepare(admin: pg.Pool, due: number): Promise<void> {
  await admin.query("DELETE FROM pgboss.job WHERE name = 'execute-run'");
  await admin.query("DELETE FROM backup_schedule_runs");
  await admin.query(
    `UPDATE backup_schedules SET next_run_at = date_trunc('minute', now()) - interval '1 min' * (id % 5)
     WHERE id IN (SELECT id FROM backup_schedules ORDER BY id LIMIT $1)`,
    [due],
  );
  await admin.query("VACUUM (ANALYZE) backup_schedules, backup_schedule_runs, audit_log, pgboss.job");
  await admin.query("CHECKPOINT");
}

/** Inserts as many bare run rows as are due; they are taken away again. @returns milliseconds */
async function bareInsert(admin: pg.Pool): Promise<number> {
  const began = performance.now();
  await admin.query(
    `INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status)
     SELECT tenant_id, id, next_run_at, 'schedule', 'running' FROM backup_schedules WHERE next_run_at <= now()`,
  );
  return performance.now() - began;
}

type Ticked = Exclude<DispatcherAnswer, { error: string }>;

async function tickOf(dispatcher: Dispatcher): Promise<Ticked> {
  const answer = await dispatcher.tick(values.batch === "" ? {} : { batch: Number(values.batch) });
  if ("error" in answer) throw new Error(answer.error);
  return answer;
}

async function counts(admin: pg.Pool): Promise<{ runs: number; jobs: number }> {
  const { rows } = await admin.query(
    `SELECT (SELECT count(*)::int FROM backup_schedule_runs) AS runs,
            (SELECT count(*)::int FROM pgboss.job WHERE name = 'execute-run') AS jobs`,
  );
  return rows[0];
}

async function benchDueSchedules(
  { url, admin }: { url: string; admin: pg.Pool },
  { due, dispatchers }: { due: number; dispatchers: number },
  onFigure: (figure: Figure) => void,
): Promise<void> {
  await prepare(admin, due);
  const bare = await bareInsert(admin);
  await prepare(admin, due);
  await admin.query(
    "UPDATE backup_schedules SET next_run_at = next_run_at + interval '1 day' WHERE next_run_at <= now()",
  );
  const processes = (await Promise.all(Array.from({ length: dispatchers }, () => Dispatcher.start(url)))) as [
    Dispatcher,
    ...Dispatcher[],
  ];
  try {
    await Promise.all(processes.map(tickOf));
    const idle: number[] = [];
    for (let n = 0; n < 200; n += 1) idle.push((await tickOf(processes[0])).ms);
    const before = Math.max(...(await Promise.all(processes.map(tickOf))).map((tick) => tick.max_rss_mb));
    await prepare(admin, due);

    const began = performance.now();
    const ticks = await Promise.all(processes.map(tickOf));
    const ms = performance.now() - began;

    const made = await counts(admin);
    if (made.runs !== due || made.jobs !== due) {
      throw new Error(`${due} were due, and there are ${made.runs} runs and ${made.jobs} jobs.`);
    }
    const what = `${due} due, ${dispatchers} ${dispatchers === 1 ? "dispatcher" : "dispatchers"}`;
    onFigure({
      figure: `${what}: bare INSERT … SELECT / dispatch`,
      value: bare / ms,
      unit: "",
      bound: { at: "least", value: dispatchers === 1 ? 0.15 : 0.25 },
      how: `${(bare / 1000).toFixed(2)} s / ${(ms / 1000).toFixed(2)} s, ${Math.round(due / (ms / 1000))} a second; claimed ${ticks.map((tick) => tick.claimed).join(" + ")}`,
    });
    onFigure({
      figure: `${what}: time`,
      value: ms / 1000,
      unit: "s",
      bound: due === 100_000 ? { at: "most", value: 15 } : null,
      how: "from the start of the tick to the last commit, with the sweep of lost runs",
    });
    onFigure({
      figure: `${what}: most memory of a dispatcher process`,
      value: Math.max(...ticks.map((tick) => tick.max_rss_mb)),
      unit: "MB",
      bound: { at: "most", value: 200 },
      how: `peak RSS; ${before.toFixed(0)} MB before anything was due`,
    });
    onFigure({
      figure: `${what}: a tick before, that found nothing`,
      value: quantile(idle, 0.5),
      unit: "ms",
      bound: { at: "most", value: 5 },
      how: `median of ${idle.length}; 99th percentile ${quantile(idle, 0.99).toFixed(1)} ms`,
    });
  } finally {
    await Promise.all(processes.map((dispatcher) => dispatcher.stop()));
  }
}

const numbers = (text: string) => text.split(",").filter(Boolean).map(Number);
const printer = new FigurePrinter();
const database = await ownDatabase({ max_wal_size: "4GB" });
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 4 });
admin.on("error", () => {});
try {
  console.log(`${values.schedules} schedules of ${tenants} tenants; PostgreSQL with fsync on.`);
  await insertManySchedules(admin, { tenants, schedules: Number(values.schedules), due: 0 });
  await admin.query("VACUUM ANALYZE");
  for (const due of numbers(values.due)) {
    for (const dispatchers of numbers(values.dispatchers)) {
      await benchDueSchedules({ url: database.url, admin }, { due, dispatchers }, printer.print);
    }
  }
  for (const entries of numbers(values.others)) {
    for (const [name, measure] of [
      ["pg-boss schedule()", pgBossSchedule],
      ["graphile-worker cron", graphileCron],
    ] as const) {
      const { enqueued, seconds } = await measure(database.adminUrl, admin, entries);
      printer.print({
        figure: `${name}, ${entries} entries due at one minute`,
        value: seconds,
        unit: "s",
        bound: null,
        how: `from the minute until ${enqueued} of ${entries} were in its queue; no run rows, no audit, no tenants`,
      });
    }
  }
} finally {
  await admin.end();
  await database.drop();
}
process.exitCode = printer.missed > 0 ? 1 : 0;
