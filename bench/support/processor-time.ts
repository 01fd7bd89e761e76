import { readFile } from "node:fs/promises";
import type pg from "pg";

/**
 * Processor time that this process and the database's connections have taken, in milliseconds; Linux, the database on the same
 * machine. Where others keep the machine busy, it says more than the time on the clock.
 */
export async function processorMilliseconds(admin: pg.Pool): Promise<number> {
  const { rows } = await admin.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  const { user, system } = process.cpuUsage();
  const times = await Promise.all(
    // The first number is the time on a processor, in nanoseconds (proc(5)). A connection may have ended meanwhile.
    rows.map(({ pid }) => readFile(`/proc/${pid}/schedstat`, "utf8").catch(() => "0")),
  );
  return times.reduce((sum, time) => sum + Number(time.split(" ")[0]) / 1e6, (user + system) / 1000);
}
