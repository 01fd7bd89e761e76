// `npm run chaos:alerts -- [--alerts 1000] [--kills 30]`: raises so many alerts, a tenth more in transactions that are rolled
// back, while worker and receiver are killed at moments by chance; then counts what was lost, what came under another id, and
// what was told of work that never was. An attempt that died with its worker comes again after a minute, so it takes some.
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import { raiseAlerts } from "#lib/alerts/raise";
import { createAlertRule } from "#lib/alerts/rules";
import { disconnect } from "#lib/db/client";
import { transaction } from "#lib/db/transaction";
import { createAlertTarget } from "#lib/delivery/targets";
import { stopProducer } from "#lib/jobs/boss";
import { makeTestTenants, sandboxTwins, testTenants } from "#lib/testing/tenants";
import { createSandboxCertificate } from "#sandbox/server";
import { ownDatabase } from "./testing/own-database.ts";

const { values } = parseArgs({
  options: { alerts: { type: "string", default: "1000" }, kills: { type: "string", default: "30" } },
});
const alerts = Number(values.alerts);
const kills = Number(values.kills);
const port = 20_000 + Math.floor(Math.random() * 20_000);
/** So many a transaction; of every eleven transactions one is rolled back. */
const atOnce = 10;
const patienceMs = 15 * 60_000;

const folder = await mkdtemp(join(tmpdir(), "tenantpilot-alerts-"));
const at = (name: string) => join(folder, name);
const tls = await createSandboxCertificate();
await Promise.all([
  writeFile(at("key.pem"), tls.key),
  writeFile(at("cert.pem"), tls.cert),
  writeFile(at("notes"), ""),
]);
setDefaultCACertificates([...getCACertificates("default"), tls.cert]);
const database = await ownDatabase();
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
admin.on("error", () => {});
Object.assign(process.env, {
  DATABASE_URL: database.url,
  TENANTPILOT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  ALERT_PRIVATE_NETWORKS: "127.0.0.0/8,::1/128",
  GRAPH_SANDBOX_URL: "https://localhost",
  GRAPH_SANDBOX_LOGIN_URL: "https://localhost",
  LOG_LEVEL: "fatal",
});

const lightImports = new URL("light-imports.ts", import.meta.url).href;
const running = new Map<"worker" | "receiver", ChildProcess>();

/** Starts a process, and waits until it says that it is ready. */
async function start(what: "worker" | "receiver"): Promise<void> {
  const [script, args] =
    what === "worker"
      ? ["../worker/index.ts", []]
      : ["chaos/alert-receiver.ts", [String(port), at("notes"), at("key.pem"), at("cert.pem")]];
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: ["--import", lightImports],
    env: { ...process.env, DATABASE_WORKER_URL: database.workerUrl, NODE_EXTRA_CA_CERTS: at("cert.pem") },
  });
  running.set(what, child);
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`the ${what} ended with ${code} before it was ready`)));
  });
}

async function kill(what: "worker" | "receiver"): Promise<void> {
  const child = running.get(what);
  const ended = new Promise((resolve) => child?.once("exit", resolve));
  child?.kill("SIGKILL");
  await ended;
}

const began = performance.now();
try {
  await makeTestTenants(admin);
  const [tenant] = await testTenants(admin, sandboxTwins(0));
  if (!tenant) throw new Error("a tenant was asked for");
  const { owner } = tenant.actors;
  const target = { kind: "webhook" as const, name: "Receiver", url: `https://localhost:${port}/` };
  const made = await createAlertTarget(owner, tenant.id, { target });
  await createAlertRule(owner, tenant.id, { target_id: made.id, least_severity: "info" });
  await Promise.all([start("receiver"), start("worker")]);

  const raise = (titles: readonly string[], isRolledBack: boolean) =>
    transaction({ as: "app", tenant_id: tenant.id }, async (db) => {
      await raiseAlerts(
        db,
        titles.map((title) => ({
          kind: "token.created",
          tenant_id: tenant.id,
          title,
          body: title,
          link: null,
        })),
      );
      if (isRolledBack) throw new Error("rolled back");
    });
  const raising = (async () => {
    for (let n = 0; n < alerts; n += atOnce) {
      const titles = Array.from({ length: Math.min(atOnce, alerts - n) }, (_, i) => `Alert ${n + i}`);
      await raise(titles, false);
      if (n % (10 * atOnce) === 0)
        await raise(
          titles.map((title) => `Never ${title}`),
          true,
        ).catch(() => undefined);
      await delay(100);
    }
  })();
  const killed = { worker: 0, receiver: 0 };
  for (let n = 0; n < kills; n += 1) {
    await delay(100 + Math.random() * 1_400);
    const what = Math.random() < 0.5 ? "worker" : "receiver";
    await kill(what);
    killed[what] += 1;
    await start(what);
  }
  await raising;

  const deadline = Date.now() + patienceMs;
  const open = async () =>
    (
      await admin.query<{ n: number }>(
        `SELECT (SELECT count(*) FROM alert_events WHERE routed_at IS NULL)::int
              + (SELECT count(*) FROM alert_deliveries WHERE state = 'pending')::int AS n`,
      )
    ).rows[0]?.n ?? 0;
  while ((await open()) > 0 && Date.now() < deadline) await delay(1_000);

  const { rows: events } = await admin.query<{ title: string }>("SELECT title FROM alert_events");
  const notes = (await readFile(at("notes"), "utf8"))
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as [header: string, id: string, title: string]);
  const idsOf = Map.groupBy(notes, ([, , title]) => title);
  const lost = events.filter(({ title }) => !idsOf.has(title)).length;
  const otherIds = [...idsOf.values()].filter((received) =>
    received.some(([header, id]) => header !== id || id !== received[0]?.[1]),
  ).length;
  const never = notes.filter(([, , title]) => title.startsWith("Never")).length;
  const again = notes.length - idsOf.size;
  console.log(
    `${events.length} alerts, worker killed ${killed.worker} times and receiver ${killed.receiver} times, ` +
      `in ${Math.round((performance.now() - began) / 1_000)} s: ${lost} lost, ${otherIds} under more than one id, ` +
      `${never} of work that was rolled back; ${again} were received again`,
  );
  process.exitCode = lost + otherIds + never === 0 && events.length === alerts ? 0 : 1;
} finally {
  for (const what of running.keys()) await kill(what).catch(() => undefined);
  await stopProducer();
  await disconnect();
  await admin.end();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
}
process.exit();
