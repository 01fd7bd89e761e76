import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { commandLineOf, isSameProcess, recordProcess } from "./process-identity.ts";

it("knows a process until it ends, and no other under its id", async () => {
  const child = spawn("/bin/sh", ["-c", "read -r _"], { stdio: ["pipe", "ignore", "ignore"] });
  await once(child, "spawn");
  const record = recordProcess(child.pid ?? 0);
  expect(isSameProcess(record)).toBe(true);
  expect(isSameProcess({ ...record, started: recordProcess(process.pid).started })).toBe(false);
  child.stdin.end();
  await once(child, "exit");
  expect(isSameProcess(record)).toBe(false);
});

it("reads the command line of a process", () => {
  expect(commandLineOf(process.pid)).toContain("node");
});
