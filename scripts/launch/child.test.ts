import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { commandLineOf } from "./process-identity.ts";

let launcher: ChildProcess;
let started: number[];

beforeEach(() => {
  started = [];
  launcher = spawn(process.execPath, ["scripts/launch/child.fixture.ts"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (!launcher.stdout) throw new Error("no output");
  createInterface({ input: launcher.stdout }).on("line", (line) => {
    const pid = /^started (\d+)$/.exec(line)?.[1];
    if (pid) started.push(Number(pid));
  });
});

afterEach(() => {
  launcher.kill("SIGKILL");
});

/** The process id of the n-th child, once it runs the program: before that it could not notice anything. */
async function nthChild(n: number): Promise<number> {
  return vi.waitFor(
    () => {
      const pid = started[n - 1] ?? 0;
      expect(commandLineOf(pid)).toContain("child.fixture.ts child");
      return pid;
    },
    { timeout: 10_000 },
  );
}

describe("a child of the launcher", () => {
  it("is started again when it dies", async () => {
    const first = await nthChild(1);
    process.kill(first, "SIGKILL");
    expect(await nthChild(2)).not.toBe(first);
  });

  it("ends when the launcher is killed", async () => {
    const pid = await nthChild(1);
    launcher.kill("SIGKILL");
    await vi.waitFor(() => expect(commandLineOf(pid) || undefined).toBeUndefined(), { timeout: 10_000 });
  });
});
