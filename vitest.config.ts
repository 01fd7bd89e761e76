import { randomBytes } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));
const files = globSync("{app,bench,components,lib,prisma,sandbox,scripts,worker}/**/*.test.{ts,tsx}", {
  cwd: root,
});

/**
 * What needs a process to itself: a test with a database, which the process's environment and connections are bound to,
 * or one that changes what all modules share. Loading everything anew costs about a second a file, so the others share
 * the processes.
 */
const needsProcess =
  /testing\/world|testDatabase|ownDatabase|process\.env|vi\.(mock|stub|useFakeTimers)|globalThis|setDefaultCACertificates/;
const alone = files.filter((file) => needsProcess.test(readFileSync(`${root}${file}`, "utf8")));
const together = files.filter((file) => !alone.includes(file));

export default defineConfig({
  root,
  test: {
    projects: [
      { extends: true, test: { name: "alone", include: alone } },
      { extends: true, test: { name: "together", include: together, isolate: false } },
    ],
    globalSetup: "scripts/testing/databases.ts",
    // Real processes: signals, environment and memory are a file's own.
    pool: "forks",
    // Many wait more than they work: with a single one, as Vitest would have it on two cores, the processor idles.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    execArgv: ["--import", new URL("scripts/light-imports.ts", import.meta.url).href],
    // Generous: a machine that does other things as well is slow, and a test that passes never waits for it.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    env: {
      LOG_LEVEL: "silent",
      API_REQUESTS_PER_MINUTE: "0",
      HOST: "127.0.0.1",
      NEXTAUTH_URL: "http://localhost:3000",
      NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
      TENANTPILOT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    },
  },
});
