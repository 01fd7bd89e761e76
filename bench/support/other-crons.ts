import { Logger, parseCronItems, run } from "graphile-worker";
import pg from "pg";
import { PgBoss } from "pg-boss";

/** How another scheduler did on the first full minute after its start. */
export interface CronFigures {
  entries: number;
  /** Occurrences that it had put into its queue by then. */
  enqueued: number;
  /** From the minute to the last of them, in seconds. */
  seconds: number;
}

const patienceMs = 50_000;

/** pg-boss's own schedule(): a number of entries of one queue, due every minute. */
export async function pgBossSchedule(url: string, admin: pg.Pool, entries: number): Promise<CronFigures> {
  const schema = "bench_pgboss";
  const boss = new PgBoss({
    connectionString: url,
    schema,
    cronMonitorIntervalSeconds: 1,
    cronWorkerIntervalSeconds: 1,
  });
  boss.on("error", () => {});
  await boss.start();
  try {
    await boss.createQueue("occurrences");
    await untilSecond(5);
    for (let first = 0; first < entries; first += 50) {
      const some = Array.from({ length: Math.min(50, entries - first) }, (_, n) => String(first + n));
      await Promise.all(some.map((key) => boss.schedule("occurrences", "* * * * *", null, { key })));
    }
    await admin.query(`DELETE FROM ${schema}.job WHERE name = 'occurrences'`);
    return await firstMinute(entries, async (minute) => {
      const { rows } = await admin.query(
        `SELECT count(*)::int AS count, extract(epoch FROM max(created_on) - $1::timestamptz)::float AS seconds
         FROM ${schema}.job WHERE name = 'occurrences' AND created_on >= $1`,
        [minute],
      );
      return rows[0];
    });
  } finally {
    await boss.stop({ graceful: false, close: true });
    await admin.query(`DROP SCHEMA ${schema} CASCADE`);
  }
}

/** graphile-worker's cron: a number of items, due every minute. */
export async function graphileCron(url: string, admin: pg.Pool, entries: number): Promise<CronFigures> {
  const schema = "bench_graphile";
  await untilSecond(5);
  const pgPool = new pg.Pool({ connectionString: url, max: 4 });
  // graphile-worker leaves idle connections to themselves when it stops.
  pgPool.on("error", () => {});
  const runner = await run({
    pgPool,
    schema,
    concurrency: 1,
    noHandleSignals: true,
    // Far away: what is measured is the filling of its queue, not the work.
    taskList: { elsewhere: () => {} },
    parsedCronItems: parseCronItems(
      Array.from({ length: entries }, (_, n) => ({
        task: "occurrence",
        match: "* * * * *",
        identifier: `entry ${n}`,
      })),
    ),
    logger: new Logger(() => () => {}),
  });
  try {
    return await firstMinute(entries, async (minute) => {
      const { rows } = await admin.query(
        `SELECT count(*)::int AS count, extract(epoch FROM clock_timestamp() - $1::timestamptz)::float AS seconds
         FROM ${schema}._private_known_crontabs WHERE last_execution >= $1`,
        [minute],
      );
      return rows[0];
    });
  } finally {
    await runner.stop();
    await pgPool.end();
    await admin.query(`DROP SCHEMA ${schema} CASCADE`);
  }
}

/** Waits until a minute is young, so that no other begins while entries are made. */
async function untilSecond(second: number): Promise<void> {
  while (new Date().getSeconds() > second) await sleep(200);
}

async function firstMinute(
  entries: number,
  look: (minute: Date) => Promise<{ count: number; seconds: number | null }>,
): Promise<CronFigures> {
  const minute = new Date(Math.ceil(Date.now() / 60_000) * 60_000);
  await sleep(minute.getTime() - Date.now());
  for (;;) {
    const { count, seconds } = await look(minute);
    if (count >= entries || Date.now() > minute.getTime() + patienceMs) {
      return { entries, enqueued: count, seconds: seconds ?? Number.NaN };
    }
    await sleep(50);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
