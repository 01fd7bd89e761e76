import { setTimeout as delay } from "node:timers/promises";
import { isSameProcess, type ProcessRecord } from "./process-identity.ts";
import { readLivingRuntime, readRuntime, removeRuntime } from "./runtime-record.ts";

/** A launcher whose parent was killed notices within a second; then it says that it stops. */
const noticeMs = 3_000;
const stopMs = 20_000;

/**
 * Makes sure that this data folder is ours: waits for a launcher that is stopping, and ends what a killed one left.
 * @throws Error when another launcher runs on it
 */
export async function claimDataDir(dataDir: string, say: (line: string) => void): Promise<void> {
  const patience = Date.now() + noticeMs;
  let other = await readLivingRuntime(dataDir);
  if (other)
    say(`Another TenantPilot (process ${other.launcher.pid}) is on ${dataDir}; looking whether it stops …`);
  while (other && other.state !== "stopping" && Date.now() < patience) {
    await delay(100);
    other = await readLivingRuntime(dataDir);
  }
  if (other && other.state !== "stopping") {
    throw new Error(
      `TenantPilot already runs on ${dataDir}: process ${other.launcher.pid}, ${other.url}. ` +
        "Use it, stop it (Ctrl-C), or start with another --data-dir.",
    );
  }
  const deadline = Date.now() + stopMs;
  while (other && Date.now() < deadline) {
    await delay(100);
    other = await readLivingRuntime(dataDir);
  }
  if (other) await end(other.launcher);
  const left = await readRuntime(dataDir);
  await Promise.all(Object.values(left?.processes ?? {}).map(end));
  removeRuntime(dataDir);
}

/** Ends a process if it is still the one of the record: at first politely. */
async function end(record: ProcessRecord): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const deadline = Date.now() + 8_000;
    if (isSameProcess(record)) process.kill(record.pid, signal);
    while (isSameProcess(record) && Date.now() < deadline) await delay(50);
  }
}
