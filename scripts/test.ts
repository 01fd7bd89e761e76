import { mkdir, rm } from "node:fs/promises";
import { build } from "./build.ts";
import { ensureBrowser } from "./checks/ensure-browser.ts";
import { staticChecks } from "./checks/static-checks.ts";
import { runStep, type StepResult, table } from "./checks/steps.ts";
import { playwrightCounts, vitestCounts } from "./checks/test-counts.ts";
import { endMyself, onLauncherLost } from "./launch/lifeline.ts";
import { runTool } from "./launch/run-tool.ts";
import { ensurePgBouncer } from "./testing/pgbouncer.ts";

const reports = "test-results";
const vitestReport = `${reports}/vitest.json`;
const playwrightReport = `${reports}/playwright.json`;

onLauncherLost(endMyself);
// Settings of the person's shell must not reach the tests: they bring their own.
for (const name of [
  "DATABASE_URL",
  "DATABASE_OWNER_URL",
  "DATABASE_WORKER_URL",
  "DATABASE_DIRECT_URL",
  "NEXTAUTH_URL",
  "NEXTAUTH_SECRET",
  "NODE_ENV",
  "HOST",
  "METRICS_TOKEN",
  "PORT",
  "GRAPH_SANDBOX_DATA",
]) {
  delete process.env[name];
}
await rm(reports, { recursive: true, force: true });
await mkdir(reports, { recursive: true });

const results: StepResult[] = [];
const step = async (title: string, work: () => Promise<unknown>) => {
  const result = await runStep(title, work);
  results.push(result);
  return !result.failed;
};

await ensurePgBouncer();
for (const [title, work] of staticChecks) await step(title, work);
await step("Unit and integration tests", () =>
  runTool(["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${vitestReport}`], {
    live: true,
  }),
);
const built = await step("Production build", () => build());
const browsable = await step("Browser", () => ensureBrowser());
if (built && browsable) {
  await step("Browser tests", () =>
    runTool(["playwright", "test"], { live: true, env: { PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightReport } }),
  );
}

const [unit, browser] = await Promise.all([vitestCounts(vitestReport), playwrightCounts(playwrightReport)]);
console.log(`\n${table(results)}\n`);
console.log(`${unit.passed + browser.passed} passed, ${unit.failed + browser.failed} failed`);
process.exit(results.some((result) => result.failed) ? 1 : 0);
