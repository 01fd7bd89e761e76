import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

async function memoryOf(pid: number, field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

/** Resident memory of a process now, in bytes; Linux only. */
export const residentMemoryOf = (pid: number): Promise<number> => memoryOf(pid, "VmRSS");

/** Resident memory of an idle process, in bytes, once it has not changed by a percent for three seconds. */
export async function settledMemoryOf(pid: number): Promise<number> {
  let before = await memoryOf(pid, "VmRSS");
  for (let calm = 0; calm < 6; ) {
    await delay(500);
    const now = await memoryOf(pid, "VmRSS");
    calm = Math.abs(now - before) < before / 100 ? calm + 1 : 0;
    before = now;
  }
  return before;
}

/** The most memory that a process held while `work` was done, in bytes, as the kernel counted it. */
export async function peakMemoryOf<T>(
  pid: number,
  work: () => Promise<T>,
): Promise<{ result: T; bytes: number }> {
  // 5 sets the kernel's high-water mark back (proc(5), clear_refs).
  await writeFile(`/proc/${pid}/clear_refs`, "5");
  const result = await work();
  return { result, bytes: await memoryOf(pid, "VmHWM") };
}
