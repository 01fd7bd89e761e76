import { expect, test, vi } from "vitest";
import { archiveCommand } from "./command.ts";
import { placeFault } from "./place-fault.ts";

test("a disk that is full is told as what it is, in a line, and not as a database that is away", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  const { argv } = process;
  process.argv = argv.slice(0, 2);
  try {
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    await archiveCommand("help", {}, () => Promise.reject(placeFault(full, "/backups")));
    expect(process.exitCode).toBe(1);
    expect(said.mock.calls).toEqual([["/backups is full (ENOSPC: no space left on device, write)."]]);
  } finally {
    process.exitCode = undefined;
    process.argv = argv;
    said.mockRestore();
  }
});

test("what may be about one file says nothing of its place", () => {
  for (const code of ["EIO", "EISDIR", "EACCES"])
    expect(placeFault(Object.assign(new Error(code), { code }), "/backups")).toBeNull();
  expect(placeFault(new Error("no space left on device"), "/backups")).toBeNull();
});
