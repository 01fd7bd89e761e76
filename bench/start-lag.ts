// `npm run bench -- start-lag [--rounds 5] [--few 4] [--many 200]`: how long after its minute a due run starts, with one
// worker as `npm start` runs it, real captures from a Graph sandbox, and nothing else to do. Takes rounds + 2 minutes.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import pg from "pg";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { type BenchTenant, connectedTenant } from "./support/bench-tenant.ts";
import { FigurePrinter, quantile } from "./support/figures.ts";
import { runNow, smallSchedule, startLags } from "./support/run-now.ts";
import { SandboxProcess } from "./support/sandbox-process.ts";
import { WorkerProcess } from "./support/worker-process.ts";

const tenants = 25;

async function makeTenants(sandbox: SandboxProcess, admin: pg.Pool): Promise<BenchTenant[]> {
  const members: BenchTenant[] = [];
  for (let n = 1; n <= tenants; n += 1)
    members.push(await connectedTenant(admin, sandbox.tenant, `bench-${n}`));
  return members;
}

/** Makes schedules of as many tenants as there are, all due at the next minute, and waits until their runs have ended. */
async function dueAtOneMinute(
  admin: pg.Pool,
  members: readonly BenchTenant[],
  count: number,
): Promise<number[]> {
  const prepareMs = 2_000 + count * 40;
  const minute = new Date(Math.ceil((Date.now() + prepareMs) / 60_000) * 60_000);
  const ids: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const member = members[n % members.length];
    if (member) ids.push((await smallSchedule(member, minute)).id);
  }
  return startLags(
    admin,
    count,
    "r.backup_schedule_id = ANY($1) AND r.trigger = 'schedule'",
    ids,
    "r.scheduled_for",
  );
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    few: { type: "string", default: "4" },
    many: { type: "string", default: "200" },
  },
});
const printer = new FigurePrinter();
const show = (figure: string, lags: readonly number[], most: number | null, how: string) =>
  printer.print({
    figure: `${figure}: 99th percentile of ${lags.length}`,
    value: quantile(lags, 0.99),
    unit: "ms",
    bound: most === null ? null : { at: "most", value: most },
    how: `median ${quantile(lags, 0.5).toFixed(0)} ms; ${how}`,
  });

const sandbox = await SandboxProcess.start(20);
const database = await ownDatabase();
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
admin.on("error", () => {});
process.env.DATABASE_URL = database.url;
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
process.env.GRAPH_SANDBOX_URL = sandbox.url;
process.env.GRAPH_SANDBOX_LOGIN_URL = sandbox.loginUrl;
let worker: WorkerProcess | undefined;
try {
  const members = await makeTenants(sandbox, admin);
  worker = await WorkerProcess.start({ NODE_EXTRA_CA_CERTS: sandbox.caFile });
  await worker.ready();
  const pressed = await runNow(admin, members, 25);
  show("Run now, to its start", pressed, 2_000, "one after the other, the worker idle");
  const few: number[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    few.push(...(await dueAtOneMinute(admin, members, Number(values.few))));
  }
  show(
    "due minute to start, a few at once",
    few,
    2_000,
    `${values.few} of as many tenants at a minute, ${values.rounds} minutes; a worker has 4 places`,
  );
  const many = await dueAtOneMinute(admin, members, Number(values.many));
  show("due minute to start, many at once", many, null, `of ${tenants} tenants; most wait for a free place`);
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await worker?.stop();
  await sandbox.stop();
  await database.drop();
}
process.exitCode = printer.missed > 0 ? 1 : 0;
