import { readFile } from "node:fs/promises";
import type pg from "pg";

/** By connection. One that has ended keeps what it took: without it, the sum would go back. */
const taken = new Map<number, number>();

/**
 * Processor time that this process and the database's connections have taken, in milliseconds; Linux, the database on the same
 * machine. Where others keep the machine busy, it says more than the time on the clock.
 */
export async function processorMilliseconds(admin: pg.Pool): Promise<number> {
  const { rows } = await admin.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  const { user, system } = process.cpuUsage();
  for (const { pid } of rows) {
    // The first number is the time on a processor, in nanoseconds (proc(5)). A connection may have ended meanwhile.
    const time = await readFile(`/proc/${pid}/schedstat`, "utf8").catch(() => null);
    if (time !== null) taken.set(pid, Number(time.split(" ")[0]) / 1e6);
  }
  return [...taken.values()].reduce((sum, time) => sum + time, (user + system) / 1000);
}
