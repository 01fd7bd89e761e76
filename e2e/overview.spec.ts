import type { Page } from "@playwright/test";
import type { Run } from "#lib/runs/schema";
import { api, runOnce } from "./support/api.ts";
import { demo } from "./support/demo.ts";
import { person } from "./support/people.ts";
import { misbehave } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

interface Overview {
  protection: {
    schedules: { in_breach: number; failing: number; incomplete: number; paused: number };
    damaged_sets: number;
    last_success_at: string | null;
  };
  days: {
    date: string;
    success: number;
    partial: number;
    failed: number;
    added: number;
    changed: number;
    removed: number;
  }[];
  success: { succeeded: number; attempted: number };
}

/** What the API says of the tenant, in the zone of the browser under test. */
async function overviewOf(page: Page, tenantId: number, token: string): Promise<Overview> {
  const answer = await page.request.get(`/api/tenants/${tenantId}/overview?timezone=Europe/Berlin`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.status()).toBe(200);
  return answer.json();
}

/** The numbers in a chart's table, a row each; opens the table. */
async function tableOf(page: Page, name: string): Promise<number[][]> {
  const chart = page.getByRole("figure", { name });
  await chart.getByText("Show as table").click();
  const rows = chart.getByRole("table", { name }).locator("tbody tr");
  await expect(rows.first()).toBeVisible();
  return rows.evaluateAll((all) =>
    all.map((row) =>
      [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent?.replaceAll(",", ""))),
    ),
  );
}

/** For numbers that grow, read between two answers of the API: none is below the first, or above the second. */
function expectBetween(
  shown: number[][],
  [before, after]: [Overview, Overview],
  of: (overview: Overview) => number[][],
): void {
  const [least, most] = [of(before), of(after)];
  const bounded = shown.map((row, at) =>
    row.map((value, column) => Math.min(Math.max(value, least[at]?.[column] ?? 0), most[at]?.[column] ?? 0)),
  );
  expect(shown).toEqual(bounded);
  expect(shown.map((row) => row.length)).toEqual(most.map((row) => row.length));
}

test("the overview says in a sentence how well the tenant is protected, and what to do", async ({ open }) => {
  const { tenant, token } = person("manager");
  const page = await open("manager");
  await page.goto(`/tenants/${tenant.id}`);
  const protection = page.getByRole("region", { name: "Protection" });
  // Other tests make schedules fail meanwhile, and fix them.
  await expect(async () => {
    const { schedules, damaged_sets, last_success_at } = (await overviewOf(page, tenant.id, token))
      .protection;
    const trouble =
      schedules.in_breach + schedules.failing + schedules.incomplete + schedules.paused + damaged_sets;
    const sentence =
      trouble === 0 && last_success_at !== null
        ? /^Protected: last complete backup (just now|\d+ (min|h|days) ago), next (just now|in .+)\.$/
        : /^(At risk|Overdue|Not protected): .+\.(See .+|Open .+|Run .+)?$/;
    await expect(protection).toHaveText(sentence, { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
});

test("every chart has a table, and its numbers are the API's", async ({ open }) => {
  const { tenant, token } = person("readonly");
  const page = await open("readonly");
  const before = await overviewOf(page, tenant.id, token);
  await page.goto(`/tenants/${tenant.id}`);
  const runs = await tableOf(page, "Runs a day");
  const changes = await tableOf(page, "Policy changes a day");
  const share = await page.getByText(/^\d[\d,]* of \d[\d,]* runs$/).textContent();
  const after = await overviewOf(page, tenant.id, token);
  // Other tests' runs end meanwhile, and each adds to its day.
  expectBetween(runs, [before, after], (all) =>
    all.days.map((day) => [day.success, day.partial, day.failed]),
  );
  expectBetween(changes, [before, after], (all) =>
    all.days.map((day) => [day.added, day.changed, day.removed]),
  );
  const counts = share?.replaceAll(",", "").match(/\d+/g)?.map(Number) ?? [];
  expectBetween([counts], [before, after], ({ success }) => [[success.succeeded, success.attempted]]);
  for (const name of ["Runs due in the coming 24 hours", "Storage added a week"]) {
    expect((await tableOf(page, name)).length).toBeGreaterThanOrEqual(12);
  }
});

test("the values of a chart can be read with the keyboard", async ({ open }) => {
  const { tenant } = person("readonly");
  const page = await open("readonly");
  await page.goto(`/tenants/${tenant.id}`);
  const chart = page.getByRole("slider", { name: "Runs a day" });
  await chart.focus();
  await page.keyboard.press("End");
  await expect(chart).toHaveAttribute("aria-valuenow", "30");
  await page.keyboard.press("ArrowLeft");
  await expect(chart).toHaveAttribute(
    "aria-valuetext",
    /^\w{3} \d{1,2} \w{3} \d{4}: \d+ success, \d+ partial, \d+ failed$/,
  );
  await expect(chart).toHaveAttribute("aria-valuenow", "29");
});

test("the next runs look a week ahead, and the address says so", async ({ open }) => {
  const { tenant } = person("readonly");
  const page = await open("readonly");
  await page.goto(`/tenants/${tenant.id}`);
  await page
    .getByRole("navigation", { name: "How far to look ahead" })
    .getByRole("link", { name: "7 days" })
    .click();
  await expect(page.getByRole("figure", { name: "Runs due in the coming 7 days" })).toBeVisible();
  await expect(page).toHaveURL(/next=week/);
});

test("a failure leads to its run and says what to do", async ({ open, makeSchedule }) => {
  // A type that no other test captures, so that Graph may refuse it.
  const schedule = await makeSchedule({ policy_types: ["deviceCustomAttributeShellScript"] });
  const denied = await misbehave("deviceManagement/deviceCustomAttributeShellScripts/**", {
    kind: "permissionRevoked",
  });
  try {
    expect((await runOnce(schedule.id)).error_code).toBe("PERMISSION_MISSING");
  } finally {
    await denied.heal();
  }
  const page = await open("readonly");
  await page.goto(`/tenants/${schedule.tenant_id}`);
  const panel = page.locator("#failures");
  await expect(panel).toContainText("What to do:");
  // Whichever is the newest when it is clicked: other tests' runs fail meanwhile.
  await panel.getByRole("listitem").first().getByRole("link").first().click();
  await expect(page).toHaveURL(/\/runs\/\d+$/);
  await expect(page.getByRole("dialog")).toBeVisible();
  const id = page.url().split("/").at(-1);
  const { json: run } = await api<Run>("readonly", "GET", `/runs/${id}`);
  expect(run.status).toMatch(/^(failed|partial)$/);
});

test("the portfolio sorts, filters and keeps that in the address", async ({ open }) => {
  const page = await open("provider");
  await page.goto("/tenants");
  await expect(page.getByText(/tenants (needs? attention|are protected)/)).toBeVisible();
  const table = page.getByRole("table", { name: "Tenants" });
  const names = async () => table.getByRole("row").locator("td:first-child").allTextContents();

  await table.getByRole("link", { name: "Tenant", exact: true }).click();
  await expect(page).toHaveURL(/sort=name/);
  await expect(table.getByRole("columnheader", { name: "Tenant" })).toHaveAttribute("aria-sort", "ascending");
  const ascending = await names();
  expect(ascending).toEqual([...ascending].sort((a, b) => a.localeCompare(b, "en", { numeric: true })));

  await table.getByRole("link", { name: "Tenant", exact: true }).click();
  await expect(page).toHaveURL(/direction=desc/);
  await expect(table.getByRole("columnheader", { name: "Tenant" })).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  expect(await names()).toEqual(ascending.toReversed());

  await page.goto("/tenants?search=no-tenant-has-this-name");
  await expect(page.getByRole("heading", { name: "No tenant matches" })).toBeVisible();
  await page.getByRole("link", { name: "Show all tenants" }).click();
  await expect(table.getByRole("row")).toHaveCount(ascending.length + 1);
});

test("both fit a phone, and a tooltip stays on it", async ({ open }) => {
  const page = await open("provider", { viewport: { width: 390, height: 844 } });
  const [tenant] = demo().tenants;
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await page.goto("/tenants");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(await overflow()).toBeLessThanOrEqual(0);
  await page.goto(`/tenants/${tenant?.id}`);
  await page.getByRole("button", { name: "Runs and changes by day" }).click();
  const chart = page.getByRole("slider", { name: "Runs a day" });
  for (const key of ["Home", "End"]) {
    await chart.focus();
    await page.keyboard.press(key);
    await expect(chart).toHaveAttribute("aria-valuenow", key === "Home" ? "1" : "30");
    expect(await overflow()).toBeLessThanOrEqual(0);
  }
});

test("nothing on the overview moves while it comes alive", async ({ open }) => {
  const { tenant } = person("readonly");
  const page = await open("readonly");
  await page.addInitScript(() => {
    const seen = { shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        seen.shift += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(`/tenants/${tenant.id}`);
  await page.getByRole("slider", { name: "Runs a day" }).press("End");
  const shift = await page.evaluate(() => (window as unknown as { seen: { shift: number } }).seen.shift);
  expect(shift).toBeLessThan(0.05);
});
