import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { DemoFile } from "../../scripts/launch/demo-file.ts";
import { removeCluster } from "../../scripts/postgres/cluster.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Playwright's global setup: a real start of the production build, on a data folder and a port of its own. With
 * TENANTPILOT_E2E_DATA_DIR set, the tests use the TenantPilot that already runs on that folder instead, at its own
 * address or at TENANTPILOT_E2E_URL.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const running = process.env.TENANTPILOT_E2E_DATA_DIR;
  const dataDir = running ? resolve(running) : await mkdtemp(join(tmpdir(), "tenantpilot-e2e-"));
  process.env.TENANTPILOT_E2E_DATA_DIR = dataDir;
  // The database's user has to get through.
  if (!running) await chmod(dataDir, 0o711);
  const launcher = running ? undefined : await launch(dataDir);
  const demo = JSON.parse(await readFile(join(dataDir, "demo.json"), "utf8")) as DemoFile;
  process.env.TENANTPILOT_E2E_URL = (running && process.env.TENANTPILOT_E2E_URL) || demo.url;
  return async () => {
    if (!launcher) return;
    launcher.kill("SIGTERM");
    await new Promise((resolved) => launcher.once("exit", resolved));
    await removeCluster(join(dataDir, "postgres"));
    await rm(dataDir, { recursive: true, force: true });
  };
}

/** Starts and waits for the ready line; what it said before comes with the error when it ends instead. */
function launch(dataDir: string): Promise<ChildProcess> {
  const {
    DATABASE_URL: _web,
    DATABASE_OWNER_URL: _owner,
    DATABASE_WORKER_URL: _worker,
    ...env
  } = process.env;
  const child = spawn(process.execPath, ["scripts/start.ts", "--port", "0", "--data-dir", dataDir], {
    cwd: root,
    env: { ...env, TENANTPILOT_LIFELINE: "3" },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const said: string[] = [];
  return new Promise((resolved, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        if (line.includes("TenantPilot is ready at")) resolved(child);
      });
    }
    child.once("exit", (code) =>
      reject(new Error(`npm start ended (exit code ${code}):\n${said.join("\n")}`)),
    );
  });
}
