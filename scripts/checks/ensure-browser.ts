import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";
import { installedBrowser } from "../../e2e/support/browser.ts";
import { runTool } from "../launch/run-tool.ts";

const downloadLimitMs = 5 * 60_000;

/**
 * Makes sure that there is a Chromium for the browser tests: one that is installed, else Playwright's download, else
 * Debian's package.
 * @throws Error that says how to install one
 */
export async function ensureBrowser(): Promise<void> {
  if (installedBrowser() || existsSync(chromium.executablePath())) return;
  const isRoot = process.getuid?.() === 0;
  const reasons: string[] = [];
  // The one without windows is a tenth to install, and takes a third less of the processor.
  const debian = ["chromium-headless-shell", "chromium"].map((name) => () => installWithApt(name));
  for (const install of [download, ...(isRoot && existsSync("/usr/bin/apt-get") ? debian : [])]) {
    try {
      await install(isRoot);
      if (installedBrowser() || existsSync(chromium.executablePath())) return;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    "There is no Chromium for the browser tests, and none could be installed. Install Chromium or Google Chrome, " +
      `or run \`npx playwright install --with-deps chromium\`.\n${reasons.join("\n")}`,
  );
}

async function download(isRoot: boolean): Promise<void> {
  console.log("Downloading Chromium (playwright install) …");
  await runTool(["playwright", "install", "chromium"], {
    // Where the download is blocked it must not wait for minutes.
    env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "15000" },
    signal: AbortSignal.timeout(downloadLimitMs),
  });
  if (isRoot && process.platform === "linux") await runTool(["playwright", "install-deps", "chromium"]);
}

async function installWithApt(name: string): Promise<void> {
  console.log(`Installing Debian's Chromium (apt-get install ${name}) …`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await runTool(["/usr/bin/apt-get", "update"], { env });
  await runTool(["/usr/bin/apt-get", "install", "--yes", "--no-install-recommends", name], { env });
}
