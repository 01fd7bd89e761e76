import { type ChildProcess, fork } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { workerEnvironment, workerMemory } from "../../scripts/launch/worker-command.ts";
import { bundled } from "../../scripts/testing/bundle.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The worker packed into one file, as a build makes it, with the environment of this process and `settings`. */
export class WorkerProcess {
  readonly #process: ChildProcess;
  readonly #ready: Promise<void>;

  /** Starts one. @param unlimited asks Graph as fast as it can */
  static async start(
    settings: Record<string, string>,
    { unlimited = false }: { unlimited?: boolean } = {},
  ): Promise<WorkerProcess> {
    const program = unlimited ? "bench/support/unlimited-worker.ts" : "worker/index.ts";
    return new WorkerProcess(await bundled(program), settings);
  }

  private constructor(file: string, settings: Record<string, string>) {
    this.#process = fork(file, {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: [...workerMemory],
      env: { ...workerEnvironment, ...process.env, LOG_LEVEL: "error", ...settings },
    });
    this.#ready = new Promise((resolve, reject) => {
      this.#process.once("message", () => resolve());
      this.#process.once("exit", (code) => reject(new Error(`The worker ended with ${code}.`)));
    });
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  /** The most memory that it ever held (VmHWM), in MB of a million bytes; Linux only. */
  async peakMegabytes(): Promise<number> {
    const status = await readFile(`/proc/${this.#process.pid}/status`, "utf8");
    return (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
  }

  /** Processor time that it has taken, its threads together; Linux only. */
  async processorSeconds(): Promise<number> {
    const stat = await readFile(`/proc/${this.#process.pid}/stat`, "utf8");
    // Behind the name, which may hold anything: user and system time in hundredths of a second (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
  }
}
