import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Browser, chromium } from "@playwright/test";
import { browserLaunchOptions } from "../e2e/support/browser.ts";
import { ensureBrowser } from "./checks/ensure-browser.ts";
import type { DemoFile } from "./launch/demo-file.ts";
import { type LivelyTenant, livenDemo } from "./pictures/liven-demo.ts";
import { addTenants } from "./pictures/many-tenants.ts";
import { wordsPages } from "./pictures/words-pages.ts";

/**
 * Takes a picture of every page of a running demo, phone and desk, light and dark, for people to look at; the
 * pictures of the documentation are some of them. Ends non-zero when a page said something in the console, did not
 * answer, or is wider than its screen.
 *
 *   npm run pictures -- [--data-dir .data] [--out pictures] [--only backup-sets] [--widths 1440,390]
 *                            [--schemes light,dark] [--rounds 6] [--whole] [--words] [--tenants 300]
 *
 * `--rounds`: how often the demo's policies change and every schedule runs before; 0 leaves the demo as it is.
 * `--whole`: the whole page, not only what fits the screen.
 * `--words`: one policy and one difference of each type in words, and the documentation, in place of the pages.
 * `--tenants`: so many more tenants are added to the demo before, and stay.
 */
const { values } = parseArgs({
  options: {
    "data-dir": { type: "string", default: ".data" },
    out: { type: "string", default: "pictures" },
    only: { type: "string", default: "" },
    widths: { type: "string", default: "1440,390" },
    schemes: { type: "string", default: "light,dark" },
    rounds: { type: "string", default: "6" },
    whole: { type: "boolean", default: false },
    words: { type: "boolean", default: false },
    tenants: { type: "string", default: "0" },
  },
});
const heights: Record<number, number> = { 390: 844, 768: 1024, 1440: 900, 2560: 1440 };

const demo = JSON.parse(await readFile(join(values["data-dir"], "demo.json"), "utf8")) as DemoFile;
await ensureBrowser();
await mkdir(values.out, { recursive: true });
await addTenants(demo, Number(values.tenants));
const words = values.words && demo.tenants[0] ? await wordsPages(demo, demo.tenants[0].id) : null;
const [tenant] = words ? [] : await livenDemo(demo, Number(values.rounds));
const browser = await chromium.launch(browserLaunchOptions());
const complaints: string[] = [];
try {
  const storageState = await signedIn(browser);
  const pages = words?.pages ?? (tenant ? pagesOf(tenant) : []);
  const wanted = pages.filter(([name]) => name.includes(values.only));
  for (const width of values.widths.split(",").map(Number)) {
    for (const colorScheme of values.schemes.split(",") as ("light" | "dark")[]) {
      const context = await browser.newContext({
        baseURL: demo.url,
        viewport: { width, height: heights[width] ?? 900 },
        colorScheme,
        reducedMotion: "reduce",
        locale: "en-GB",
        timezoneId: "Europe/Berlin",
        storageState,
      });
      const page = await context.newPage();
      page.on("console", (said) => {
        if (["error", "warning"].includes(said.type())) complaints.push(`${page.url()}: ${said.text()}`);
      });
      page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
      for (const [name, path] of wanted) {
        const answer = await page.goto(path);
        if (!answer?.ok()) complaints.push(`${path}: answered ${answer?.status()}`);
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        await page.evaluate(() => document.fonts.ready);
        // What is loaded on demand has taken its place when the browser is idle; the live stream never is.
        await page.evaluate(() => new Promise((idle) => requestIdleCallback(idle, { timeout: 3_000 })));
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (tooWide > 0) complaints.push(`${path}: ${tooWide} px wider than ${width} px`);
        const file = join(values.out, `${name}-${width}-${colorScheme}.png`);
        await page.screenshot({ path: file, fullPage: values.whole });
        console.log(file);
      }
      if (words && "documentation".includes(values.only)) {
        const paper = await context.newPage();
        await paper.setContent(words.documentation, { waitUntil: "load" });
        const file = join(values.out, `documentation-${width}-${colorScheme}.png`);
        await paper.screenshot({ path: file });
        console.log(file);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
for (const complaint of new Set(complaints)) console.error(complaint);
process.exitCode = complaints.length > 0 ? 1 : 0;

async function signedIn(browser: Browser) {
  const everywhere = demo.users.find((user) => user.tenant_ids.length > 1);
  if (!everywhere) throw new Error("The demo has no person with a role in every tenant.");
  const page = await browser.newPage({ baseURL: demo.url });
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(everywhere.email);
  await page.getByLabel("Password").fill(everywhere.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/tenants/);
  const state = await page.context().storageState();
  await page.close();
  return state;
}

/** Every page by the name of its picture. */
function pagesOf({ id, scheduleIds, changedSetId, partialRunId }: LivelyTenant): [string, string][] {
  const base = `/tenants/${id}`;
  return [
    ["portfolio", "/tenants"],
    ["overview", base],
    ["schedules", `${base}/backup-schedules`],
    ["schedule", `${base}/backup-schedules/${scheduleIds[0]}`],
    ["schedule-new", `${base}/backup-schedules/new`],
    ["schedule-edit", `${base}/backup-schedules/${scheduleIds[0]}/edit`],
    ["runs", `${base}/runs`],
    ["run", `${base}/runs/${partialRunId}`],
    ["backup-sets", `${base}/backup-sets`],
    ["backup-sets-bin", `${base}/backup-sets?bin=1`],
    ["backup-set", `${base}/backup-sets/${changedSetId}`],
    ["compare", `${base}/backup-sets/${changedSetId}/compare`],
    ["policies", `${base}/policies`],
    ["restores", `${base}/restores`],
    ["drift", `${base}/drift`],
    ["alerts", `${base}/alerts`],
    ["audit-log", `${base}/audit-log`],
    ["members", `${base}/members`],
    ["api-tokens", `${base}/api-tokens`],
    ["connection", `${base}/connection`],
    ["profile", "/profile"],
    ["error-codes", "/help/error-codes"],
  ];
}
