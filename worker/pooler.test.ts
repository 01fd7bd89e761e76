import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { disconnect } from "#lib/db/client";
import { readiness } from "#lib/health/readiness";
import { stopProducer } from "#lib/jobs/boss";
import { type Heard, liveWay, stopListening, subscribe } from "#lib/live/listen";
import { getRun } from "#lib/runs/get";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorkers } from "#lib/testing/workers";
import { until, withWorld } from "#lib/testing/world";
import { migrate } from "#prisma/migrate";
import { withOwner } from "../scripts/archive/copy-session.ts";
import { installedPgBouncer, type PgBouncer, startPgBouncer } from "../scripts/testing/pgbouncer.ts";

/** Everything works through a pooler that hands out its connections for one transaction each. */

const binary = installedPgBouncer();
const why = binary ? "" : " (skipped: no PgBouncer is installed)";

describe.skipIf(!binary)(`behind PgBouncer in transaction mode${why}`, () => {
  const world = withWorld({ policies: 3 });
  const workers = withWorkers(world);
  let pooler: PgBouncer;

  beforeAll(async () => {
    const { url, workerUrl, ownerUrl } = world.database;
    pooler = await startPgBouncer(binary ?? "", [url, workerUrl, ownerUrl]);
    await switchTo(pooler.through(url));
  });
  afterAll(async () => {
    delete process.env.DATABASE_DIRECT_URL;
    await pooler?.stop();
  });

  /** As a process does that begins with these settings. */
  async function switchTo(url: string, direct?: string): Promise<void> {
    await stopListening();
    await stopProducer();
    await disconnect();
    process.env.DATABASE_URL = url;
    if (direct) process.env.DATABASE_DIRECT_URL = direct;
    else delete process.env.DATABASE_DIRECT_URL;
  }

  function watch() {
    const heard: Heard[] = [];
    const leave = subscribe(world.tenant.id, world.tenant.actors.readonly, null, {
      event: (event) => heard.push(event),
      access: () => {},
    });
    return { heard, leave };
  }

  test("pages look for changes themselves, and it is said", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    const { heard, leave } = watch();
    await until("that it looks", async () => liveWay() === "looks");
    await until("the first look", async () => heard.length === 1);
    const { ready, checks } = await readiness();
    expect(ready).toBe(true);
    expect(checks.live).toEqual({ ok: false, message: expect.stringContaining("Set DATABASE_DIRECT_URL") });

    const { id: runId } = await startRun(actors.operator, id, { schedule_id: schedule.id });
    await until("news of the run", async () => heard.length === 2, 10);
    // Without anything new nobody is told to read anew.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(heard).toEqual([{ topic: "resync" }, { topic: "resync" }]);

    // A worker of the same pooler, which is told of nothing either, does the run.
    await workers.start({ DATABASE_WORKER_URL: pooler.through(world.database.workerUrl) });
    await until(
      "the run's end",
      async () => (await getRun(actors.readonly, id, { run_id: runId })).status === "success",
      30,
    );
    await until("news of its end", async () => heard.length > 2, 10);
    leave();
  });

  test("with DATABASE_DIRECT_URL they are told, and so is the worker", async () => {
    const { id, actors } = world.tenant;
    const bare = new URL(world.database.url);
    bare.username = "";
    bare.password = "";
    await switchTo(pooler.through(world.database.url), bare.href);
    const schedule = await makeSchedule(actors.manager, id);
    await workers.start({ DATABASE_WORKER_URL: pooler.through(world.database.workerUrl) });
    const { heard, leave } = watch();
    await until("that it listens", async () => liveWay() === "told" && heard.length === 1);
    const { rows } = await world.admin.query(
      `SELECT count(*)::int AS listening FROM pg_stat_activity
       WHERE datname = current_database() AND query LIKE 'LISTEN "pgboss%' OR query LIKE '%pg_listening_channels%'
         AND client_port IS NOT NULL AND pid <> pg_backend_pid()`,
    );
    expect(rows[0].listening).toBeGreaterThan(0);
    const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
    await until("the run's event", async () => heard.some((event) => "id" in event && event.id === run.id));
    await until(
      "the run's end",
      async () => (await getRun(actors.readonly, id, { run_id: run.id })).status === "success",
      30,
    );
    leave();
    expect((await readiness()).checks.live).toEqual({ ok: true, message: "is told of changes" });
  });

  test("migrating leaves no lock behind, and what needs a session refuses to begin", async () => {
    const { ownerUrl } = world.database;
    const through = pooler.through(ownerUrl);
    expect(await migrate(through)).toEqual({ applied: [] });
    expect(await Promise.all([migrate(through), migrate(ownerUrl)])).toEqual([
      { applied: [] },
      { applied: [] },
    ]);
    const { rows } = await world.admin.query(
      // Those of other databases are of other tests.
      `SELECT FROM pg_locks WHERE locktype = 'advisory'
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    expect(rows).toEqual([]);
    await expect(withOwner(through, async () => {})).rejects.toThrow(
      /^127\.0\.0\.1:\d+ is a pooler .*DATABASE_DIRECT_URL/,
    );
    await withOwner(ownerUrl, async () => {});
  });
});
