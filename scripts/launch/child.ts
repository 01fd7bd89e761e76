import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { environmentFor } from "./environment-for.ts";
import { type Color, printLines } from "./log-lines.ts";
import { nodeArguments } from "./node-arguments.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const endWithLauncher = pathToFileURL(fileURLToPath(new URL("end-with-launcher.ts", import.meta.url))).href;

const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** A process that lived so long was well: the next restart is quick again. */
const wellAfterMs = 60_000;

export interface ChildOptions {
  name: string;
  color: Color;
  /** Node's own options, the file that it runs, below the repository, and the file's arguments. */
  command: [string, ...string[]];
  env: Record<string, string>;
  /** Hears of each start, with the process id. */
  onStart?(pid: number): void;
}

/**
 * A Node process that is kept running: when it dies it is started again, at first after half a second, then later
 * and later. It ends with the launcher, even when that is killed.
 */
export class Child {
  readonly name: string;
  readonly #options: ChildOptions;
  #process: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #delayMs = firstDelayMs;
  #stopping = false;
  /** How often it died by itself. */
  deaths = 0;

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.#options = options;
  }

  start(): void {
    const { command, env, name, color } = this.#options;
    const startedAt = Date.now();
    const child = spawn(process.execPath, ["--import", endWithLauncher, ...nodeArguments(command)], {
      cwd: root,
      // In a session of its own: Ctrl-C in a terminal reaches the launcher alone, which stops all in order.
      detached: true,
      env: environmentFor(command.at(-1), { ...process.env, ...env, TENANTPILOT_LIFELINE: "3" }),
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    this.#process = child;
    if (child.stdout) printLines(child.stdout, name, color);
    if (child.stderr) printLines(child.stderr, name, color);
    if (child.pid !== undefined) this.#options.onStart?.(child.pid);
    this.#exited = new Promise((resolve) => {
      child.once("error", () => resolve());
      child.once("exit", () => resolve());
    });
    child.once("exit", (code, signal) =>
      this.#afterExit(signal ?? `exit code ${code}`, Date.now() - startedAt),
    );
  }

  /** Ends it by SIGTERM, and after `graceMs` by SIGKILL. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    this.#process?.kill("SIGTERM");
    const killing = setTimeout(() => this.#process?.kill("SIGKILL"), graceMs);
    await this.#exited;
    clearTimeout(killing);
  }

  /** Ends it at once. */
  kill(): void {
    this.#stopping = true;
    clearTimeout(this.#restart);
    this.#process?.kill("SIGKILL");
  }

  #afterExit(how: string, livedMs: number): void {
    if (this.#stopping) return;
    this.deaths++;
    if (livedMs > wellAfterMs) this.#delayMs = firstDelayMs;
    console.log(`The ${this.name} process ended (${how}); starting it again in ${this.#delayMs / 1000} s.`);
    this.#restart = setTimeout(() => this.start(), this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, longestDelayMs);
  }
}
