import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { joinEnvironment } from "./environment.ts";
import { recordProcess } from "./launch/process-identity.ts";
import { writeRuntime } from "./launch/runtime-record.ts";

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "tenantpilot-environment-"));
  vi.stubEnv("DATABASE_URL", undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dataDir, { recursive: true, force: true });
});

function runningHere(): void {
  writeRuntime(dataDir, {
    launcher: recordProcess(process.pid),
    state: "ready",
    url: "http://localhost:3000",
    environment: { DATABASE_URL: "postgresql://here", PORT: "3000", GRAPH_SANDBOX_URL: "http://localhost:1" },
    processes: {},
  });
}

describe("joining a TenantPilot", () => {
  it.each([[["--data-dir"]], [["--data-dir="]]])(
    "uses the settings of the one on the folder (%j)",
    async ([option]) => {
      runningHere();
      const given = option?.endsWith("=") ? [`${option}${dataDir}`] : [option ?? "", dataDir];
      const { env, args } = await joinEnvironment(["--json", ...given, "--dry-run"]);
      expect(env).toMatchObject({
        DATABASE_URL: "postgresql://here",
        GRAPH_SANDBOX_URL: "http://localhost:1",
      });
      expect(env.PORT).toBe(process.env.PORT);
      expect(args).toEqual(["--json", "--dry-run"]);
    },
  );

  it("uses a DATABASE_URL that is set instead", async () => {
    runningHere();
    vi.stubEnv("DATABASE_URL", "postgresql://mine");
    const { env } = await joinEnvironment(["--data-dir", dataDir]);
    expect(env.DATABASE_URL).toBe("postgresql://mine");
    expect(env.GRAPH_SANDBOX_URL).toBe(process.env.GRAPH_SANDBOX_URL);
  });

  it("says what to do when there is neither", async () => {
    await expect(joinEnvironment(["--data-dir", dataDir])).rejects.toThrow(/npm start.*DATABASE_URL/);
  });
});
