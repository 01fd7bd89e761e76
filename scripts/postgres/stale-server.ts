import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { commandLineOf } from "../launch/process-identity.ts";

const patienceMs: [signal: NodeJS.Signals, milliseconds: number][] = [
  ["SIGINT", 10_000],
  ["SIGQUIT", 5_000],
  ["SIGKILL", 5_000],
];

/**
 * Ends a server that an earlier, killed launcher left behind on these files, and removes a pid file whose process
 * is gone: the pid may belong to something else by now, which would keep PostgreSQL from starting.
 * @throws Error when the old server does not end
 */
export async function stopStaleServer(folder: string): Promise<void> {
  const pidFile = join(folder, "postmaster.pid");
  const pid = Number.parseInt(await readFile(pidFile, "utf8").catch(() => ""), 10);
  if (!Number.isInteger(pid)) return;
  for (const [signal, milliseconds] of patienceMs) {
    if (!isServerOf(pid, folder)) break;
    process.kill(pid, signal);
    const deadline = Date.now() + milliseconds;
    while (isServerOf(pid, folder) && Date.now() < deadline) await delay(50);
  }
  if (isServerOf(pid, folder))
    throw new Error(`An old PostgreSQL (process ${pid}) on ${folder} does not end. Kill it.`);
  await rm(pidFile, { force: true });
}

function isServerOf(pid: number, folder: string): boolean {
  return commandLineOf(pid)?.includes(`-D ${folder} `) ?? false;
}
