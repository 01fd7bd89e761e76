import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import type { FaultRule } from "#sandbox/server";

const script = fileURLToPath(new URL("../../scripts/sandbox.ts", import.meta.url));

/** What the sandbox was asked, and what it answered. */
export interface Requests {
  http: number;
  graph: number;
  byFamily: Record<string, number>;
  templates: number;
  byStatus: Record<string, number>;
}

/** A Graph sandbox in a process of its own, so that its work does not count as the client's. */
export class SandboxProcess {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly url: string;
  readonly loginUrl: string;
  /** File with the certificate that its sign-in side shows. */
  readonly caFile: string;
  readonly tenant: { entraTenantId: string; clientId: string; clientSecret: string };

  constructor(process: ChildProcess, folder: string, said: ReadonlyMap<string, string>) {
    const told = (name: string) => {
      const value = said.get(name);
      if (!value) throw new Error(`The sandbox did not tell its ${name}.`);
      return value;
    };
    this.#process = process;
    this.#folder = folder;
    this.url = told("Graph");
    this.loginUrl = told("Login").split(" ")[0] ?? "";
    this.caFile = join(folder, "ca.pem");
    this.tenant = {
      entraTenantId: told("Entra tenant id"),
      clientId: told("client id"),
      clientSecret: told("client secret"),
    };
  }

  /** Starts one with a tenant of `policies` policies; this process trusts its certificate from then on. */
  static async start(policies: number): Promise<SandboxProcess> {
    const child = spawn(process.execPath, [script, "--port", "0", "--policies", String(policies)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said = new Map<string, string>();
    for await (const line of createInterface(child.stdout)) {
      const [, name, value] =
        /^\s*(Graph|Login|Entra tenant id|client id|client secret)\s{2,}(\S+)/.exec(line) ?? [];
      if (name && value) said.set(name, value);
      if (line.includes("is ready")) break;
    }
    const sandbox = new SandboxProcess(child, await mkdtemp(join(tmpdir(), "tenantpilot-bench-")), said);
    const certificate = await (await fetch(`${sandbox.url}/_sandbox/ca.pem`)).text();
    await writeFile(sandbox.caFile, certificate);
    setDefaultCACertificates([...getCACertificates("default"), certificate]);
    return sandbox;
  }

  /** Forgets requests, faults and limits, then sets what is told. */
  async prepare(settings: { latencyMs?: number; enforceLimits?: boolean; fault?: FaultRule }): Promise<void> {
    const { fault, ...rest } = settings;
    await this.#control("POST", "reset");
    await this.#control("PUT", "settings", rest);
    if (fault) await this.#control("POST", "faults", fault);
  }

  async requests(): Promise<Requests> {
    return (await this.#control("GET", "requests")) as Requests;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #control(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The sandbox refused ${method} ${path}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }
}
