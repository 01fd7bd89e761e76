import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "@playwright/test";
import { browserLaunchOptions, installedBrowser } from "../../e2e/support/browser.ts";
import { freePort } from "../../scripts/postgres/free-port.ts";
import { type Person, signIn } from "./chromium.ts";

const lighthouse = "lighthouse@13.5.0";
const run = promisify(execFile);

export const lighthouseCategories = ["performance", "accessibility", "best-practices"] as const;

/** What Lighthouse says of a page. */
export interface Audit {
  /** 0 to 100. */
  scores: Record<(typeof lighthouseCategories)[number], number>;
  /** What costs points, worst first. */
  troubles: string[];
}

/** Why Lighthouse cannot run here; null when it can. It is fetched by npx, so that nobody's installation carries it. */
export async function lighthouseMissing(): Promise<string | null> {
  try {
    await run("npx", ["--yes", lighthouse, "--version"], { timeout: 300_000 });
    return null;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return `npx cannot fetch ${lighthouse}: ${words.split("\n").slice(0, 3).join(" ")}`;
  }
}

/** A browser that Lighthouse can use. */
export interface AuditedBrowser {
  port: number;
  close(): Promise<void>;
}

/**
 * Starts a browser with a profile of its own and signs a person in. (Lighthouse can send a cookie as a header, but
 * Chromium leaves it out again as soon as the page has set a cookie of its own: the event stream would be refused.)
 * @param person nobody when null
 */
export async function startAuditedBrowser(url: string, person: Person | null): Promise<AuditedBrowser> {
  const profile = await mkdtemp(join(tmpdir(), "tenantpilot-lighthouse-"));
  const port = await freePort();
  const options = browserLaunchOptions();
  const context = await chromium.launchPersistentContext(profile, {
    ...options,
    viewport: null,
    args: [...(options.args ?? []), `--remote-debugging-port=${port}`],
  });
  if (person) await signIn(await context.newPage(), url, person);
  return {
    port,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Lets Lighthouse audit a page, with an empty cache. */
export async function audit(
  url: string,
  browser: AuditedBrowser,
  preset: "desktop" | "mobile",
): Promise<Audit> {
  const folder = await mkdtemp(join(tmpdir(), "tenantpilot-lighthouse-"));
  try {
    const report = join(folder, "report.json");
    await run(
      "npx",
      [
        "--yes",
        lighthouse,
        url,
        "--quiet",
        "--output=json",
        `--output-path=${report}`,
        `--only-categories=${lighthouseCategories.join(",")}`,
        `--port=${browser.port}`,
        // The event stream never ends, and the page is not waiting for it.
        "--max-wait-for-load=20000",
        ...(preset === "desktop" ? ["--preset=desktop"] : []),
      ],
      {
        timeout: 180_000,
        maxBuffer: 50_000_000,
        env: { ...process.env, CHROME_PATH: installedBrowser() ?? process.env.CHROME_PATH },
      },
    );
    return readReport(JSON.parse(await readFile(report, "utf8")) as Report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Report {
  categories: Record<
    string,
    { score: number | null; auditRefs: { id: string; weight: number; group?: string }[] }
  >;
  audits: Record<string, { title: string; score: number | null; displayValue?: string }>;
  runtimeError?: { message: string };
}

function readReport(report: Report): Audit {
  if (report.runtimeError?.message) throw new Error(report.runtimeError.message);
  const scoreOf = (category: string) => Math.round((report.categories[category]?.score ?? 0) * 100);
  const troubles = lighthouseCategories.flatMap((category) =>
    (report.categories[category]?.auditRefs ?? []).flatMap(({ id, weight }) => {
      const found = report.audits[id];
      if (!found || weight === 0 || found.score === null || found.score >= 0.9) return [];
      const lost = weight * (1 - found.score);
      return [{ lost, words: `${found.title}${found.displayValue ? ` (${found.displayValue})` : ""}` }];
    }),
  );
  return {
    scores: {
      performance: scoreOf("performance"),
      accessibility: scoreOf("accessibility"),
      "best-practices": scoreOf("best-practices"),
    },
    troubles: troubles.sort((a, b) => b.lost - a.lost).map(({ words }) => words),
  };
}
