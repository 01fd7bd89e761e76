import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import { openApiDocument } from "#lib/http/openapi";
import { executeRun } from "#lib/runs/execute";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import { withWorld } from "#lib/testing/world";
import { clientTypes } from "../../scripts/client-types.ts";
import { runTool } from "../../scripts/launch/run-tool.ts";
import { served } from "./served.ts";
import { tokensOf } from "./testing/client.ts";
import { serveApi } from "./testing/http-server.ts";

/** What docs/api.md shows is run as it stands there: the lines of curl, and the typed client after its types are checked. */

const world = withWorld({ policies: 1 });
const run = promisify(execFile);
const ended = new AbortController();
let api: Awaited<ReturnType<typeof serveApi>>;
let folder: string;
let working: Promise<void>;
let env: NodeJS.ProcessEnv;

/** Stands in for the worker. */
async function work(): Promise<void> {
  const limiters = new LimiterRegistry(systemClock, unlimitedBudgets);
  while (!ended.signal.aborted) {
    const { rows } = await world.admin.query<{ id: number; tenant_id: number }>(
      "SELECT id, tenant_id FROM backup_schedule_runs WHERE status = 'running' AND started_at IS NULL",
    );
    for (const { id, tenant_id } of rows) await executeRun(tenant_id, id, ended.signal, { limiters });
    await sleep(50);
  }
}

beforeAll(async () => {
  api = await serveApi();
  // Below the project, where Node and TypeScript find its packages.
  await mkdir("test-results", { recursive: true });
  folder = await mkdtemp("test-results/client-");
  const { manager } = await tokensOf(world.tenant);
  env = { ...process.env, NODE_OPTIONS: "", API: api.url, TOKEN: manager, TENANT: String(world.tenant.id) };
  working = work();
});
afterAll(async () => {
  ended.abort();
  await working;
  api.stop();
  await rm(folder, { recursive: true, force: true });
});

/** All blocks of a language in docs/api.md, in their order. */
async function blocks(language: string): Promise<string> {
  const text = await readFile("docs/api.md", "utf8");
  const found = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))];
  expect(found.length, language).toBeGreaterThan(3);
  return found.map(([, code]) => code).join("\n");
}

/** One successful run of a schedule of this name, made and exported. */
async function expectBackedUp(name: string, zip: string): Promise<void> {
  const { rows } = await world.admin.query(
    `SELECT r.status::text, r.trigger::text FROM backup_schedule_runs r JOIN backup_schedules s ON s.id = r.backup_schedule_id
     WHERE s.name = $1`,
    [name],
  );
  expect(rows).toEqual([{ status: "success", trigger: "manual" }]);
  expect((await readFile(`${folder}/${zip}`)).subarray(0, 2).toString()).toBe("PK");
}

test("the lines of curl list, create, run, follow and download", async () => {
  const script = await blocks("bash");
  const { stdout } = await run("bash", ["-euo", "pipefail", "-c", script], { cwd: folder, env });
  expect(stdout).toContain('"status":"success"');
  await expectBackedUp("Nightly by curl", "set.zip");
});

test("the typed client does the same, and its types are right", async () => {
  await writeFile(`${folder}/tenantpilot.d.ts`, await clientTypes(openApiDocument(await served())));
  await writeFile(`${folder}/client.ts`, await blocks("ts"));
  const compilerOptions = {
    target: "es2024",
    module: "nodenext",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    types: ["node"],
  };
  await writeFile(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  await runTool(["tsc", "-p", folder]);
  const { stdout } = await run(process.execPath, ["client.ts"], { cwd: folder, env });
  expect(stdout).toContain("success");
  await expectBackedUp("Nightly by the client", "set-by-client.zip");
  expect((await stat(`${folder}/set-by-client.zip`)).size).toBeGreaterThan(500);
});
