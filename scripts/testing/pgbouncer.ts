import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { runTool } from "../launch/run-tool.ts";
import { freePort } from "../postgres/free-port.ts";
import { databaseUser } from "../postgres/system-user.ts";

/** A PgBouncer of a test, in transaction mode. */
export interface PgBouncer {
  /** The address of a database, as a login of the server has it, by way of the pooler. */
  through(url: string): string;
  /** Kills it without warning, and starts it again at the same address. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** The PgBouncer that is installed here. */
export function installedPgBouncer(): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, "pgbouncer")).find((path) => existsSync(path));
}

/** Installs Debian's package where that can be done and none is there. Without one, its tests say that they are skipped. */
export async function ensurePgBouncer(): Promise<void> {
  if (installedPgBouncer()) return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  console.log("Installing Debian's PgBouncer (apt-get install pgbouncer) …");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  try {
    await runTool(["/usr/bin/apt-get", "update"], { env });
    await runTool(["/usr/bin/apt-get", "install", "--yes", "--no-install-recommends", "pgbouncer"], { env });
  } catch (error) {
    console.log(`It could not be installed: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Starts a PgBouncer in front of a server, which hands out its connections for one transaction each.
 * @param binary where it is installed
 * @param urls of the logins that it shall let in, all on one server
 * @throws Error with what it said, when it does not answer
 */
export async function startPgBouncer(binary: string, urls: readonly string[]): Promise<PgBouncer> {
  const folder = await mkdtemp(join(tmpdir(), "tenantpilot-pgbouncer-"));
  const port = await freePort();
  const [first = ""] = urls;
  const server = new URL(first);
  const files = {
    "users.txt": urls.map((url) => `"${new URL(url).username}" "${new URL(url).password}"\n`).join(""),
    "pgbouncer.ini": `
[databases]
* = host=${server.hostname} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${folder}/users.txt
logfile = ${folder}/pgbouncer.log
pool_mode = transaction
default_pool_size = 15
max_client_conn = 200
server_login_retry = 2
`,
  };
  // It refuses to run as root.
  const user = await databaseUser();
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    if (user) await chown(join(folder, name), user.uid, user.gid);
  }
  if (user) await chown(folder, user.uid, user.gid);
  const start = () =>
    spawn(binary, ["-q", join(folder, "pgbouncer.ini")], { cwd: "/", stdio: "ignore", ...user });
  let child = start();
  const through = (url: string) => {
    const address = new URL(url);
    address.port = String(port);
    return address.href;
  };
  const crash = async () => {
    await ended(child, "SIGKILL");
    child = start();
  };
  const stop = async () => {
    await ended(child, "SIGQUIT");
    await rm(folder, { recursive: true, force: true });
  };
  if (await answers(through(first))) return { through, crash, stop };
  const log = await readFile(join(folder, "pgbouncer.log"), "utf8").catch(() => "nothing");
  await stop();
  throw new Error(`PgBouncer does not answer. It said:\n${log}`);
}

async function answers(url: string): Promise<boolean> {
  for (let n = 0; n < 50; n += 1) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    try {
      await client.connect();
      return true;
    } catch {
      await delay(100);
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}
