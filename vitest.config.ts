import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: {
    include: ["{app,bench,components,lib,prisma,sandbox,scripts,worker}/**/*.test.{ts,tsx}"],
    globalSetup: "scripts/testing/databases.ts",
    // Real processes: signals, environment and memory are a file's own.
    pool: "forks",
    // Many wait more than they work: with a single one, as Vitest would have it on two cores, the processor idles.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    execArgv: ["--import", new URL("scripts/light-imports.ts", import.meta.url).href],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    env: {
      LOG_LEVEL: "silent",
      NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
      TENANTPILOT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    },
  },
});
