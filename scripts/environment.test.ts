import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { webDefaults } from "#lib/limits";
import { joinEnvironment } from "./environment.ts";
import { environmentFor } from "./launch/environment-for.ts";
import { packedWorker, workerFile } from "./launch/packed-worker.ts";
import { recordProcess } from "./launch/process-identity.ts";
import { writeRuntime } from "./launch/runtime-record.ts";
import { commandOf } from "./launch/web-command.ts";
import { workerEnvironment } from "./launch/worker-command.ts";

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "tenantpilot-environment-"));
  for (const name of ["DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_WORKER_URL"])
    vi.stubEnv(name, undefined);
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

  it("gives each process the database login of its own work, and no other", () => {
    const urls = {
      DATABASE_OWNER_URL: "owner",
      DATABASE_URL: "web",
      DATABASE_WORKER_URL: "worker",
      PATH: "/bin",
    };
    for (const file of ["prisma/migrate.ts", "scripts/restore.ts", "scripts/delete-tenant.ts"])
      expect(environmentFor(file, urls)).toEqual(urls);
    for (const file of [workerFile, packedWorker])
      expect(environmentFor(file, urls)).toEqual({
        ...workerEnvironment,
        DATABASE_URL: "worker",
        PATH: "/bin",
      });
    for (const file of ["scripts/web.ts", "scripts/create-tenant.ts", undefined])
      expect(environmentFor(file, urls)).toEqual({ DATABASE_URL: "web", PATH: "/bin" });
    expect(environmentFor(workerFile, { DATABASE_URL: "both", MALLOC_ARENA_MAX: "8" })).toEqual({
      DATABASE_URL: "both",
      MALLOC_ARENA_MAX: "8",
    });
  });

  it("says what to do when there is neither", async () => {
    await expect(joinEnvironment(["--data-dir", dataDir])).rejects.toThrow(/npm start.*DATABASE_URL/);
  });
});

describe("the web server's memory", () => {
  const heapOf = (program: string, WEB_MAX_HEAP_MB?: string) =>
    commandOf(program, { WEB_MAX_HEAP_MB }).filter((word) => word.startsWith("--max-old-space-size="));

  it("is bounded by a setting, and of other programs is not", () => {
    expect(heapOf("scripts/web.ts", "256")).toEqual(["--max-old-space-size=256"]);
    expect(commandOf("scripts/web.ts", {}).at(-1)).toBe("scripts/web.ts");
    for (const unset of [undefined, "", "much"])
      expect(heapOf("scripts/web.ts", unset)).toEqual([
        `--max-old-space-size=${webDefaults.maxHeapMegabytes}`,
      ]);
    expect(commandOf("prisma/migrate.ts", { WEB_MAX_HEAP_MB: "256" })).toEqual(["prisma/migrate.ts"]);
  });
});
