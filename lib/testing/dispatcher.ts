import { type ChildProcess, fork } from "node:child_process";
import { workerEnvironment } from "../../scripts/launch/worker-command.ts";
import { bundled } from "../../scripts/testing/bundle.ts";
import type { DispatcherAnswer, DispatcherRequest } from "./dispatcher-process.ts";

/** A dispatcher in a process of its own, which may be killed. */
export class Dispatcher {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #answer: ((answer: DispatcherAnswer) => void) | undefined;

  /** @param databaseUrl where it dispatches, as the worker's login */
  static async start(databaseUrl: string): Promise<Dispatcher> {
    return new Dispatcher(await bundled("lib/testing/dispatcher-process.ts"), databaseUrl);
  }

  private constructor(script: string, databaseUrl: string) {
    this.#process = fork(script, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      execArgv: ["--max-semi-space-size=2", "--max-old-space-size=160"],
      env: {
        ...workerEnvironment,
        ...process.env,
        DATABASE_URL: databaseUrl,
        DATABASE_POOL_SIZE: "2",
        LOG_LEVEL: "silent",
      },
    });
    this.#process.on("message", (answer: DispatcherAnswer) => this.#answer?.(answer));
    this.#ended = new Promise((resolve) => {
      this.#process.once("exit", () => {
        this.#answer?.({ error: "The dispatcher ended." });
        resolve();
      });
    });
  }

  /** One tick; answers with an error when the process ends before it is done. */
  tick(options: { batch?: number } = {}): Promise<DispatcherAnswer> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      if (this.#process.connected) this.#process.send({ tick: options } satisfies DispatcherRequest);
      else resolve({ error: "The dispatcher ended." });
    });
  }

  /** Kills the process without warning. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }

  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.send({ stop: true } satisfies DispatcherRequest);
    await this.#ended;
  }
}
