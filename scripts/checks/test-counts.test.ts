import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { playwrightCounts, vitestCounts } from "./test-counts.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenantpilot-counts-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function report(content: unknown): Promise<string> {
  const file = join(folder, "report.json");
  await writeFile(file, JSON.stringify(content));
  return file;
}

it("counts a test file that could not be loaded as a failure", async () => {
  const file = await report({
    numPassedTests: 5,
    numFailedTests: 1,
    testResults: [
      { status: "failed", assertionResults: [] },
      { status: "failed", assertionResults: [{}] },
      { status: "passed", assertionResults: [{}] },
    ],
  });
  expect(await vitestCounts(file)).toEqual({ passed: 5, failed: 2 });
});

it("counts a flaky browser test as a failure", async () => {
  const file = await report({ stats: { expected: 3, unexpected: 0, flaky: 1 }, errors: [] });
  expect(await playwrightCounts(file)).toEqual({ passed: 3, failed: 1 });
});

it("counts a missing report as a failure", async () => {
  expect(await vitestCounts(join(folder, "none.json"))).toEqual({ passed: 0, failed: 1 });
  expect(await playwrightCounts(join(folder, "none.json"))).toEqual({ passed: 0, failed: 1 });
});
