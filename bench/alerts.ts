// `npm run bench -- alerts [--alerts 10000] [--runs 25]`: how long Run now takes to its start, with one worker as `npm start` runs
// it, while it has nothing else to do, and while it routes and delivers alerts to a webhook. Takes some minutes.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { type Alert, raiseAlerts } from "#lib/alerts/raise";
import { createAlertRule } from "#lib/alerts/rules";
import { disconnect } from "#lib/db/client";
import { transaction } from "#lib/db/transaction";
import { createAlertTarget } from "#lib/delivery/targets";
import { stopProducer } from "#lib/jobs/boss";
import { startReceiver } from "#lib/testing/receiver";
import { sandboxTwins } from "#lib/testing/tenants";
import { type Sandbox, startSandbox } from "#sandbox/server";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { type BenchTenant, connectedTenant } from "./support/bench-tenant.ts";
import { FigurePrinter, quantile } from "./support/figures.ts";
import { runNow } from "./support/run-now.ts";
import { WorkerProcess } from "./support/worker-process.ts";

const { values } = parseArgs({
  options: { alerts: { type: "string", default: "10000" }, runs: { type: "string", default: "25" } },
});
const [alerts, runs] = [Number(values.alerts), Number(values.runs)];
const tenants = 25;
const twins = sandboxTwins(20);
const [twin = { entraTenantId: "", clientId: "", clientSecret: "" }] = twins;

async function makeTenants(admin: pg.Pool, hook: string): Promise<BenchTenant[]> {
  const members: BenchTenant[] = [];
  for (let n = 1; n <= tenants; n += 1) {
    const tenant = await connectedTenant(admin, twin, `bench-${n}`);
    const { id: target_id } = await createAlertTarget(tenant.owner, tenant.tenant_id, {
      target: { kind: "webhook", name: "Hook", url: hook },
    });
    await createAlertRule(tenant.owner, tenant.tenant_id, { target_id });
    members.push(tenant);
  }
  return members;
}

/** Writes alerts of all tenants at once, as the dispatcher does. */
async function raise(members: readonly BenchTenant[]): Promise<void> {
  const all = Array.from({ length: alerts }, (_, n): Alert => {
    const tenant_id = members[n % members.length]?.tenant_id ?? 0;
    const link = `/tenants/${tenant_id}`;
    return {
      kind: "run.failed",
      cause: `bench:${n}`,
      tenant_id,
      title: "Backup failed",
      body: `Number ${n}`,
      link,
    };
  });
  for (let from = 0; from < all.length; from += 2_000)
    await transaction({ as: "dispatcher" }, (db) => raiseAlerts(db, all.slice(from, from + 2_000)), {
      timeoutMs: 60_000,
    });
}

const printer = new FigurePrinter();
const show = (figure: string, lags: readonly number[], how: string) =>
  printer.print({
    figure: `${figure}: 99th percentile of ${lags.length}`,
    value: quantile(lags, 0.99),
    unit: "ms",
    bound: { at: "most", value: 2_000 },
    how: `median ${quantile(lags, 0.5).toFixed(0)} ms; ${how}`,
  });

const receiver = await startReceiver();
const sandbox: Sandbox = await startSandbox({ tls: receiver.tls, tenants: twins });
const database = await ownDatabase();
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
admin.on("error", () => {});
process.env.DATABASE_URL = database.url;
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
process.env.GRAPH_SANDBOX_URL = sandbox.url;
process.env.GRAPH_SANDBOX_LOGIN_URL = sandbox.loginUrl;
process.env.ALERT_PRIVATE_NETWORKS = "127.0.0.0/8, ::1/128";
const folder = await mkdtemp(join(tmpdir(), "tenantpilot-ca-"));
const trusted = join(folder, "ca.pem");
await writeFile(trusted, receiver.tls.cert);
let worker: WorkerProcess | undefined;
try {
  const members = await makeTenants(admin, `${receiver.url}/hook`);
  worker = await WorkerProcess.start({ NODE_EXTRA_CA_CERTS: trusted });
  await worker.ready();
  await runNow(admin, members, 3);
  show("Run now, to its start, nothing to tell", await runNow(admin, members, runs), "one after the other");
  await raise(members);
  for (const deadline = Date.now() + 60_000; receiver.got.length === 0; ) {
    if (Date.now() > deadline) throw new Error("Nothing was told within a minute.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const [began, before] = [performance.now(), receiver.got.length];
  const lags = await runNow(admin, members, runs);
  const meanwhile = receiver.got.length - before;
  const seconds = (performance.now() - began) / 1_000;
  show(
    `Run now, to its start, with ${alerts} alerts to tell`,
    lags,
    `${meanwhile} of them were delivered during these runs, ${(meanwhile / seconds).toFixed(0)} a second`,
  );
  if (receiver.got.length >= alerts) throw new Error("All were told before the runs had ended: take more.");
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await worker?.stop();
  await receiver.stop();
  await sandbox.stop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = printer.missed > 0 ? 1 : 0;
