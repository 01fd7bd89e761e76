import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Dispatcher } from "#lib/testing/dispatcher";
import { insertManySchedules } from "#lib/testing/many-schedules";
import { type OwnDatabase, ownDatabase } from "../scripts/testing/own-database.ts";

/** Eight dispatchers as processes, killed again and again, on a PostgreSQL that crashes twice. */

const dispatchers = 8;
const due = 20_000;
const kills = 30;
/** Small, so that there are 800 transactions to be killed in. */
const batch = 25;

let database: OwnDatabase;
let admin: pg.Pool;

beforeAll(async () => {
  database = await ownDatabase();
  admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  // Crashes cut the connections.
  admin.on("error", () => {});
});

afterAll(async () => {
  await admin?.end();
  await database?.drop();
});

/** mulberry32: the same kills at each run of the test, as far as processes go. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function dispatched(): Promise<number> {
  const { rows } = await admin.query("SELECT count(*)::int AS count FROM backup_schedule_runs");
  return rows[0].count;
}

/** Waits until so many runs are there; the database may be away meanwhile. */
async function progress(until: number, deadline: number): Promise<void> {
  for (;;) {
    const count = await dispatched().catch(() => 0);
    if (count >= until) return;
    if (Date.now() > deadline) throw new Error(`Only ${count} of ${until} runs in time.`);
    await delay(10);
  }
}

test("20000 due schedules, 8 dispatchers, 30 SIGKILLs, 2 crashes: each occurrence has one run and one job", async () => {
  const deadline = Date.now() + 170_000;
  await insertManySchedules(admin, { tenants: 40, schedules: due, due });
  await admin.query("CREATE TABLE occurrences AS SELECT id, next_run_at AS at FROM backup_schedules");

  let over = false;
  const living: Dispatcher[] = [];
  const seats = Array.from({ length: dispatchers }, async (_, seat) => {
    while (!over) {
      const dispatcher = new Dispatcher(database.url);
      living[seat] = dispatcher;
      for (let alive = true; alive && !over; ) {
        const answer = await dispatcher.tick({ batch });
        alive = !("error" in answer && answer.error === "The dispatcher ended.");
        if (alive) await delay(20);
      }
      await dispatcher.stop();
    }
  });

  const next = random(20260329);
  const crashes = [Math.floor(kills / 3), Math.floor((2 * kills) / 3)];
  for (let killed = 1; killed <= kills; killed += 1) {
    // Kills follow the work, so there are as many on a fast machine as on a slow one.
    await progress(Math.floor((killed * due * 0.9) / kills), deadline);
    await delay(next() * 40);
    await living[Math.floor(next() * dispatchers)]?.kill();
    if (crashes.includes(killed)) await database.crash();
  }
  await progress(due, deadline);
  over = true;
  await Promise.all(seats);

  const { rows } = await admin.query(`
    SELECT (SELECT count(*)::int FROM backup_schedule_runs) AS runs,
           (SELECT count(*)::int FROM occurrences o
             WHERE NOT EXISTS (SELECT FROM backup_schedule_runs r
                               WHERE r.backup_schedule_id = o.id AND r.scheduled_for = o.at)) AS lost,
           (SELECT count(*)::int FROM (SELECT FROM backup_schedule_runs GROUP BY backup_schedule_id
                                       HAVING count(*) > 1) d) AS double,
           (SELECT count(*)::int FROM pgboss.job WHERE name = 'execute-run') AS jobs,
           (SELECT count(*)::int FROM backup_schedule_runs r JOIN pgboss.job j ON j.name = 'execute-run' AND j.id = r.job_id
             WHERE (j.data->>'run_id')::int = r.id AND j.state = 'created' AND r.status = 'running') AS pairs,
           (SELECT count(*)::int FROM audit_log WHERE action = 'run.dispatched') AS audited,
           (SELECT count(DISTINCT target_id)::int FROM audit_log WHERE action = 'run.dispatched') AS audited_once,
           (SELECT count(*)::int FROM backup_schedules WHERE next_run_at > now()) AS advanced`);
  expect(rows[0]).toEqual({
    runs: due,
    lost: 0,
    double: 0,
    jobs: due,
    pairs: due,
    audited: due,
    audited_once: due,
    advanced: due,
  });
}, 200_000);
