import { randomBytes } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = fileURLToPath(new URL(".", import.meta.url));
const files = globSync("{app,bench,components,lib,prisma,sandbox,scripts,worker}/**/*.test.{ts,tsx}", {
  cwd: root,
});

const texts = new Map(files.map((file) => [file, readFileSync(`${root}${file}`, "utf8")]));
const having = (pattern: RegExp) => files.filter((file) => pattern.test(texts.get(file) ?? ""));

/**
 * Loading everything anew costs two seconds of a processor a file, so files share processes. A process to itself needs
 * who changes what all modules share: the environment, the clock, whom TLS trusts, the database that it is bound to.
 */
const changesTheProcess =
  /process\.env(\.\w+|\[[^\]]*\])\s*(\?\?)?=(?!=)|(delete |assign\()process\.env|vi\.(stub|useFakeTimers)|globalThis|setDefaultCACertificates|(testDatabase|ownDatabase)\(/;
/** A world (lib/testing/world.ts) leaves its process as it found it, but for the clock and for replaced modules. */
const isWorld = /withWorld\(/;
const changesEvenWorlds = /vi\.(mock|useFakeTimers)|globalThis|(testDatabase|ownDatabase)\(/;

const alone = having(changesEvenWorlds);
const worlds = having(isWorld).filter((file) => !alone.includes(file));
alone.push(...having(changesTheProcess).filter((file) => !alone.includes(file) && !worlds.includes(file)));
const together = files.filter((file) => !alone.includes(file) && !worlds.includes(file));

/** Minutes of real processes that mostly wait: begun last, they would be all that is left to wait for. */
const waiting = new Set(having(/withWorkers\(|from "\.\/chaos/).map((file) => root + file));

/** What waits begins first, beside what works: so no processor idles, neither then nor at the end. */
class WaitingFirst extends BaseSequencer {
  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specs);
    const working = sorted.filter((spec) => !waiting.has(spec.moduleId));
    const order = sorted
      .filter((spec) => waiting.has(spec.moduleId))
      .flatMap((spec) => [spec, ...working.splice(0, 1)]);
    return [...order, ...working];
  }
}

export default defineConfig({
  root,
  test: {
    projects: [
      { extends: true, test: { name: "alone", include: alone } },
      { extends: true, test: { name: "worlds", include: worlds, isolate: false } },
      { extends: true, test: { name: "together", include: together, isolate: false } },
    ],
    globalSetup: "scripts/testing/databases.ts",
    // Real processes: signals, environment and memory are a file's own.
    pool: "forks",
    // Many wait more than they work: with fewer, the processors idle.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: WaitingFirst },
    execArgv: ["--import", new URL("scripts/light-imports.ts", import.meta.url).href],
    // Generous: a machine that does other things as well is slow, and a test that passes never waits for it.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: {
      // For the processes that tests start: what they load is compiled once, and they load less.
      NODE_COMPILE_CACHE: `${root}node_modules/.cache/compiled`,
      NODE_OPTIONS: `--import ${new URL("scripts/light-imports.ts", import.meta.url).href}`,
      LOG_LEVEL: "silent",
      API_REQUESTS_PER_MINUTE: "0",
      HOST: "127.0.0.1",
      NEXTAUTH_URL: "http://localhost:3000",
      NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
      TENANTPILOT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    },
  },
});
