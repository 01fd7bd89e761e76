import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { type ManyChanges, makeManyChanges, manyChanges, policyName } from "./support/many-changes.ts";
import { picture } from "./support/picture.ts";
import { expect, test } from "./support/test.ts";

const { changed, added, removed } = manyChanges;
const differences = changed + added + removed;
const pageSize = 100;

let made: ManyChanges;
test.beforeAll(async () => {
  made = await makeManyChanges();
});

test("of sets that differ in 500 policies a page shows the counts and a hundred; filters and pages lead to each", async ({
  open,
}) => {
  const { tenantId, olderId, newerId, member } = made;
  const page = await open(member);
  await page.addInitScript(() => {
    const seen = { shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        seen.shift += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  const main = page.getByRole("main");
  const names = main.locator("[data-main]");
  const kinds = page.getByRole("navigation", { name: "Kind of change" });
  const path = `/tenants/${tenantId}/backup-sets/${newerId}/compare`;
  await page.goto(path);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  await expect(page.getByText(`Set ${newerId} with set ${olderId}, made`)).toBeVisible();
  for (const words of [
    `All differences ${differences}`,
    `Changed ${changed}`,
    `Added ${added}`,
    `Removed ${removed}`,
  ])
    await expect(kinds.getByRole("link", { name: words })).toBeVisible();
  await expect(main.getByText(`${pageSize} policies shown`)).toBeVisible();
  await expect(names).toHaveCount(pageSize);
  const shift = await page.evaluate(() => (window as unknown as { seen: { shift: number } }).seen.shift);
  expect(shift).toBeLessThan(0.05);

  // Five pages, and each policy that differs is on one of them.
  const listed = new Set<string>();
  for (let shown = 1; shown <= differences / pageSize; shown += 1) {
    if (shown > 1) await expect(page).toHaveURL(`${path}?cursor=c${(shown - 1) * pageSize}`);
    await expect(names).toHaveCount(pageSize);
    const first = (await names.first().textContent()) ?? "";
    expect(listed).not.toContain(first);
    for (const name of await names.allTextContents()) listed.add(name);
    if (shown < differences / pageSize) {
      await main.getByRole("link", { name: "Next page" }).press("Enter");
      await expect(names.first()).not.toHaveText(first);
    }
  }
  expect(listed.size).toBe(differences);
  await expect(main.getByRole("link", { name: "Next page" })).toHaveCount(0);

  await kinds.getByRole("link", { name: `Removed ${removed}` }).press("Enter");
  await expect(page).toHaveURL(`${path}?change=removed`);
  await expect(names).toHaveText(Array.from({ length: removed }, (_, n) => policyName("removed", n)));
  await kinds.getByRole("link", { name: "All differences" }).press("Enter");
  await expect(page).toHaveURL(path);
  await page
    .getByRole("combobox", { name: "Policy type" })
    .selectOption({ label: "Device configuration profiles (170)" });
  await expect(kinds.getByRole("link", { name: "Changed 170" })).toBeVisible();
  await page.getByRole("searchbox", { name: "Search policies by name" }).fill("Kiosk 46");
  await expect(kinds.getByRole("link", { name: "Changed 10" })).toBeVisible();
  await expect(names).toHaveText(Array.from({ length: 10 }, (_, n) => policyName("changed", 460 + n)));
});

test("they are walked through and unfolded by keyboard, and a hundred of them fit a phone", async ({
  open,
}) => {
  const { tenantId, newerId, member } = made;
  const page = await open(member, { viewport: { width: 1440, height: 900 } });
  await page.goto(`/tenants/${tenantId}/backup-sets/${newerId}/compare`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  const row = (n: number) => page.getByRole("button", { name: policyName("changed", n), exact: true });
  await page.keyboard.press("j");
  await expect(row(0)).toBeFocused();
  await page.keyboard.press("j");
  await expect(row(1)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(row(1)).toHaveAttribute("aria-expanded", "true");
  const unfolded = page.getByRole("region", { name: `Differences of ${policyName("changed", 1)}` });
  await expect(unfolded).toContainText(/password/i);
  await expect(unfolded).toContainText("14");
  await page.keyboard.press("j");
  await expect(row(2)).toBeFocused();
  await expect(row(2)).toBeInViewport();
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await expect(unfolded).toBeHidden();
  // Only what is unfolded is there with its differences: a hundred rows, and no hundred documents.
  expect(await page.getByRole("region", { name: /^Differences of / }).count()).toBe(0);
  await page.keyboard.press("Enter");
  await expect(unfolded).toBeVisible();
  expect([...(await faultsOf(page, "500 differences")), ...(await tooWide(page, "500 differences"))]).toEqual(
    [],
  );
  await picture(page, "500 differences");
});
