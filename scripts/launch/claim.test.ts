import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimDataDir } from "./claim.ts";
import { recordProcess } from "./process-identity.ts";
import { type RuntimeRecord, readRuntime, writeRuntime } from "./runtime-record.ts";

let dataDir: string;
let other: ChildProcess;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "tenantpilot-claim-"));
  other = spawn("/bin/sh", ["-c", "read -r _"], { stdio: ["pipe", "ignore", "ignore"] });
  await once(other, "spawn");
});

afterEach(async () => {
  other.kill("SIGKILL");
  await rm(dataDir, { recursive: true, force: true });
});

function recordOf(state: RuntimeRecord["state"], launcher = recordProcess(other.pid ?? 0)): RuntimeRecord {
  return { launcher, state, url: "http://localhost:1", environment: {}, processes: {} };
}

const gone = { pid: 2 ** 22 - 1, started: "long ago" };

describe("claiming a data folder", () => {
  it("is refused while another launcher runs on it", async () => {
    writeRuntime(dataDir, recordOf("ready"));
    await expect(claimDataDir(dataDir, () => {})).rejects.toThrow(`already runs on ${dataDir}`);
    expect(other.exitCode ?? other.signalCode).toBeNull();
  });

  it("waits for a launcher that stops", async () => {
    writeRuntime(dataDir, recordOf("stopping"));
    const claimed = claimDataDir(dataDir, () => {});
    other.stdin?.end();
    await claimed;
    expect(await readRuntime(dataDir)).toBeUndefined();
  });

  it("ends what a killed launcher left behind, and nothing that merely has its id now", async () => {
    const left = recordProcess(other.pid ?? 0);
    const reused = { pid: process.pid, started: "before the restart of the machine" };
    writeRuntime(dataDir, { ...recordOf("ready", gone), processes: { worker: left, web: reused } });
    const ended = once(other, "exit");
    await claimDataDir(dataDir, () => {});
    expect(await ended).toEqual([null, "SIGTERM"]);
    expect(await readRuntime(dataDir)).toBeUndefined();
  });
});
