import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process as it can be recognised again later: process ids alone are reused, soon so in containers. */
export interface ProcessRecord {
  pid: number;
  /** When the process started, in the form this system tells it. */
  started: string;
}

/** The record of a living process, by its id. */
export function recordProcess(pid: number): ProcessRecord {
  return { pid, started: startOf(pid) ?? "unknown" };
}

/** Whether the process of this record is still the one that runs under its id. */
export function isSameProcess(record: ProcessRecord): boolean {
  return startOf(record.pid) === record.started;
}

/** The command line of a living process; undefined when there is none. */
export function commandLineOf(pid: number): string | undefined {
  if (process.platform === "linux") return readProc(pid, "cmdline")?.replaceAll("\0", " ").trim();
  return ps(pid, "command");
}

function startOf(pid: number): string | undefined {
  if (process.platform !== "linux") return ps(pid, "lstart");
  const stat = readProc(pid, "stat");
  if (stat === undefined) return undefined;
  // Field 2, the name, may hold spaces and brackets; after its last bracket field 3 is the state, and field 22 the
  // start in ticks since boot (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z") return undefined;
  return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${fields[19]}`;
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    const output = execFileSync("ps", ["-o", `${column}=`, "-p", String(pid)], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
    });
    return output.trim() || undefined;
  } catch {
    return undefined;
  }
}
