import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { ownSchedule } from "./support/own-schedule.ts";
import { signIn } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

const field = (page: Page) => page.getByRole("combobox", { name: "Search or jump" });
/** The option that a screen reader would read now. */
const active = async (page: Page) => {
  const id = await page.getByRole("dialog").getByRole("combobox").getAttribute("aria-activedescendant");
  return page.locator(`[id="${id}"]`);
};

/** Opens the palette; its code comes with the first time. */
async function openPalette(page: Page) {
  await page.keyboard.press("Control+k");
  await expect(field(page)).toBeFocused();
}

/** Shortcuts work from when the page listens, which it does once it is live. */
async function open(page: Page, path: string) {
  await page.goto(path);
  await expect(page.locator("[data-live=open]")).toBeAttached();
}

test("by keyboard alone: open, search, jump to a page and to a schedule, and run it", async ({
  page,
  request,
}) => {
  const schedule = await ownSchedule(request, "Palette");
  const tenant = await signIn(page, "operator");
  await open(page, `/tenants/${tenant.id}`);

  await openPalette(page);
  await page.keyboard.type("audit");
  await expect(await active(page)).toContainText("Audit log");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/audit-log$/);
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await openPalette(page);
  await page.keyboard.type(schedule.name);
  await expect(page.getByRole("option", { name: schedule.name, exact: false })).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/backup-schedules/${schedule.id}$`));

  await openPalette(page);
  await page.keyboard.type("run a schedule");
  await page.keyboard.press("Enter");
  const runField = page.getByRole("combobox", { name: "Find the schedule to run" });
  await expect(runField).toHaveValue("");
  await page.keyboard.type(schedule.name);
  await expect(page.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByText(`“${schedule.name}” is starting.`)).toBeVisible();
  await expect(page.getByRole("table", { name: "Runs" }).getByRole("row").nth(1)).toContainText("Success", {
    timeout: 30_000,
  });
});

test("the arrow keys go through the list and around its end, Escape and the same keys close it", async ({
  page,
}) => {
  const tenant = await signIn(page, "readonly");
  await open(page, `/tenants/${tenant.id}`);
  await openPalette(page);
  await page.keyboard.type("backup");
  const options = page.getByRole("group", { name: "Go to" }).getByRole("option");
  await expect(options).toHaveText([/Backup schedules/, /Backup sets/]);
  await page.keyboard.press("ArrowDown");
  await expect(options.nth(1)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("option").last()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await openPalette(page);
  await expect(field(page)).toHaveValue("");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("who may only look is offered nothing that acts, and no page that is not theirs", async ({ page }) => {
  const tenant = await signIn(page, "readonly");
  await open(page, `/tenants/${tenant.id}`);
  await openPalette(page);
  await expect(page.getByRole("option", { name: "Sign out" })).toBeVisible();
  for (const name of [/Run a schedule/, /New backup schedule/, /Verify all/, /API tokens/]) {
    await expect(page.getByRole("option", { name })).toHaveCount(0);
  }
  await page.keyboard.type("zzz nothing is called this");
  await expect(page.getByText("Nothing is called", { exact: false })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
});

test("all backup sets are verified from the palette", async ({ page }) => {
  const tenant = await signIn(page, "operator", 1);
  await open(page, `/tenants/${tenant.id}/backup-sets`);
  await openPalette(page);
  await page.keyboard.type("verify");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/backup sets? (are|is) as they were written/)).toBeVisible({ timeout: 40_000 });
});

test("shortcuts: pages by two keys, the list of them, rows, theme, and none of it while typing", async ({
  page,
}) => {
  const tenant = await signIn(page, "manager");
  await open(page, `/tenants/${tenant.id}`);

  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(list.getByText("New backup schedule")).toBeVisible();
  await page.keyboard.press("r");
  await page.keyboard.press("Escape");
  await expect(list).toHaveCount(0);

  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page).toHaveURL(/\/backup-schedules$/);
  const rows = page.getByRole("table").first().getByRole("row");
  await expect(rows.nth(2)).toBeVisible();
  await page.keyboard.press("j");
  await expect(rows.nth(1).getByRole("link").first()).toBeFocused();
  await page.keyboard.press("j");
  await expect(rows.nth(2).getByRole("link").first()).toBeFocused();
  await page.keyboard.press("k");
  await expect(rows.nth(1).getByRole("link").first()).toBeFocused();

  await page.keyboard.press("/");
  const search = page.getByRole("searchbox", { name: "Search schedules" });
  await expect(search).toBeFocused();
  await page.keyboard.type("grant?");
  await expect(search).toHaveValue("grant?");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page).toHaveURL(/\/backup-schedules/);
  await search.fill("");

  await search.blur();
  const html = page.locator("html");
  await page.emulateMedia({ colorScheme: "light" });
  await page.keyboard.press("t");
  await expect(html).toHaveAttribute("data-mantine-color-scheme", "dark");
  await page.keyboard.press("t");
  await expect(html).toHaveAttribute("data-mantine-color-scheme", "light");

  await page.keyboard.press("n");
  await expect(page).toHaveURL(/\/backup-schedules\/new$/);
});

test("an unsaved form is asked before a shortcut or the palette leaves it", async ({ page }) => {
  const tenant = await signIn(page, "manager");
  await open(page, `/tenants/${tenant.id}/backup-schedules/new`);
  await page.getByRole("textbox", { name: "Name" }).fill("Half done");
  await openPalette(page);
  await page.keyboard.type("members");
  await page.keyboard.press("Enter");
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await expect(question).toBeVisible();
  await question.getByRole("button", { name: "Keep as it is" }).click();
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Half done");
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`palette, shortcut list and notifications have no fault that axe can find (${colorScheme})`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const tenant = await signIn(page, "owner");
    await open(page, `/tenants/${tenant.id}/runs`);
    const faults = async () => (await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id);
    await openPalette(page);
    await expect(page.getByRole("group", { name: "Newest runs" })).toBeVisible();
    expect(await faults()).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
    expect(await faults()).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.getByRole("button", { name: /^Notifications/ }).click();
    await expect(
      page.getByRole("dialog", { name: "Notifications" }).getByRole("heading").first(),
    ).toBeVisible();
    expect(await faults()).toEqual([]);
  });
}
