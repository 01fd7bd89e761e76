import { PgBoss } from "pg-boss";
import { connectionAddress, directAddress } from "#lib/db/address";
import { env } from "#lib/env";
import { log } from "#lib/log";
import { isTracing } from "#lib/tracing";

const holder = globalThis as typeof globalThis & { tenantpilotProducer?: Promise<PgBoss> | undefined };

/**
 * The queue client of a process that only enqueues (web, scripts). It polls nothing, supervises nothing and
 * migrates nothing; inserts run on the caller's transaction anyway.
 */
export function producer(): Promise<PgBoss> {
  holder.tenantpilotProducer ??= startProducer().catch((error) => {
    holder.tenantpilotProducer = undefined;
    throw error;
  });
  return holder.tenantpilotProducer;
}

async function startProducer(): Promise<PgBoss> {
  const boss = new PgBoss({
    connectionString: connectionAddress(env().DATABASE_URL),
    application_name: "tenantpilot-producer",
    max: 2,
    supervise: false,
    schedule: false,
    migrate: false,
    createSchema: false,
    registerInstance: false,
    openTelemetry: traces(),
  });
  listenForErrors(boss);
  return boss.start();
}

/**
 * Makes `boss` the queue client of this process: the worker enqueues through the client it already has.
 * @param boss a started client
 */
export function enqueueThrough(boss: PgBoss): void {
  holder.tenantpilotProducer = Promise.resolve(boss);
}

/** Stops the queue client of this process, if it was started. */
export async function stopProducer(): Promise<void> {
  const started = holder.tenantpilotProducer;
  holder.tenantpilotProducer = undefined;
  const boss = await started?.catch(() => undefined);
  await boss?.stop({ graceful: false, close: true });
}

/**
 * The queue client of a worker process: supervises, keeps the cron, holds the LISTEN connection.
 * A dead worker's job is found after heartbeat (10 s) + monitor interval (10 s).
 * @param options.hears whether notifications reach this process (lib/db/hears.ts); else jobs are found by asking for them
 */
export function createWorkerBoss(options: { instanceName: string; hears: boolean }): PgBoss {
  const boss = new PgBoss({
    connectionString: connectionAddress(env().DATABASE_URL),
    application_name: "tenantpilot-worker",
    instanceName: options.instanceName,
    instanceHeartbeatSeconds: 5,
    max: 6,
    migrate: false,
    createSchema: false,
    useListenNotify: options.hears,
    superviseIntervalSeconds: 10,
    monitorIntervalSeconds: 10,
    maintenanceIntervalSeconds: 300,
    cronMonitorIntervalSeconds: 5,
    cronWorkerIntervalSeconds: 1,
    openTelemetry: traces(),
  });
  listenForErrors(boss);
  listenPastPooler(boss);
  return boss;
}

/** The queue's client makes its one LISTEN connection with the settings of its pool: here it gets an address of its own. */
function listenPastPooler(boss: PgBoss): void {
  const db = boss.getDb();
  const { listen } = db;
  if (!listen) return;
  const config = { ...Reflect.get(db, "config"), connectionString: directAddress() };
  const direct = Object.create(db, { config: { value: config } });
  db.listen = (...given) => listen.apply(direct, given);
}

/** A job carries the trace that it was enqueued in, and is done as a part of it. */
function traces() {
  return { enabled: isTracing(), propagateContext: isTracing() };
}

/** Without a listener, an error event (a database restart, say) would end the process. */
function listenForErrors(boss: PgBoss): void {
  boss.on("error", (error) => log.warn({ err: error }, "queue: connection trouble; it will reconnect"));
  boss.on("warning", (warning) => log.warn({ warning }, "queue warning"));
}
