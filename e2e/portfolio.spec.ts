import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { go } from "./support/go.ts";
import { tabTo } from "./support/keyboard.ts";
import { makeManyTenants, manyTenants } from "./support/many-tenants.ts";
import { picture } from "./support/picture.ts";
import { expect, test } from "./support/test.ts";

const { all, unprotected, atRisk } = manyTenants;
const pageSize = 50;

test("of 300 tenants the list leaves none out, the worst come first, and each is found by keyboard", async ({
  open,
}) => {
  test.setTimeout(180_000);
  const { label, ids, owner, remove } = await makeManyTenants();
  const page = await open(owner);
  try {
    const table = page.getByRole("table", { name: "Tenants" });
    const names = table.locator("tbody td:first-child");
    const pager = page.getByRole("navigation", { name: "Pages" });
    await page.goto("/tenants");
    await expect(
      page.getByText(`${unprotected + atRisk} of ${all} tenants need attention`, { exact: true }),
    ).toBeVisible();
    await expect(page.getByRole("link", { name: `${unprotected} not protected`, exact: true })).toBeVisible();
    await expect(page.getByRole("link", { name: `${atRisk} at risk`, exact: true })).toBeVisible();
    await expect(names).toHaveCount(pageSize);
    const rows = table.getByRole("row");
    await expect(rows.nth(1)).toContainText("Not protected");
    await expect(rows.nth(unprotected)).toContainText("Not protected");
    await expect(rows.nth(unprotected + 1)).toContainText("At risk");
    expect([...(await faultsOf(page, "300 tenants")), ...(await tooWide(page, "300 tenants"))]).toEqual([]);
    await picture(page, "300 tenants");
    await page.setViewportSize({ width: 1280, height: 900 });

    const listed = new Set<string>();
    const pages = all / pageSize;
    for (let shown = 1; shown <= pages; shown += 1) {
      await expect(pager.getByRole("status")).toHaveText(`${all} tenants, page ${shown} of ${pages}`);
      for (const name of await names.allTextContents()) listed.add(name);
      if (shown < pages) await pager.getByRole("link", { name: "Next page" }).press("Enter");
    }
    expect(listed.size).toBe(all);
    await expect(pager.getByRole("link", { name: "Next page" })).toHaveCount(0);

    await go(page, "/tenants");
    const search = page.getByRole("searchbox", { name: "Find a tenant" });
    await tabTo(page, search);
    await page.keyboard.type(`${label} 12`);
    // From 120 to 129, and all on one page.
    await expect(names).toHaveCount(10);
    await expect(pager).toHaveCount(0);
    await expect(search).toBeFocused();
    await tabTo(page, page.getByRole("combobox", { name: "Protection" }));
    await page.keyboard.press("ArrowDown");
    await expect(page).toHaveURL(/[?&]show=attention\b/);
    await expect(names).toHaveText([`${label} 120`, `${label} 121`]);
    await tabTo(page, table.getByRole("link", { name: `${label} 121`, exact: true }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: `${label} 121` })).toBeVisible();
    await expect(page).toHaveURL(`/tenants/${ids[121]}`);

    // From one tenant to another.
    await expect(page.locator("[data-live=open]")).toBeAttached();
    await page.getByRole("button", { name: /Switch tenant$/ }).press("Enter");
    const options = page.getByRole("listbox", { name: "Tenants" }).getByRole("option");
    await expect(options).toHaveCount(50);
    await expect(page.getByText(`${all - 50} more: search for one`)).toBeVisible();
    await expect(page.getByRole("textbox", { name: "Find a tenant" })).toBeFocused();
    await page.keyboard.type(`${label} 29`);
    await expect(options).toHaveCount(10);
    expect(await faultsOf(page, "the list of tenants")).toEqual([]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: new RegExp(`^${label} 29\\d$`) })).toBeVisible();
  } finally {
    // What its event stream would tell of is gone with the tenants.
    await page.goto("about:blank");
    await remove();
  }
});
