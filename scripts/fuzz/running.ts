import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type DemoFile, demoFilePath } from "../launch/demo-file.ts";
import { readRuntime } from "../launch/runtime-record.ts";
import { removeCluster } from "../postgres/cluster.ts";

/** A TenantPilot of its own, in production mode, with the demo in it. */
export interface Running {
  demo: DemoFile;
  /** What web has logged as errors, or said that is no record. */
  errors: string[];
  workerPid: number;
  stop(): Promise<void>;
}

/** Nothing that limits a caller stands in the way of many requests, and each comes from a client of its own. */
const settings = {
  API_REQUESTS_PER_MINUTE: "0",
  TENANT_MAX_SCHEDULES: "100000",
  TENANT_MAX_TOKENS: "100000",
  TENANT_MAX_MEMBERS: "100000",
  TRUSTED_PROXIES: "127.0.0.1,::1",
};

/** Starts it on a folder and a port that nobody else has. @throws Error with what it said, when it does not start */
export async function startRunning(): Promise<Running> {
  const dataDir = await mkdtemp(join(tmpdir(), "tenantpilot-fuzz-"));
  // The database's user has to get through.
  await chmod(dataDir, 0o711);
  const errors: string[] = [];
  const launcher = await launch(dataDir, (line) => {
    // What Next.js cannot decode it says with this sign: the sender hears of it as a 400.
    if (
      /^\W*(\[\d+m)?web\s.*?│.{0,20}\b(error(?! (⨯|`x-forwarded-host`))|fatal)\b|\(not a record\)/.test(line)
    )
      errors.push(line);
  });
  const demo = JSON.parse(await readFile(demoFilePath(dataDir), "utf8")) as DemoFile;
  const workerPid = (await readRuntime(dataDir))?.processes.worker?.pid;
  if (!workerPid) throw new Error("The worker is not in the launcher's record.");
  return {
    demo,
    errors,
    workerPid,
    async stop() {
      launcher.kill("SIGTERM");
      if (launcher.exitCode === null) await new Promise((resolve) => launcher.once("exit", resolve));
      await removeCluster(join(dataDir, "postgres"));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function launch(dataDir: string, hear: (line: string) => void): Promise<ChildProcess> {
  const {
    DATABASE_URL: _web,
    DATABASE_OWNER_URL: _owner,
    DATABASE_WORKER_URL: _worker,
    ...env
  } = process.env;
  const child = spawn(process.execPath, ["scripts/start.ts", "--port", "0", "--data-dir", dataDir], {
    env: { ...env, ...settings, LOG_LEVEL: "warn", TENANTPILOT_LIFELINE: "3" },
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout ?? process.stdin }).on("line", (line) => {
      if (said.length < 200) said.push(line);
      hear(line);
      if (line.includes("TenantPilot is ready at")) resolve(child);
    });
    child.once("exit", (code) =>
      reject(new Error(`npm start ended (exit code ${code}):\n${said.join("\n")}`)),
    );
  });
}
