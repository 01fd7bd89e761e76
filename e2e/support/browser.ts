import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { LaunchOptions } from "@playwright/test";

const names = [
  "chromium-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
];
const macApplications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** A Chromium or Chrome that is installed on this machine; undefined leaves the choice to Playwright's own. */
export function installedBrowser(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const onPath = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...onPath, ...macApplications].find((path) => existsSync(path));
}

/** Where the tests' browser is, if a test does not say otherwise. */
export const timezoneId = "Europe/Berlin";

/** How the tests start the browser: what is there goes first, and root may only run it without its sandbox. */
export function browserLaunchOptions(): LaunchOptions {
  const executablePath = installedBrowser();
  const args = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
  if (process.getuid?.() === 0) args.push("--no-sandbox", "--disable-gpu");
  return executablePath ? { executablePath, args } : { args };
}
