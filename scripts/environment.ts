import { resolve } from "node:path";
import { readLivingRuntime } from "./launch/runtime-record.ts";

/**
 * The environment for a process that joins a TenantPilot: the one this process has when it names a database,
 * else the one of the `npm start` that runs on the data folder.
 * @param args `--data-dir DIR` is taken out of them; default .data
 * @throws Error that says what to do when there is neither
 */
export async function joinEnvironment(args: string[]): Promise<{ env: NodeJS.ProcessEnv; args: string[] }> {
  const { dataDir, rest } = takeDataDir(args);
  const { DATABASE_URL, DATABASE_OWNER_URL, DATABASE_WORKER_URL } = process.env;
  if (DATABASE_URL || DATABASE_OWNER_URL || DATABASE_WORKER_URL) return { env: process.env, args: rest };
  const runtime = await readLivingRuntime(dataDir);
  if (!runtime) {
    throw new Error(
      `DATABASE_URL is not set, and no TenantPilot runs on ${dataDir}. ` +
        "Start one with `npm start` in another terminal, or set DATABASE_URL.",
    );
  }
  // A second web needs a port of its own.
  const { PORT: _taken, ...environment } = runtime.environment;
  return { env: { ...environment, ...process.env }, args: rest };
}

function takeDataDir(args: string[]): { dataDir: string; rest: string[] } {
  const at = args.findIndex((arg) => arg === "--data-dir" || arg.startsWith("--data-dir="));
  const found = args[at];
  if (found === undefined) return { dataDir: resolve(".data"), rest: args };
  const inline = found.includes("=");
  const value = inline ? found.slice(found.indexOf("=") + 1) : args[at + 1];
  if (!value) throw new Error("--data-dir wants a folder.");
  return { dataDir: resolve(value), rest: args.toSpliced(at, inline ? 1 : 2) };
}
