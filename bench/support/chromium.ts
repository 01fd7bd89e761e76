import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import { browserLaunchOptions } from "../../e2e/support/browser.ts";
import { quantile } from "./figures.ts";

/** What one visit with an empty cache came to. Times are milliseconds since the navigation began. */
export interface Visit {
  /** The answer's first byte, of the document. */
  firstByte: number;
  /** Something of the page is to be seen. */
  firstPaint: number;
  largestPaint: number;
  /** A click on the control had its effect. */
  interactive: number;
  /** Sum of the layout shifts, without unit (Web Vitals' CLS is at most this). */
  shift: number;
  /** Compressed bodies as they were sent, bytes. */
  scripts: number;
  scriptFiles: number;
  styles: number;
  document: number;
  /** How often the browser asked the server for more of the application's pages before anybody did anything. */
  prefetches: number;
}

/** What proves that a page works: a control, and what is there once a click on it had its effect; CSS selectors. */
export interface Proof {
  control: string;
  effect: string;
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch(browserLaunchOptions());
}

/** Who signs in. */
export interface Person {
  email: string;
  password: string;
}

/** Signs in as a person does. */
export async function signIn(page: Page, url: string, { email, password }: Person): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/tenants/);
}

/** Makes a session for the visits to come. @returns its cookies, as a header and as a browser's state */
export async function openSession(
  browser: Browser,
  url: string,
  person: Person,
): Promise<{ cookie: string; state: Awaited<ReturnType<BrowserContext["storageState"]>> }> {
  const context = await browser.newContext();
  await signIn(await context.newPage(), url, person);
  const state = await context.storageState();
  await context.close();
  return { cookie: state.cookies.map(({ name, value }) => `${name}=${value}`).join("; "), state };
}

/**
 * Visits a page a number of times, each with a cache as empty as on the first visit ever.
 * @returns of each figure the median
 */
export async function visits(
  browser: Browser,
  url: string,
  state: BrowserContextState,
  proof: Proof,
  count: number,
): Promise<Visit> {
  // The first one is for the server: it loads the page's code.
  await visit(browser, url, state, proof);
  const all: Visit[] = [];
  for (let round = 0; round < count; round += 1) all.push(await visit(browser, url, state, proof));
  const median = (pick: (visit: Visit) => number) => quantile(all.map(pick), 0.5);
  return {
    firstByte: median((one) => one.firstByte),
    firstPaint: median((one) => one.firstPaint),
    largestPaint: median((one) => one.largestPaint),
    interactive: median((one) => one.interactive),
    shift: median((one) => one.shift),
    scripts: median((one) => one.scripts),
    scriptFiles: median((one) => one.scriptFiles),
    styles: median((one) => one.styles),
    document: median((one) => one.document),
    prefetches: median((one) => one.prefetches),
  };
}

type BrowserContextState = Awaited<ReturnType<BrowserContext["storageState"]>> | undefined;

async function visit(
  browser: Browser,
  url: string,
  state: BrowserContextState,
  proof: Proof,
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    ...(state ? { storageState: state } : {}),
  });
  try {
    const page = await context.newPage();
    let prefetches = 0;
    page.on("request", (request) => {
      if (request.headers().rsc !== undefined) prefetches += 1;
    });
    await page.addInitScript(watch, proof);
    await page.goto(url, { waitUntil: "load" });
    await page.waitForFunction(() => (window as Watched).tpInteractive !== undefined);
    await quiet(page);
    return { ...(await page.evaluate(readVisit)), prefetches };
  } finally {
    await context.close();
  }
}

/** Waits until the page has asked for nothing for half a second. */
async function quiet(page: Page): Promise<void> {
  let last = Date.now();
  const noted = () => {
    last = Date.now();
  };
  page.on("request", noted);
  await page.waitForFunction(() => document.readyState === "complete");
  while (Date.now() - last < 500) await new Promise((resolve) => setTimeout(resolve, 50));
}

type Watched = Window & { tpInteractive?: number; tpLargest?: number; tpShift?: number };

/** Runs in the page, before anything of it: clicks the control as soon as React has it, and waits for the effect. */
function watch({ control, effect }: Proof): void {
  const watched = window as Watched;
  new PerformanceObserver((list) => {
    watched.tpLargest = list.getEntries().at(-1)?.startTime ?? 0;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      value: number;
      hadRecentInput: boolean;
    })[]) {
      if (!entry.hadRecentInput) watched.tpShift = (watched.tpShift ?? 0) + entry.value;
    }
  }).observe({ type: "layout-shift", buffered: true });
  let clicked = Number.NEGATIVE_INFINITY;
  const look = () => {
    if (document.querySelector(effect)) {
      watched.tpInteractive = performance.now();
      return;
    }
    const element = document.querySelector<HTMLElement>(control);
    const alive = element && Object.keys(element).some((key) => key.startsWith("__reactProps"));
    // A click may come too early for what the page attaches later: a person would click again.
    if (alive && performance.now() - clicked > 250) {
      clicked = performance.now();
      for (const type of ["pointerdown", "pointerup"]) {
        element.dispatchEvent(new PointerEvent(type, { bubbles: true, cancelable: true, button: 0 }));
        const mouse = type === "pointerdown" ? "mousedown" : "mouseup";
        element.dispatchEvent(new MouseEvent(mouse, { bubbles: true, cancelable: true, button: 0 }));
      }
      element.click();
    }
    setTimeout(look, 4);
  };
  look();
}

/** Runs in the page: what the browser noted. */
function readVisit(): Omit<Visit, "prefetches"> {
  const watched = window as Watched;
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const resources = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const unique = [...new Map(resources.map((entry) => [entry.name, entry])).values()];
  const of = (ending: string) => unique.filter((entry) => new URL(entry.name).pathname.endsWith(ending));
  const bytes = (entries: PerformanceResourceTiming[]) =>
    entries.reduce((sum, entry) => sum + entry.encodedBodySize, 0);
  return {
    firstByte: navigation?.responseStart ?? Number.NaN,
    firstPaint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
    largestPaint: watched.tpLargest ?? Number.NaN,
    interactive: watched.tpInteractive ?? Number.NaN,
    shift: watched.tpShift ?? 0,
    scripts: bytes(of(".js")),
    scriptFiles: of(".js").length,
    styles: bytes(of(".css")),
    document: navigation?.encodedBodySize ?? Number.NaN,
  };
}
