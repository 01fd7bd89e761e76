import type { Page, Route } from "@playwright/test";
import { policyTypeKeys } from "#lib/policies/catalog";
import { listen } from "./support/announced.ts";
import { api } from "./support/api.ts";
import { cuttableWay } from "./support/cuttable.ts";
import { misbehave } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

/**
 * How many minutes a run is watched. Unless told, ten of the page's own clock, while which Graph lets the run wait for as many
 * seconds; `WATCH_RUN_MINUTES=10 npx playwright test e2e/watched-run.spec.ts` takes ten real ones of a run that goes on.
 */
const real = Number(process.env.WATCH_RUN_MINUTES ?? 0);
const minutes = real || 10;
/** How long Graph lets one list of a policy type wait, in milliseconds; four are read at once. */
const waitMs = 50_000;

/** What a page holds, after what it does not need any more is gone. */
async function measure(page: Page): Promise<{ listeners: number; nodes: number; heapMb: number }> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.enable");
  await devtools.send("HeapProfiler.collectGarbage");
  await devtools.send("Performance.enable");
  const { metrics } = await devtools.send("Performance.getMetrics");
  await devtools.detach();
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return { listeners: of("JSEventListeners"), nodes: of("Nodes"), heapMb: of("JSHeapUsedSize") / 2 ** 20 };
}

test(`a run is watched for ${minutes} minutes: time and progress go on, the stream comes back, nothing piles up, its end is told`, async ({
  open,
  makeSchedule,
  tolerate,
}) => {
  test.setTimeout((real * 2 + 2) * 60_000);
  tolerate(/ERR_|Failed to (load|fetch)/);
  const schedule = await makeSchedule({
    policy_types: real
      ? policyTypeKeys.slice(0, Math.ceil((real * 60_000) / waitMs) * 4)
      : ["deviceShellScript", "windowsDriverUpdateProfile"],
  });
  const slow = await misbehave(real ? "**" : "deviceManagement/deviceShellScripts", {
    kind: "latency",
    ms: waitMs,
  });
  const way = await cuttableWay();
  try {
    const page = await open("operator");
    const spoken = await listen(page);
    if (!real) await page.clock.install();
    const minutePasses = () => (real ? page.waitForTimeout(60_000) : page.clock.runFor(60_000));
    await page.goto(`${way.url}/tenants/${schedule.tenant_id}/backup-schedules/${schedule.id}`);
    const live = page.locator("[data-live]");
    await expect(live).toHaveAttribute("data-live", "open");
    await page.evaluate(() => Object.assign(window, { unreloaded: true }));
    await page.getByRole("button", { name: "Run now" }).click();
    const row = page.getByRole("table", { name: "Runs" }).getByRole("row").nth(1);
    await row.getByRole("link").first().click();
    const details = page.getByRole("dialog");
    await expect(details.getByRole("heading", { name: "Progress" })).toBeVisible();
    const progress = details.getByRole("progressbar", { name: "Captured so far" });
    // The first that Graph says of it may be long in coming.
    await expect(progress).toBeVisible({ timeout: real ? 3 * waitMs : 20_000 });
    const share = async () => Number((await progress.getAttribute("value")) ?? 0);
    if (!real) await expect.poll(share).toBeGreaterThan(0);

    let before = { listeners: 0, nodes: 0, heapMb: 0 };
    let done = await share();
    const half = Math.floor(minutes / 2);
    const held: Route[] = [];
    for (let minute = 1; minute <= minutes - 1; minute += 1) {
      if (minute === half) {
        // What the page is asking for while its connection goes, by its clock for a minute.
        await page.route(/[?&]_rsc=/, (route) => void held.push(route));
        await api("manager", "PATCH", `/backup-schedules/${schedule.id}`, {
          name: `${schedule.name} watched`,
        });
        await expect.poll(() => held.length).toBeGreaterThan(0);
      }
      await minutePasses();
      if (minute === 2) before = await measure(page);
      if (real) {
        const now = await share();
        console.log(`minute ${minute}: ${now} captured`, await measure(page));
        expect(now).toBeGreaterThanOrEqual(done);
        done = now;
      }
      if (minute !== half) continue;
      // A proxy that restarts: the browser comes back by itself.
      way.cut();
      await Promise.all(held.map((route) => route.continue()));
      await page.unroute(/[?&]_rsc=/);
      await expect(live).toHaveAttribute("data-live", "connecting");
      way.restore();
      await expect(live).toHaveAttribute("data-live", "open", { timeout: 40_000 });
    }
    if (real) expect(done).toBeGreaterThan(0);
    // What is just being replaced goes in a moment, and a part of the page may have come late; what piles up with each
    // second that is watched stays, and is hundreds.
    const grown = async () => {
      const after = await measure(page);
      if (real) console.log(`after ${minutes - 1} minutes`, after, "after two", before);
      return {
        listeners: Math.max(0, after.listeners - before.listeners - 60),
        nodes: Math.max(0, after.nodes - before.nodes - 500),
        heapMb: Math.max(0, after.heapMb - before.heapMb - 5),
      };
    };
    await expect.poll(grown).toEqual({ listeners: 0, nodes: 0, heapMb: 0 });
    const runningFor = await details.getByText("Running for").locator("xpath=..").textContent();
    const elapsed = Number(/^Running for(\d+) min/.exec(runningFor ?? "")?.[1]);
    // And what the test itself took.
    expect(elapsed).toBeGreaterThanOrEqual(minutes - 1);
    expect(elapsed).toBeLessThanOrEqual(minutes + 3);

    await slow.heal();
    await expect(details.getByText("Ended: success")).toBeVisible({ timeout: real ? 300_000 : 30_000 });
    await expect(details.getByText(/^Captured all \d+ items: /)).toBeVisible();
    await expect(details.getByRole("link", { name: /^Open backup set/ })).toBeVisible();
    const states = (await spoken()).filter((words) => /^Run \d+: /.test(words));
    expect(states.at(-1)).toMatch(/: Success$/);
    expect(new Set(states).size).toBe(states.length);
    expect(await page.evaluate(() => "unreloaded" in window)).toBe(true);
  } finally {
    await slow.heal().catch(() => {});
    way.close();
  }
});
