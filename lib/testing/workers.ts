import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { getRun } from "#lib/runs/get";
import type { RunStatus } from "#lib/runs/schema";
import { bundled } from "../../scripts/testing/bundle.ts";
import { until, type World } from "./world.ts";

/** Worker processes of a test file. */
export interface Workers {
  /** Starts a worker and waits until it is ready. */
  start(settings?: Record<string, string>): Promise<ChildProcess>;
  /** Ends a worker. @returns its exit code, null when the signal ended it */
  kill(worker: ChildProcess, signal: NodeJS.Signals): Promise<number | null>;
}

/** Real worker processes for the world's database and sandbox; those left over are killed after each test. */
export function withWorkers(world: World): Workers {
  const running = new Set<ChildProcess>();
  let folder: string;
  const workers: Workers = {
    async start(settings = {}) {
      const worker = fork(await bundled("worker/index.ts"), {
        stdio: ["ignore", "ignore", "inherit", "ipc"],
        execArgv: [],
        env: {
          ...process.env,
          DATABASE_WORKER_URL: world.database.workerUrl,
          LOG_LEVEL: "error",
          NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
          ...settings,
        },
      });
      running.add(worker);
      await new Promise<void>((resolve, reject) => {
        worker.once("message", () => resolve());
        worker.once("exit", (code) => reject(new Error(`the worker ended with ${code} before it was ready`)));
      });
      return worker;
    },
    async kill(worker, signal) {
      const ended = new Promise<number | null>((resolve) => worker.once("exit", (code) => resolve(code)));
      worker.kill(signal);
      running.delete(worker);
      return ended;
    },
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenantpilot-ca-"));
    await writeFile(join(folder, "ca.pem"), world.sandbox.caCertificate);
  });
  afterEach(async () => {
    await Promise.all([...running].map((worker) => workers.kill(worker, "SIGKILL")));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  return workers;
}

/** Looks at runs of a world's tenant. */
export function runsOf(world: World): {
  status(runId: number): Promise<RunStatus>;
  /** Waits until a run has ended, so many seconds at most. */
  ended(runId: number, seconds?: number): Promise<true>;
} {
  const status = async (runId: number) =>
    (await getRun(world.tenant.actors.readonly, world.tenant.id, { run_id: runId })).status;
  return {
    status,
    ended: (runId, seconds) =>
      until(`run ${runId} ends`, async () => (await status(runId)) !== "running", seconds),
  };
}
