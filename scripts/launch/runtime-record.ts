import { renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isSameProcess, type ProcessRecord } from "./process-identity.ts";

/** What a running launcher leaves in `<data-dir>/runtime.json`: who runs, and with which environment. */
export interface RuntimeRecord {
  launcher: ProcessRecord;
  state: "starting" | "ready" | "stopping";
  url: string;
  /** Settings that let another process join in, such as `npm run worker`. */
  environment: Record<string, string>;
  /** By name, such as `worker`. */
  processes: Record<string, ProcessRecord>;
}

/** The record in this data folder; undefined when there is none. */
export async function readRuntime(dataDir: string): Promise<RuntimeRecord | undefined> {
  const text = await readFile(fileIn(dataDir), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as RuntimeRecord);
}

/** The record in this data folder, if its launcher lives. */
export async function readLivingRuntime(dataDir: string): Promise<RuntimeRecord | undefined> {
  const record = await readRuntime(dataDir);
  return record && isSameProcess(record.launcher) ? record : undefined;
}

/** Replaces the record in one step, so that nobody reads half of it. */
export function writeRuntime(dataDir: string, record: RuntimeRecord): void {
  const partial = `${fileIn(dataDir)}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, fileIn(dataDir));
}

export function removeRuntime(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
}

function fileIn(dataDir: string): string {
  return join(dataDir, "runtime.json");
}
