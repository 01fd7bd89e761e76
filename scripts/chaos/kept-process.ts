import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

/** How a process is started, and how it is known to serve. */
export interface KeptOptions {
  name: string;
  spawn(): ChildProcess;
  /** Resolves once it serves. */
  ready(child: ChildProcess): Promise<void>;
}

/** It starts again so soon after its end, as under systemd or in a container. */
const restartMs = 300;

/** A process of the installation that is started again whenever it ends. */
export class KeptProcess {
  readonly name: string;
  readonly #options: KeptOptions;
  #child: ChildProcess | undefined;
  #ready: Promise<void> = Promise.resolve();
  #stopping = false;
  /** Who ends it now: an end that nobody asked for is a fault. */
  #asked = false;
  /** Ends that nobody asked for, in words. */
  readonly ownEnds: string[] = [];

  constructor(options: KeptOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** The process of now. */
  get child(): ChildProcess | undefined {
    return this.#child;
  }

  start(): Promise<void> {
    const child = this.#options.spawn();
    this.#child = child;
    this.#asked = false;
    child.once("exit", (code, signal) => {
      if (!this.#asked && !this.#stopping)
        this.ownEnds.push(`${this.name} ended by itself: ${signal ?? code}`);
      if (this.#child === child) void this.#again();
    });
    // A process that is killed before it serves never does; the next one is waited for then.
    this.#ready = this.#options.ready(child);
    this.#ready.catch(() => {});
    return this.#ready;
  }

  /** One that is killed before it serves is started once more. */
  async #again(): Promise<void> {
    await delay(restartMs);
    if (!this.#stopping) await this.start().catch(() => {});
  }

  /** Resolves once it serves, however often it is killed until then. */
  async serves(): Promise<void> {
    for (;;) {
      const ready = this.#ready;
      const served = await ready.then(
        () => true,
        () => false,
      );
      if (served && ready === this.#ready && this.#child && alive(this.#child)) return;
      await delay(100);
    }
  }

  /** Kills it without warning. */
  kill(): void {
    this.#asked = true;
    this.#child?.kill("SIGKILL");
  }

  /** Asks it to stop, as a deploy does; the next one starts by itself. Who has not ended in time is at fault. */
  async deploy(limitMs: number): Promise<void> {
    const child = this.#child;
    if (!child || !alive(child)) return;
    this.#asked = true;
    const ended = ends(child).then(() => true);
    child.kill("SIGTERM");
    child.kill("SIGCONT");
    if (await Promise.race([ended, delay(limitMs).then(() => false)])) return;
    this.ownEnds.push(`${this.name} had not ended ${limitMs / 1_000} s after it was asked to`);
    child.kill("SIGKILL");
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || !alive(child)) return;
    const ended = ends(child);
    child.kill("SIGCONT");
    child.kill("SIGKILL");
    await ended;
  }
}

function alive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function ends(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once("exit", () => resolve()));
}
