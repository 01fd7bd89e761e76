import { availableParallelism } from "node:os";
import { defineConfig, devices } from "@playwright/test";
import { browserLaunchOptions, timezoneId } from "./e2e/support/browser.ts";

const browser = browserLaunchOptions();

export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/support/launch.ts",
  outputDir: "test-results/browser",
  // One running TenantPilot serves all tests. A test waits about a third of its time, so there is one more than processors;
  // and no more than four, since the machine has to run that TenantPilot too.
  workers: Math.min(4, availableParallelism() + 1),
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // Generous: a machine that does other things as well is slow, and a test that passes never waits for it.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [
    ["list"],
    ["json", { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ?? "test-results/playwright.json" }],
  ],
  use: {
    // Set by the global setup, which runs before the tests load this file again.
    baseURL: process.env.TENANTPILOT_E2E_URL ?? "http://localhost:3000",
    locale: "en-GB",
    timezoneId,
    // What pulses while something runs is drawn sixty times a second, by a processor that has other tests to run.
    contextOptions: { reducedMotion: "reduce" },
    // Recorded in every test to be kept of a failed one, traces take a third of the processor; `--trace on` makes them.
    trace: "off",
    screenshot: "only-on-failure",
    // A page lives for seconds: what optimizing compilers make of its scripts is thrown away with it. Without them the tests
    // take a tenth less.
    launchOptions: { ...browser, args: [...(browser.args ?? []), "--js-flags=--no-opt --no-maglev"] },
  },
  projects: [
    { name: "chromium", use: { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 900 } } },
  ],
});
