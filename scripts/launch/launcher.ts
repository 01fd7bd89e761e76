import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { styleText } from "node:util";
import { build } from "../build.ts";
import { type Cluster, startCluster } from "../postgres/cluster.ts";
import { freePort, isPortFree } from "../postgres/free-port.ts";
import { Child } from "./child.ts";
import { claimDataDir } from "./claim.ts";
import {
  type Addresses,
  demoFilePath,
  prepareDemo,
  readDemoFile,
  wasSeedingInterrupted,
} from "./demo-file.ts";
import type { Color } from "./log-lines.ts";
import { type DatabaseUrls, migrateApart } from "./migrate-apart.ts";
import type { StartOptions } from "./options.ts";
import { recordProcess } from "./process-identity.ts";
import { type RuntimeRecord, removeRuntime, writeRuntime } from "./runtime-record.ts";
import { prepareSandboxSettings, sandboxCertificateFiles } from "./sandbox-settings.ts";
import { loadSecrets } from "./secrets.ts";
import { waitUntilReady } from "./wait-until-ready.ts";
import { webCommand } from "./web-command.ts";
import { workerCommand } from "./worker-command.ts";

const database = "tenantpilot";
/** The worker gives its runs back within eight seconds. */
const graceMs = 9_000;

/** Everything that `npm start` runs, in the order in which it starts; it stops in the opposite order. */
export class Launcher {
  readonly #options: StartOptions;
  readonly #abort = new AbortController();
  readonly #environment: Record<string, string> = { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  #children: Child[] = [];
  #cluster: Cluster | undefined;
  #record: RuntimeRecord | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: StartOptions) {
    this.#options = options;
  }

  /**
   * Starts everything and waits until it is ready.
   * @throws Error that says what failed; `stop` still has to be called then
   */
  async start(): Promise<void> {
    const { dataDir } = this.#options;
    const ownDatabase = process.env.DATABASE_URL;
    const withDemo = this.#options.demo || !ownDatabase;
    await mkdir(dataDir, { recursive: true });
    await claimDataDir(dataDir, (line) => console.log(line));
    const { host } = this.#options;
    const port = await usablePort(this.#options.port, host);
    const url = `http://localhost:${port}`;
    this.#writeRecord({ launcher: recordProcess(process.pid), url });

    await this.#step("Building web and worker (only after changes)", () => build(this.#abort.signal));
    if (!ownDatabase) await this.#step("Starting PostgreSQL", () => this.#startPostgres());
    const databaseUrls = ownDatabase ? givenUrls(ownDatabase) : this.#databaseUrls();
    Object.assign(this.#environment, await loadSecrets(dataDir), databaseUrls, {
      NEXTAUTH_URL: process.env.NEXTAUTH_URL || url,
      PORT: String(port),
      HOST: host,
    });
    await this.#step("Migrating the database", () => migrateApart(databaseUrls, this.#environment));
    if (withDemo) {
      const database_url = ownDatabase || this.#running().adminUrl(database);
      await this.#step("Starting the Graph sandbox and the demo", () =>
        this.#startDemo({ url, database_url }),
      );
    }
    await this.#step("Starting web and worker", async () => {
      this.#run("worker", "magenta", await workerCommand());
      this.#run("web", "cyan", webCommand(process.env.WEB_MAX_HEAP_MB));
      await waitUntilReady(`http://${reachable(host)}:${port}`, this.#children, this.#abort.signal);
    });
    this.#writeRecord({ state: "ready" });
    console.log(styleText("bold", `\nTenantPilot is ready at ${url}`));
    if (withDemo) await this.#sayHowToSignIn();
  }

  /** Stops everything, in order, within about ten seconds. May be called at any time, and more than once. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  /** Ends all processes at once. PostgreSQL stops by itself when this process ends. */
  kill(): void {
    for (const child of this.#children) child.kill();
  }

  async #stopAll(): Promise<void> {
    this.#abort.abort(new Error("Stopped."));
    if (this.#record) this.#writeRecord({ state: "stopping" });
    // The worker may still talk to the sandbox while it ends, and both it and web to the database.
    const isSandbox = (child: Child) => child.name === "sandbox";
    await Promise.all(
      this.#children.filter((child) => !isSandbox(child)).map((child) => child.stop(graceMs)),
    );
    await Promise.all(this.#children.filter(isSandbox).map((child) => child.stop(1_000)));
    await this.#cluster?.stop();
    if (this.#record) removeRuntime(this.#options.dataDir);
  }

  async #startPostgres(): Promise<void> {
    const { dataDir } = this.#options;
    this.#cluster = await startCluster({
      folder: join(dataDir, "postgres"),
      log: (line) => console.log(line),
    });
    if (await wasSeedingInterrupted(dataDir)) await this.#cluster.dropDatabase(database);
    await this.#cluster.createDatabase(database);
  }

  /** The logins of the database of our own: each process has one that can do its work and no more. */
  #databaseUrls(): DatabaseUrls {
    const cluster = this.#running();
    return {
      DATABASE_OWNER_URL: cluster.ownerUrl(database),
      DATABASE_URL: cluster.url(database, "tp_web"),
      DATABASE_WORKER_URL: cluster.url(database, "tp_worker"),
    };
  }

  async #startDemo(addresses: Omit<Addresses, "sandbox_url">): Promise<void> {
    const { dataDir } = this.#options;
    const { tenants, port } = await prepareSandboxSettings(dataDir);
    const { certificateFile } = await sandboxCertificateFiles(dataDir);
    const sandbox_url = `http://localhost:${port}`;
    Object.assign(this.#environment, {
      GRAPH_SANDBOX_URL: sandbox_url,
      GRAPH_SANDBOX_LOGIN_URL: `https://localhost:${port}`,
      NODE_EXTRA_CA_CERTS: certificateFile,
    });
    this.#run("sandbox", "yellow", ["scripts/launch/sandbox-process.ts", dataDir]);
    await prepareDemo({
      dataDir,
      addresses: { ...addresses, sandbox_url },
      tenants,
      environment: this.#environment,
    });
  }

  #run(name: string, color: Color, command: [string, ...string[]]): void {
    this.#abort.signal.throwIfAborted();
    const child = new Child({
      name,
      color,
      command,
      env: this.#environment,
      onStart: (pid) => {
        if (this.#stopped) return;
        this.#writeRecord({ processes: { ...this.#record?.processes, [name]: recordProcess(pid) } });
      },
    });
    this.#children.push(child);
    child.start();
  }

  async #step<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.#abort.signal.throwIfAborted();
    const started = Date.now();
    console.log(`${title} …`);
    const result = await work();
    this.#abort.signal.throwIfAborted();
    console.log(styleText("dim", `  done in ${((Date.now() - started) / 1000).toFixed(1)} s`));
    return result;
  }

  #writeRecord(changes: Partial<RuntimeRecord>): void {
    this.#record = {
      launcher: recordProcess(process.pid),
      state: "starting",
      url: "",
      processes: {},
      ...this.#record,
      environment: this.#environment,
      ...changes,
    };
    writeRuntime(this.#options.dataDir, this.#record);
  }

  #running(): Cluster {
    if (!this.#cluster) throw new Error("PostgreSQL is not running.");
    return this.#cluster;
  }

  async #sayHowToSignIn(): Promise<void> {
    const demo = await readDemoFile(this.#options.dataDir);
    const owner = demo?.users.find((user) => user.role === "owner");
    if (owner) console.log(`Sign in as ${owner.email} with the password ${owner.password}`);
    console.log(
      `All users and API tokens: ${demoFilePath(this.#options.dataDir)}\nCtrl-C stops everything.\n`,
    );
  }
}

function givenUrls(DATABASE_URL: string): DatabaseUrls {
  const { DATABASE_OWNER_URL, DATABASE_WORKER_URL } = process.env;
  return {
    DATABASE_URL,
    ...(DATABASE_OWNER_URL ? { DATABASE_OWNER_URL } : {}),
    ...(DATABASE_WORKER_URL ? { DATABASE_WORKER_URL } : {}),
  };
}

/** An address by which what listens on `host` can be reached from this machine. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

async function usablePort(wanted: number, host: string): Promise<number> {
  if (wanted === 0) return freePort();
  if (await isPortFree(wanted, host)) return wanted;
  throw new Error(
    `Port ${wanted} is taken by another program. Stop that, or choose another port: npm start -- --port ${wanted + 1}`,
  );
}
