import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { type Binaries, binariesFor } from "./binaries.ts";
import { dataFolder, initialise } from "./data-folder.ts";
import { freePort, isPortFree } from "./free-port.ts";
import { stopStaleServer } from "./stale-server.ts";
import { databaseUser, type SystemUser } from "./system-user.ts";

const host = "127.0.0.1";
const role = "tenantpilot";
/** Recovery after a crash may take so long. */
const startLimitMs = 60_000;
/** How long a server that ends at once is started anew. */
const retryLimitMs = 8_000;
/** The SQLSTATE invalid_password. */
const wrongPassword = "28P01";

export interface ClusterOptions {
  /** Absolute path of the database files; `<folder>.json` and `<folder>.log` lie beside it. */
  folder: string;
  /** False for tests: nothing is flushed to disk, so a power cut may lose everything. Default true. */
  durable?: boolean;
  /** More server settings, such as `{ log_statement: "all" }`. */
  settings?: Record<string, string>;
  /** Hears about restarts after a crash. */
  log?(line: string): void;
}

export interface Cluster {
  /** The URL of a database as the superuser `postgres`, who passes row-level security by: never for web or worker. */
  adminUrl(database: string): string;
  /** The URL of a database as the role `tenantpilot`, who owns it and migrates: no superuser. */
  ownerUrl(database: string): string;
  /** The URL of a database as a login that owns nothing. The migration creates it, when it is given one. */
  url(database: string, login: string): string;
  /** Creates the database, owned by `tenantpilot`, unless it is there; as a copy of `template` when that is given. */
  createDatabase(name: string, template?: string): Promise<void>;
  dropDatabase(name: string): Promise<void>;
  /** Stops the server and starts it again; `immediate` is a crash: connections are cut and recovery follows. */
  restart(mode: "fast" | "immediate"): Promise<void>;
  stop(): Promise<void>;
  /** Starts a server that was stopped again, at the same address. */
  start(): Promise<void>;
}

interface Access {
  port: number;
  superuserPassword: string;
  rolePassword: string;
}

/**
 * Starts PostgreSQL 18 on localhost, from npm packages, as root or a normal user. Creates the files and the owner's
 * role `tenantpilot` when missing, ends a server that was left behind, and starts the server again when it crashes.
 * When this process is killed the server stops by itself; its data is found again at the next start.
 * @throws Error with what the server said, when it does not start
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const user = await databaseUser();
  const binaries = await binariesFor(user);
  const folder = await dataFolder(options.folder, user);
  await stopStaleServer(folder);
  const access = await readAccess(`${options.folder}.json`);
  await initialise(folder, binaries, user, {
    password: access.superuserPassword,
    durable: options.durable ?? true,
  });
  const server = new Server(options, folder, binaries, user, access);
  await server.start();
  await server.ensureRole();
  return server;
}

class Server implements Cluster {
  readonly #options: ClusterOptions;
  readonly #folder: string;
  readonly #binaries: Binaries;
  readonly #user: SystemUser | undefined;
  readonly #access: Access;
  #process: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(
    options: ClusterOptions,
    folder: string,
    binaries: Binaries,
    user: SystemUser | undefined,
    access: Access,
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#binaries = binaries;
    this.#user = user;
    this.#access = access;
  }

  adminUrl(database: string): string {
    return this.#url("postgres", this.#access.superuserPassword, database);
  }

  ownerUrl(database: string): string {
    return this.#url(role, this.#access.rolePassword, database);
  }

  url(database: string, login: string): string {
    // The owner's password leads to it, and nothing back from it.
    const password = createHmac("sha256", this.#access.rolePassword).update(login).digest("base64url");
    return this.#url(login, password, database);
  }

  async createDatabase(name: string, template?: string): Promise<void> {
    await this.#asAdmin(async (client) => {
      const existing = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
      if (existing.rowCount) return;
      const copy = template === undefined ? "" : ` TEMPLATE ${pg.escapeIdentifier(template)}`;
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} OWNER ${role}${copy}`);
    });
  }

  async dropDatabase(name: string): Promise<void> {
    await this.#asAdmin((client) =>
      client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`),
    );
  }

  async restart(mode: "fast" | "immediate"): Promise<void> {
    await this.#end(mode === "fast" ? "SIGINT" : "SIGQUIT");
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#end("SIGINT");
  }

  async start(): Promise<void> {
    this.#stopping = false;
    await this.#startUnlessStopped();
  }

  /** Whoever stops it while it starts again after a crash has stopped it: no server is left behind. */
  async #startUnlessStopped(): Promise<void> {
    if (!(await isPortFree(this.#access.port, host))) this.#access.port = await freePort();
    await writeFile(`${this.#options.folder}.json`, JSON.stringify(this.#access, null, 2), { mode: 0o600 });
    const started = Date.now();
    // A server that was killed leaves shared memory in use until its last child is gone: a moment later it works.
    while (!this.#stopping && !(await this.#spawnAndWait(started + startLimitMs))) {
      if (Date.now() > started + retryLimitMs) throw new Error(await this.#whyNot());
      await delay(250);
    }
  }

  /** The login role of migrations. It may create roles, since they do. */
  async ensureRole(): Promise<void> {
    await this.#asAdmin(async (client) => {
      const existing = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
      const verb = existing.rowCount ? "ALTER" : "CREATE";
      const password = pg.escapeLiteral(this.#access.rolePassword);
      await client.query(
        `${verb} ROLE ${role} LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE PASSWORD ${password}`,
      );
    });
  }

  /** True when the server answers; false when it ended before it did. */
  async #spawnAndWait(deadline: number): Promise<boolean> {
    const log = openSync(`${this.#options.folder}.log`, "a", 0o600);
    // Detached: Ctrl-C in a terminal reaches the launcher only, which stops the database last.
    const child = spawn(this.#binaries.postgres, this.#arguments(), {
      cwd: "/",
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, LC_ALL: "C" },
      ...this.#user,
    });
    closeSync(log);
    let ended = false;
    this.#process = child;
    this.#exited = new Promise((resolve) => {
      child.once("error", () => resolve());
      child.once("exit", () => resolve());
    });
    void this.#exited.then(() => {
      ended = true;
    });
    const guard = child.pid === undefined ? undefined : this.#guard(child.pid);
    void this.#exited.then(() => guard?.kill("SIGKILL"));
    while (!ended && Date.now() < deadline) {
      if (await this.#answers()) {
        void this.#exited.then(() => this.#afterExit(child));
        return true;
      }
      await delay(30);
    }
    return false;
  }

  #arguments(): string[] {
    const settings = {
      listen_addresses: host,
      port: String(this.#access.port),
      // No socket files: their paths have a length limit, and /tmp is shared.
      unix_socket_directories: "",
      max_connections: "200",
      log_timezone: "UTC",
      timezone: "UTC",
      ...(this.#options.durable === false
        ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" }
        : {}),
      ...this.#options.settings,
    };
    return [
      "-D",
      this.#folder,
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ];
  }

  /** Stops the server when this process is gone, however it went: the shell's input closes then. */
  #guard(pid: number): ChildProcess {
    const guard = spawn("/bin/sh", ["-c", 'read -r _; kill -INT "$1"', "postgres-guard", String(pid)], {
      cwd: "/",
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    guard.on("error", () => {});
    guard.unref();
    if (guard.stdin instanceof Socket) guard.stdin.unref();
    return guard;
  }

  async #afterExit(child: ChildProcess): Promise<void> {
    if (this.#stopping || this.#process !== child) return;
    this.#options.log?.("PostgreSQL ended unexpectedly; starting it again.");
    await this.#startUnlessStopped().catch((error: unknown) =>
      this.#options.log?.(error instanceof Error ? error.message : String(error)),
    );
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#stopping = true;
    this.#process?.kill(signal);
    const harder = setTimeout(() => this.#process?.kill("SIGQUIT"), 5_000);
    await this.#exited;
    clearTimeout(harder);
    this.#process = undefined;
  }

  async #answers(): Promise<boolean> {
    try {
      await this.#asAdmin((client) => client.query("SELECT 1"));
      return true;
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === wrongPassword) {
        throw new Error(
          `${this.#options.folder}.json does not hold the password of the database beside it. ` +
            `Put the right file back, or delete ${this.#options.folder} to start with an empty database.`,
        );
      }
      return false;
    }
  }

  async #asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({
      connectionString: this.adminUrl("postgres"),
      connectionTimeoutMillis: 5_000,
    });
    client.on("error", () => {});
    try {
      await client.connect();
      return await work(client);
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #whyNot(): Promise<string> {
    const log = await readFile(`${this.#options.folder}.log`, "utf8").catch(() => "");
    const tail = log.trim().split("\n").slice(-8).join("\n");
    return `PostgreSQL did not start. The end of ${this.#options.folder}.log:\n${tail}`;
  }

  #url(user: string, password: string, database: string): string {
    return `postgresql://${user}:${password}@${host}:${this.#access.port}/${encodeURIComponent(database)}`;
  }
}

async function readAccess(file: string): Promise<Access> {
  await mkdir(dirname(file), { recursive: true });
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text !== undefined) return JSON.parse(text) as Access;
  return { port: await freePort(), superuserPassword: secret(), rolePassword: secret() };
}

function secret(): string {
  return randomBytes(24).toString("base64url");
}

/** Removes the files of a stopped cluster, with what lies beside them. */
export async function removeCluster(folder: string): Promise<void> {
  const real = await realpath(folder).catch(() => folder);
  for (const path of [real, folder, `${folder}.json`, `${folder}.log`])
    await rm(path, { recursive: true, force: true });
}
