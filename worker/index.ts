import { hostname } from "node:os";
import pg from "pg";
import { directAddress } from "#lib/db/address";
import { database, disconnect } from "#lib/db/client";
import { hears } from "#lib/db/hears";
import { judgeLogin } from "#lib/db/login";
import { tlsFault } from "#lib/db/tls-fault";
import { encryptionKeyFault } from "#lib/encryption-key-check";
import { env, serviceEnv } from "#lib/env";
import { newerSchemaFault } from "#lib/health/newer-schema";
import { createWorkerBoss, enqueueThrough } from "#lib/jobs/boss";
import { log } from "#lib/log";
import { recordOutput } from "#lib/log-output";
import { endTracing } from "#lib/tracing";
import { traceIfAsked } from "#lib/tracing-if-asked";
import { startAlignedTicks } from "./aligned-ticks.ts";
import { takeUpNoMore, workAll } from "./handlers.ts";
import { serveHealth } from "./health-server.ts";

/**
 * The worker process: dispatches due schedules, executes runs, applies retention, verifies sets, asks who changed what.
 * Any number may run; none holds state that another could miss. On SIGTERM or SIGINT it stops taking work, hands the
 * runs it has back to the queue for another worker, and ends within ten seconds.
 */
async function main(): Promise<void> {
  // Web and worker may share their settings, and have a login each.
  const { DATABASE_WORKER_URL } = process.env;
  if (DATABASE_WORKER_URL) process.env.DATABASE_URL = DATABASE_WORKER_URL;
  serviceEnv();
  await traceIfAsked("worker");
  const stopping = new AbortController();
  const login = await startWithPatience(() => judgeLogin("worker"), stopping.signal);
  if (login.refusal !== null) throw new Error(login.refusal);
  if (login.warning !== null) log.warn(`worker: ${login.warning}`);
  const schemaFault = await startWithPatience(newerSchemaFault, stopping.signal);
  if (schemaFault !== null) throw new Error(schemaFault);
  const told = await startWithPatience(isTold, stopping.signal);
  if (!told)
    log.warn(
      "worker: nothing that is notified arrives: DATABASE_URL names a pooler in transaction mode, or DATABASE_DIRECT_URL " +
        "another database. Jobs begin up to two seconds later. Set DATABASE_DIRECT_URL to PostgreSQL itself",
    );
  const boss = createWorkerBoss({ instanceName: `worker-${hostname()}-${process.pid}`, hears: told });
  await startWithPatience(() => boss.start(), stopping.signal);
  const keyFault = await startWithPatience(encryptionKeyFault, stopping.signal);
  if (keyFault !== null) throw new Error(keyFault);
  enqueueThrough(boss);

  await workAll(boss, stopping.signal);
  const startedAt = new Date();
  const ticks = startAlignedTicks(stopping.signal);
  const health = await serveHealth(env(), {
    startedAt,
    lastTickAt: ticks.lastAt,
    stopping: () => stopping.signal.aborted,
    told,
  });
  log.info({ pid: process.pid }, "worker: ready");
  process.send?.({ ready: true });

  let asked = false;
  const stop = async (signal: string) => {
    if (asked) return;
    asked = true;
    setTimeout(() => process.exit(1), 10_000).unref();
    log.info({ signal }, "worker: stopping");
    await takeUpNoMore(boss);
    stopping.abort();
    await ticks.stopped;
    await boss.stop({ graceful: true, timeout: 8_000, close: true });
    health?.close();
    await disconnect();
    await endTracing(1_000);
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop("SIGTERM"));
  process.on("SIGINT", () => void stop("SIGINT"));
  // A parent that was killed closes the channel: do not outlive it.
  process.on("disconnect", () => void stop("parent gone"));
}

/** Whether notifications reach this process. */
async function isTold(): Promise<boolean> {
  const client = new pg.Client({ connectionString: directAddress(), connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return await hears(client, (channel) => database().$executeRaw`SELECT pg_notify(${channel}, '')`);
  } finally {
    await client.end().catch(() => {});
  }
}

/** The database may start after the worker, or restart: keep trying, with growing waits up to 10 s. */
async function startWithPatience<T>(start: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let wait = 500; ; wait = Math.min(wait * 2, 10_000)) {
    try {
      return await start();
    } catch (error) {
      if (signal.aborted) throw error;
      const why = tlsFault(error) ?? "the database is not ready";
      log.warn({ err: error }, `worker: ${why}; next try in ${wait / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

recordOutput();
main().catch((error: unknown) => {
  log.fatal(`worker: cannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
