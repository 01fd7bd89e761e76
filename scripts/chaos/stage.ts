import { type ChildProcess, fork, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream, existsSync, openSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { Actor } from "#lib/access/actor";
import { saveConnection } from "#lib/connection/connection";
import { provisionTenant } from "#lib/members/provision-tenant";
import { createToken } from "#lib/tokens/tokens";
import type { FaultRule } from "#sandbox/fault-rule";
import { Random } from "#sandbox/random";
import type { SandboxTenant } from "#sandbox/tenant";
import { sandboxCertificateFiles } from "../launch/sandbox-settings.ts";
import { webCommand } from "../launch/web-command.ts";
import { workerMemory } from "../launch/worker-command.ts";
import { type Cluster, removeCluster, startCluster } from "../postgres/cluster.ts";
import { freePort } from "../postgres/free-port.ts";
import { bundled } from "../testing/bundle.ts";
import { addressesOf, createMigrated, type DatabaseAddresses } from "../testing/migrated.ts";
import { installedPgBouncer, type PgBouncer, startPgBouncer } from "../testing/pgbouncer.ts";
import { KeptProcess } from "./kept-process.ts";
import { type SmallDisk, smallDisk } from "./small-disk.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const lightImports = new URL("../light-imports.ts", import.meta.url).href;
const endWithLauncher = new URL("../launch/end-with-launcher.ts", import.meta.url).href;
const shiftedClock = new URL("shifted-clock.ts", import.meta.url).href;

/** A few connections are enough for all, so that they are soon taken by somebody else. */
const maxConnections = 80;
const diskMegabytes = 256;
const database = "chaos";

export interface StageOptions {
  seed: number;
  tenants: number;
  workers: number;
  /** Web servers; they need a production build. */
  webs: number;
  /** Whether tables lie on a small disk where one can be mounted. */
  disk: boolean;
}

/** A tenant, and by whom things are done in it. */
export interface StageTenant {
  id: number;
  actor: Actor;
  /** An API token of its owner. */
  token: string;
}

/** An installation of its own, of real processes, and what it takes to do it harm. */
export interface Stage {
  folder: string;
  cluster: Cluster;
  addresses: DatabaseAddresses;
  /** Undefined: none is installed, and everything connects to PostgreSQL directly. */
  pooler: PgBouncer | undefined;
  disk: SmallDisk | undefined;
  sandbox: KeptProcess;
  workers: KeptProcess[];
  webs: (KeptProcess & { url: string })[];
  tenants: StageTenant[];
  /** As the superuser, past everything. */
  admin: pg.Pool;
  /** What the processes logged as errors, by their words. */
  errors: Map<string, Logged>;
  /** Sets a fault of Microsoft Graph. */
  graphFault(rule: FaultRule): Promise<void>;
  /** Takes all faults of Microsoft Graph away. */
  graphWell(): Promise<void>;
  close(): Promise<void>;
}

/** Errors of the same words: how often, and the first of them as it was logged. */
export interface Logged {
  count: number;
  first: string;
}

/** Whether web servers can be started. */
export const isBuilt = () => existsSync(join(root, ".next/BUILD_ID"));

/** Sets up an installation with tenants; this process's settings are those of its database from then on. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "tenantpilot-chaos-"));
  // The database's own user passes through here.
  await chmod(folder, 0o711);
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => console.error(error));
  };
  try {
    return await build(folder, options, undo, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  folder: string,
  options: StageOptions,
  undo: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<Stage> {
  Object.assign(process.env, {
    LOG_LEVEL: "silent",
    NODE_COMPILE_CACHE: join(root, "node_modules/.cache/compiled"),
    NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
    NEXTAUTH_URL: "http://localhost:3000",
    TENANTPILOT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    API_REQUESTS_PER_MINUTE: "0",
    // Attempts are spent on kills here: a run that gives up proves nothing.
    RUN_MAX_ATTEMPTS: "10",
    RUN_RETRY_DELAY_SECONDS: "1",
    SHUTDOWN_LIMIT_SECONDS: "5",
  });
  const postgres = join(folder, "postgres");
  // No power cut is played: what a killed process has written stays, flushed or not.
  const cluster = await startCluster({
    folder: postgres,
    settings: { fsync: "off", max_connections: String(maxConnections) },
  });
  undo.push(async () => {
    await cluster.stop();
    await removeCluster(postgres);
  });
  await createMigrated(cluster, database);
  const addresses = addressesOf(cluster, database);
  const adminUrl = cluster.adminUrl("postgres");
  const disk = options.disk
    ? await smallDisk(folder, { adminUrl, database, megabytes: diskMegabytes })
    : undefined;
  if (disk) {
    const stopCluster = undo.pop();
    undo.push(() => disk.unmount(), ...(stopCluster ? [stopCluster] : []));
  }
  const binary = installedPgBouncer();
  const pooler = binary
    ? await startPgBouncer(binary, [addresses.url, addresses.webUrl, addresses.workerUrl])
    : undefined;
  if (pooler) undo.push(() => pooler.stop());
  const by = (url: string) => pooler?.through(url) ?? url;
  const direct = new URL(addresses.url);
  direct.username = "";
  direct.password = "";
  Object.assign(process.env, {
    DATABASE_URL: by(addresses.url),
    ...(pooler ? { DATABASE_DIRECT_URL: direct.href } : {}),
  });

  const twins = twinsOf(options);
  const sandboxUrl = await layOutSandbox(folder, twins);
  const { certificateFile } = await sandboxCertificateFiles(folder);
  Object.assign(process.env, {
    GRAPH_SANDBOX_URL: sandboxUrl,
    GRAPH_SANDBOX_LOGIN_URL: sandboxUrl.replace("http:", "https:"),
    NODE_EXTRA_CA_CERTS: certificateFile,
  });
  const admin = new pg.Pool({ connectionString: addresses.adminUrl, max: 3, connectionTimeoutMillis: 5_000 });
  // Connections are cut all the time.
  admin.on("error", () => {});
  undo.push(() => admin.end());

  const errors = new Map<string, Logged>();
  const keep = (kept: KeptProcess) => {
    undo.push(() => kept.stop());
    return kept;
  };
  const logOf = (name: string) => openSync(join(folder, `${name}.log`), "a");
  const sandbox = keep(
    new KeptProcess({
      name: "sandbox",
      spawn: () => {
        const log = logOf("sandbox");
        return spawn(
          process.execPath,
          [
            "--import",
            lightImports,
            "--import",
            endWithLauncher,
            "scripts/launch/sandbox-process.ts",
            folder,
          ],
          {
            cwd: root,
            env: { ...process.env, TENANTPILOT_LIFELINE: "3" },
            stdio: ["ignore", log, log, "pipe"],
          },
        );
      },
      ready: () => answers(`${sandboxUrl}/_sandbox`),
    }),
  );
  await sandbox.start();
  const tenants = await makeTenants(admin, twins, options.webs > 0);

  const workerBundle = await bundled("worker/index.ts");
  const workers = Array.from({ length: options.workers }, (_, index) => {
    const name = `worker ${index + 1}`;
    return keep(
      new KeptProcess({
        name,
        spawn: () => startWorker(workerBundle, by(addresses.workerUrl), logTo(folder, name, errors)),
        ready: (child) =>
          new Promise((resolve, reject) => {
            child.once("message", () => resolve());
            child.once("exit", () => reject(new Error(`${name} ended before it was ready`)));
          }),
      }),
    );
  });
  const webs: Stage["webs"] = [];
  for (let index = 1; index <= options.webs; index += 1) {
    const name = `web ${index}`;
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const web = new KeptProcess({
      name,
      spawn: () => startWeb(by(addresses.webUrl), { url, port }, logTo(folder, name, errors)),
      ready: () => answers(`${url}/api/health`),
    });
    webs.push(Object.assign(keep(web), { url }));
  }
  await Promise.all([...workers, ...webs].map((each) => each.start()));

  const control = async (method: string, body?: FaultRule) => {
    const options = { method, ...(body ? { body: JSON.stringify(body) } : {}) };
    // One that was killed has forgotten its faults.
    await fetch(`${sandboxUrl}/_sandbox/faults`, options).catch(() => {});
  };
  return {
    folder,
    cluster,
    addresses,
    pooler,
    disk,
    sandbox,
    workers,
    webs,
    tenants,
    admin,
    errors,
    graphFault: (rule) => control("POST", rule),
    graphWell: () => control("DELETE"),
    close,
  };
}

function twinsOf({ seed, tenants }: StageOptions): SandboxTenant[] {
  return Array.from({ length: tenants }, (_, n) => {
    const random = new Random("chaos", seed, n);
    return {
      entraTenantId: random.guid(),
      clientId: random.guid(),
      clientSecret: random.hex(32),
      displayName: `Tenant ${n + 1}`,
      seed: seed + n,
      policies: 40,
    };
  });
}

/** What the sandbox's process reads. @returns where it will answer */
async function layOutSandbox(folder: string, tenants: SandboxTenant[]): Promise<string> {
  const port = await freePort();
  await mkdir(join(folder, "sandbox"), { recursive: true });
  await writeFile(join(folder, "sandbox", "settings.json"), JSON.stringify({ tenants, port }));
  return `http://localhost:${port}`;
}

async function makeTenants(
  admin: pg.Pool,
  twins: readonly SandboxTenant[],
  withTokens: boolean,
): Promise<StageTenant[]> {
  const tenants: StageTenant[] = [];
  for (const [index, twin] of twins.entries()) {
    const owner = { email: "owner@chaos.example", name: "Owner", role: "owner" as const };
    const { tenant_id: id } = await provisionTenant(`Tenant ${index + 1}`, [
      { ...owner, password: "correct horse battery staple" },
    ]);
    const { rows } = await admin.query<{ user_id: number }>(
      "SELECT user_id FROM memberships WHERE tenant_id = $1",
      [id],
    );
    const actor = { kind: "user" as const, user_id: rows[0]?.user_id ?? 0 };
    await saveConnection(actor, id, {
      cloud: "sandbox",
      entra_tenant_id: twin.entraTenantId,
      client_id: twin.clientId,
      credential_kind: "secret",
      credential: twin.clientSecret,
    });
    const { token } = withTokens
      ? await createToken(actor, id, { name: "Chaos", role: "manager" })
      : { token: "" };
    tenants.push({ id, actor, token });
  }
  return tenants;
}

function startWorker(
  bundle: string,
  databaseUrl: string,
  log: (child: ChildProcess) => ChildProcess,
): ChildProcess {
  return log(
    fork(bundle, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      execArgv: ["--import", shiftedClock, ...workerMemory],
      env: { ...process.env, DATABASE_URL: databaseUrl, LOG_LEVEL: "error" },
    }),
  );
}

function startWeb(
  databaseUrl: string,
  { url, port }: { url: string; port: number },
  log: (child: ChildProcess) => ChildProcess,
): ChildProcess {
  const args = [
    "--import",
    lightImports,
    "--import",
    endWithLauncher,
    ...webCommand(process.env.WEB_MAX_HEAP_MB),
    "--port",
    String(port),
  ];
  return log(
    spawn(process.execPath, args, {
      cwd: root,
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        NEXTAUTH_URL: url,
        NODE_ENV: "production",
        LOG_LEVEL: "error",
        TENANTPILOT_LIFELINE: "3",
      },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    }),
  );
}

/** Keeps what a process says in a file, and counts its errors by their words. */
function logTo(folder: string, name: string, errors: Map<string, Logged>) {
  return (child: ChildProcess): ChildProcess => {
    const file = createWriteStream(join(folder, `${name.replace(" ", "-")}.log`), { flags: "a" });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        file.write(`${line}\n`);
        const said = /"msg":"([^"]*)"/.exec(line)?.[1] ?? line;
        const words = `${name.split(" ")[0]}: ${said.replaceAll(/\d+/g, "N").slice(0, 160)}`;
        const known = errors.get(words);
        if (known) known.count += 1;
        else errors.set(words, { count: 1, first: line.slice(0, 3_000) });
      });
    }
    child.once("exit", () => file.end());
    return child;
  };
}

/** Resolves once somebody answers there; fails after two minutes. */
async function answers(url: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    if (Date.now() > deadline) throw new Error(`Nothing answers at ${url}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
