import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Actor, executorActor } from "#lib/access/actor";
import { disconnect } from "#lib/db/client";
import { isUnreachable } from "#lib/db/transaction";
import { AppError, type ErrorCode } from "#lib/errors";
import { stopProducer } from "#lib/jobs/boss";
import { cancelRun } from "#lib/runs/cancel";
import { AttemptLost } from "#lib/runs/fence";
import { finishRun } from "#lib/runs/finish";
import { startRun } from "#lib/runs/start";
import { deleteSchedule } from "#lib/schedules/delete";
import type { ScheduleUpdate } from "#lib/schedules/schema";
import { setScheduleEnabled } from "#lib/schedules/set-enabled";
import { updateSchedule } from "#lib/schedules/update";
import { Dispatcher } from "#lib/testing/dispatcher";
import { insertManySchedules } from "#lib/testing/many-schedules";
import { switchDatabase } from "#lib/testing/switch-database";
import { type OwnDatabase, ownDatabase } from "../scripts/testing/own-database.ts";

/**
 * Each transaction of dispatch, where `npm run chaos` (scripts/chaos.test.ts) has all of the service: dispatchers as processes, killed again and again, on a PostgreSQL that crashes twice; and meanwhile people and
 * workers do with the same schedules whatever they may do.
 */

const dispatchers = 5;
/** A whole night of a provider, in a minute and a half: `CHAOS_SCHEDULES=20000 CHAOS_KILLS=40 vitest run worker/dispatch-chaos.test.ts`. */
const due = Number(process.env.CHAOS_SCHEDULES ?? 2_000);
const kills = Number(process.env.CHAOS_KILLS ?? 7);
/** Small, so that there are hundreds of transactions to be killed in. */
const batch = 25;
/** People and workers that act at the same time. */
const hands = Number(process.env.CHAOS_HANDS ?? 2);

let database: OwnDatabase;
let admin: pg.Pool;

beforeAll(async () => {
  database = await ownDatabase();
  admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 + hands });
  // Crashes cut the connections.
  admin.on("error", () => {});
  await switchDatabase(database.url);
});

afterAll(async () => {
  await stopProducer();
  await disconnect();
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

/** How many of the schedules are not due any more. */
async function settled(): Promise<number> {
  const { rows } = await admin.query(
    "SELECT $1 - count(*)::int AS count FROM backup_schedules WHERE next_run_at <= now()",
    [due],
  );
  return rows[0].count;
}

/** Waits until this many schedules are settled; the database may be away meanwhile. */
async function progress(until: number, deadline: number): Promise<void> {
  for (;;) {
    const count = await settled().catch(() => 0);
    if (count >= until) return;
    if (Date.now() > deadline) throw new Error(`Only ${count} of ${until} schedules in time.`);
    await delay(50);
  }
}

/** An owner of every tenant. */
async function makeOwner(): Promise<Actor> {
  const { rows } = await admin.query<{ id: number }>(
    `WITH owner AS (
       INSERT INTO users (email, name, password_hash) VALUES ('owner@chaos.example', 'Owner', '-') RETURNING id
     ), everywhere AS (
       INSERT INTO memberships (tenant_id, user_id, role) SELECT t.id, owner.id, 'owner' FROM tenants t, owner
     )
     SELECT id FROM owner`,
  );
  return { kind: "user", user_id: rows[0]?.id ?? 0 };
}

const kinds = ["run now", "edit", "pause", "enable", "delete", "cancel", "end"] as const;
type Kind = (typeof kinds)[number];
/** Mostly *Run now*: of those that meet a due occurrence, few go before its dispatch. */
const mix: readonly Kind[] = [...kinds, "run now", "run now", "run now"];

/** What somebody may be refused because somebody else was first. */
const refusals: ErrorCode[] = ["NOT_FOUND", "RUN_ACTIVE", "NOT_ACTIVE"];

/** One who does something with one schedule after the other, mostly with those whose turn at dispatch it is. */
class Hand {
  readonly done = new Map<Kind, number>();
  readonly unexpected: unknown[] = [];
  /** What it paused and may enable again. */
  readonly #paused: { id: number; tenant_id: number }[] = [];
  readonly #owner: Actor;
  readonly #next: () => number;

  constructor(owner: Actor, seed: number) {
    this.#owner = owner;
    this.#next = random(seed);
  }

  async act(): Promise<void> {
    const kind = this.#pick(mix);
    try {
      if (await this.#do(kind)) this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
    } catch (error) {
      if (error instanceof AttemptLost || isUnreachable(error)) return;
      if (error instanceof AppError && refusals.includes(error.code)) return;
      this.unexpected.push(error);
    }
  }

  async #do(kind: Kind): Promise<boolean> {
    if (kind === "cancel" || kind === "end") {
      const run = await this.#one<{ id: number; tenant_id: number; attempt: number }>(
        "SELECT id, tenant_id, attempt FROM backup_schedule_runs WHERE status = 'running' ORDER BY id DESC",
      );
      if (!run) return false;
      await (kind === "cancel"
        ? cancelRun(this.#owner, run.tenant_id, { run_id: run.id })
        : finishRun(executorActor, run.tenant_id, {
            run_id: run.id,
            attempt: run.attempt,
            end: { status: "failed", error_code: "UNKNOWN", error_message: "Ended by the test.", types: {} },
          }));
      return true;
    }
    const schedule =
      kind === "enable"
        ? this.#paused.shift()
        : await this.#one<{ id: number; tenant_id: number }>(
            "SELECT id, tenant_id FROM backup_schedules WHERE next_run_at <= now() ORDER BY next_run_at",
          );
    if (!schedule) return false;
    const { tenant_id, id: schedule_id } = schedule;
    if (kind === "run now") await startRun(this.#owner, tenant_id, { schedule_id });
    else if (kind === "edit")
      await updateSchedule(this.#owner, tenant_id, { schedule_id, changes: this.#edit() });
    else if (kind === "delete") await deleteSchedule(this.#owner, tenant_id, { schedule_id });
    else await setScheduleEnabled(this.#owner, tenant_id, { schedule_id, is_enabled: kind === "enable" });
    if (kind === "pause") this.#paused.push(schedule);
    return true;
  }

  /** Some change; the next occurrence of a new time is hours away. */
  #edit(): ScheduleUpdate {
    const hours = (at: number) => new Date(Date.now() + at * 3_600_000).toISOString().slice(11, 16);
    return this.#pick([
      { name: "Renamed" },
      { start_window_minutes: 30 },
      { timezone: "UTC", time_of_day: hours(5) },
      { timezone: "Asia/Kolkata", time_of_day: hours(12), start_window_minutes: 60 },
      { timezone: "UTC", time_of_day: hours(8), frequency: "weekly", days_of_week: [1, 2, 3, 4, 5, 6, 7] },
    ]);
  }

  /** One of the first rows: of those whose turn it is next. */
  async #one<T extends pg.QueryResultRow>(sql: string): Promise<T | undefined> {
    const offset = Math.floor(this.#next() ** 2 * 200);
    const { rows } = await admin.query<T>(`${sql} LIMIT 1 OFFSET ${offset}`).catch(() => ({ rows: [] }));
    return rows[0];
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#next() * from.length)] as T;
  }
}

test(`${due} due schedules, ${dispatchers} dispatchers, ${kills} SIGKILLs, 2 crashes, and people at work: each occurrence counts once`, async () => {
  const began = Date.now();
  const deadline = began + 280_000;
  await insertManySchedules(admin, { tenants: 40, schedules: due, due });
  await admin.query("CREATE TABLE occurrences AS SELECT id, next_run_at AS at FROM backup_schedules");
  const owner = await makeOwner();

  let over = false;
  const rolledBack: string[] = [];
  const living: Dispatcher[] = [];
  const seats = Array.from({ length: dispatchers }, async (_, seat) => {
    while (!over) {
      const dispatcher = await Dispatcher.start(database.url);
      living[seat] = dispatcher;
      for (let alive = true; alive && !over; ) {
        const answer = await dispatcher.tick({ batch });
        alive = !("error" in answer && answer.error === "The dispatcher ended.");
        // What a crash ends is not the batch's own trouble.
        if (alive && "error" in answer && !answer.error.includes("cannot be reached"))
          rolledBack.push(answer.error);
        if (alive) await delay(20);
      }
      await dispatcher.stop();
    }
  });
  const people = Array.from({ length: hands }, (_, seed) => new Hand(owner, seed));
  const acting = people.map(async (hand) => {
    while (!over) await hand.act();
  });

  try {
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
  } finally {
    over = true;
  }
  await Promise.all([...seats, ...acting]);

  const done = Object.fromEntries(
    kinds.map((kind) => [kind, people.reduce((sum, hand) => sum + (hand.done.get(kind) ?? 0), 0)]),
  );
  const { rows } = await admin.query(`
    SELECT (SELECT count(*)::int FROM occurrences o
             WHERE NOT EXISTS (SELECT FROM backup_schedule_runs r
                               WHERE r.backup_schedule_id = o.id AND r.nominal_at = o.at)
               AND NOT EXISTS (SELECT FROM audit_log a WHERE a.target_kind = 'schedule' AND a.target_id = o.id
                               AND a.action IN ('schedule.disabled', 'schedule.deleted', 'schedule.paused'))) AS lost,
           (SELECT count(*)::int FROM (SELECT FROM backup_schedule_runs WHERE trigger = 'schedule'
                                       GROUP BY backup_schedule_id HAVING count(*) > 1) d) AS double,
           -- Runs begin, end and are skipped under the lock of their schedule's row, at the clock's time.
           (SELECT count(*)::int FROM backup_schedule_runs k
             WHERE k.error_code = 'CONCURRENT_RUN' AND NOT EXISTS (
               SELECT FROM backup_schedule_runs r
               WHERE r.backup_schedule_id = k.backup_schedule_id AND r.trigger = 'manual'
                 AND r.scheduled_for <= k.finished_at
                 AND coalesce(r.finished_at, 'infinity') >= k.finished_at - interval '1 ms')) AS skipped_falsely,
           (SELECT count(*)::int FROM backup_schedule_runs WHERE status = 'skipped' AND error_code <> 'CONCURRENT_RUN')
             AS skipped_otherwise,
           (SELECT count(*)::int FROM backup_schedule_runs WHERE job_id IS NOT NULL) AS jobs_due,
           (SELECT count(*)::int FROM pgboss.job WHERE name = 'execute-run') AS jobs,
           (SELECT count(*)::int FROM backup_schedule_runs r
             JOIN pgboss.job j ON j.name = 'execute-run' AND j.id = r.job_id
             WHERE (j.data->>'run_id')::int = r.id) AS pairs,
           (SELECT count(*)::int FROM backup_schedule_runs WHERE trigger = 'schedule') AS occurrences,
           (SELECT count(DISTINCT target_id)::int FROM audit_log WHERE action IN ('run.dispatched', 'run.skipped'))
             AS audited,
           (SELECT count(*)::int FROM backup_schedules s
             JOIN LATERAL (SELECT status FROM backup_schedule_runs r
                           WHERE r.backup_schedule_id = s.id AND r.finished_at IS NOT NULL
                           ORDER BY finished_at DESC, id DESC LIMIT 1) r ON r.status <> s.last_run_status
                                                                       OR s.last_run_status IS NULL) AS wrong_last_run,
           (SELECT count(*)::int FROM backup_schedule_runs WHERE error_code = 'CONCURRENT_RUN') AS skipped`);
  const { jobs_due, jobs, pairs, occurrences, audited, skipped, ...faults } = rows[0];
  console.info(
    `${occurrences} occurrences dispatched, ${skipped} of them skipped; ${JSON.stringify(done)}; ${Math.round((Date.now() - began) / 1000)} s`,
  );
  expect({ ...faults, rolledBack, unexpected: people.flatMap((hand) => hand.unexpected) }).toEqual({
    lost: 0,
    double: 0,
    skipped_falsely: 0,
    skipped_otherwise: 0,
    wrong_last_run: 0,
    rolledBack: [],
    unexpected: [],
  });
  expect({ jobs, pairs, audited }).toEqual({ jobs: jobs_due, pairs: jobs_due, audited: occurrences });
  // It proves nothing where nothing met.
  for (const kind of kinds) expect(done[kind], kind).toBeGreaterThan(0);
  expect(skipped).toBeGreaterThan(0);
}, 300_000);
