import type { Page } from "@playwright/test";
import { api, runOnce } from "./support/api.ts";
import { cuttableWay } from "./support/cuttable.ts";
import { expect, test } from "./support/test.ts";

/** Notes in the page that it was not loaded again: a reload would forget it. */
async function markPage(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => Object.assign(window, { unreloaded: true }));
  return async () => expect(await page.evaluate(() => "unreloaded" in window)).toBe(true);
}

test("a run that a script starts shows in the list by itself", async ({ open, makeSchedule }) => {
  const schedule = await makeSchedule();
  const page = await open("readonly");
  await page.goto(`/tenants/${schedule.tenant_id}/backup-schedules?search=${schedule.name}`);
  const row = page.getByRole("row").filter({ hasText: schedule.name });
  await expect(row).toContainText("Never");
  const sameDocument = await markPage(page);

  await runOnce(schedule.id);
  await expect(row.getByRole("link", { name: /Success/ })).toBeVisible();
  await sameDocument();
});

for (const [how, status] of [
  ["the network goes away", undefined],
  ["a proxy answers 502 for a while", 502],
] as const) {
  test(`when ${how}, the page catches up by itself afterwards`, async ({ open, makeSchedule, tolerate }) => {
    tolerate(/Failed to load resource|ERR_|Failed to fetch|network error|Load failed/i);
    const schedule = await makeSchedule();
    const way = await cuttableWay();
    try {
      const page = await open("readonly");
      await page.goto(`${way.url}/tenants/${schedule.tenant_id}/backup-schedules/${schedule.id}`);
      const title = (name: string) => page.getByRole("heading", { level: 1, name, exact: true });
      await expect(title(schedule.name)).toBeVisible();
      // What changes now shows: the page listens, and has caught up.
      const first = `${schedule.name} once`;
      await api("manager", "PATCH", `/backup-schedules/${schedule.id}`, { name: first });
      await expect(title(first)).toBeVisible();
      const sameDocument = await markPage(page);

      way.cut(status);
      await expect.poll(() => way.tried(), { timeout: 20_000 }).toBeGreaterThan(0);
      const renamed = `${schedule.name} twice`;
      await api("manager", "PATCH", `/backup-schedules/${schedule.id}`, { name: renamed });
      await expect(title(first)).toBeVisible();
      way.restore();

      await expect(title(renamed)).toBeVisible({ timeout: 40_000 });
      await sameDocument();

      // Who goes on meanwhile arrives when there is a way again, and is not thrown out into an error page.
      const before = way.tried();
      way.cut(status);
      await page
        .getByRole("navigation", { name: "Tenant" })
        .getByRole("link", { name: "Runs", exact: true })
        .click();
      await expect.poll(() => way.tried(), { timeout: 20_000 }).toBeGreaterThan(before);
      way.restore();
      await expect(title("Runs")).toBeVisible({ timeout: 40_000 });
      await sameDocument();
    } finally {
      way.close();
    }
  });
}
