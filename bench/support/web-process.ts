import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { webCommand } from "../../scripts/launch/web-command.ts";
import { freePort } from "../../scripts/postgres/free-port.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const lightImports = new URL("../../scripts/light-imports.ts", import.meta.url).href;
const endWithLauncher = new URL("../../scripts/launch/end-with-launcher.ts", import.meta.url).href;

/** A server that was started for a bench. */
export interface StartedServer {
  url: string;
  /** Process id: whose memory and time it is. */
  pid: number;
  stop(): Promise<void>;
}

/** Starts the web server on the production build, as `npm start` does, on a free port. */
export async function startWeb(databaseUrl: string): Promise<StartedServer> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  return startServer(
    ["--import", lightImports, ...webCommand(process.env.WEB_MAX_HEAP_MB), "--port", String(port)],
    { url, ready: /web: listening/ },
    {
      DATABASE_URL: databaseUrl,
      NEXTAUTH_URL: url,
      // It says at this level that it listens.
      LOG_LEVEL: "info",
      // A bench is one caller who asks as fast as it can.
      API_REQUESTS_PER_MINUTE: "0",
      NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
      TENANTPILOT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    },
  );
}

/**
 * Starts a program of Node's and waits for the line that says that it serves. It ends with this process.
 * @throws Error with what it said when it ends before
 */
export async function startServer(
  args: string[],
  { url, ready, cwd }: { url: string; ready: RegExp; cwd?: string },
  env: Record<string, string>,
): Promise<StartedServer> {
  const child = spawn(process.execPath, ["--import", endWithLauncher, ...args], {
    cwd: cwd ?? root,
    env: { ...process.env, NODE_ENV: "production", TENANTPILOT_LIFELINE: "3", ...env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  await saysReady(child, ready);
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function saysReady(child: ChildProcess, ready: RegExp): Promise<void> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`It ended with ${code}:\n${said.join("\n")}`)));
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        // A server that serves is not listened to any more, but for its troubles.
        if (said.length < 100) said.push(line);
        if (ready.test(line)) resolve();
      });
    }
  });
}
