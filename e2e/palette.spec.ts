import type { Page } from "@playwright/test";
import { uniqueName } from "./support/api.ts";
import { person } from "./support/people.ts";
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
async function goLive(page: Page, path: string) {
  await page.goto(path);
  await expect(page.locator("[data-live=open]")).toBeAttached();
}

test("by keyboard alone: open, search, jump to a page and to a schedule, and run it", async ({
  open,
  makeSchedule,
}) => {
  const schedule = await makeSchedule({ is_enabled: false });
  const { tenant } = person("operator");
  const page = await open("operator");
  await goLive(page, `/tenants/${tenant.id}`);

  await openPalette(page);
  await page.keyboard.type("audit");
  await expect(await active(page)).toContainText("Audit log");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/audit-log$/);
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await openPalette(page);
  await page.keyboard.type(schedule.name);
  await expect(page.getByRole("option", { name: schedule.name, exact: false })).toHaveCount(1);
  // What was found for the first letters may still be there.
  await expect(page.getByRole("dialog").getByRole("option", { selected: true })).toContainText(schedule.name);
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
  open,
}) => {
  const { tenant } = person("readonly");
  const page = await open("readonly");
  await goLive(page, `/tenants/${tenant.id}`);
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

test("who may only look is offered nothing that acts, and no page that is not theirs", async ({ open }) => {
  const { tenant } = person("readonly");
  const page = await open("readonly");
  await goLive(page, `/tenants/${tenant.id}`);
  await openPalette(page);
  await expect(page.getByRole("option", { name: "Sign out" })).toBeVisible();
  for (const name of [/Run a schedule/, /New backup schedule/, /Verify all/, /API tokens/]) {
    await expect(page.getByRole("option", { name })).toHaveCount(0);
  }
  await page.keyboard.type("zzz nothing is called this");
  // Nothing is called so, but policies may have it in them.
  await expect(page.getByRole("option")).toContainText("Look for these words in contents");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/policies\/contents\?search=zzz/);
});

test("all backup sets are verified from the palette", async ({ open }) => {
  const { tenant } = person("operator", 1);
  const page = await open("operator", { tenant: 1 });
  await goLive(page, `/tenants/${tenant.id}/backup-sets`);
  await openPalette(page);
  await page.keyboard.type("verify");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/backup sets? (are|is) as they were written/)).toBeVisible({ timeout: 40_000 });
});

test("shortcuts: pages by two keys, the list of them, rows, theme, and none of it while typing", async ({
  open,
  makeSchedule,
}) => {
  const label = uniqueName("Rows");
  for (const word of ["one", "two"]) await makeSchedule({ name: `${label} ${word}` });
  const { tenant } = person("manager");
  const page = await open("manager");
  await goLive(page, `/tenants/${tenant.id}`);

  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(list.getByText("New backup schedule")).toBeVisible();
  await page.keyboard.press("r");
  await page.keyboard.press("Escape");
  await expect(list).toHaveCount(0);

  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page).toHaveURL(/\/backup-schedules$/);
  const search = page.getByRole("searchbox", { name: "Search schedules" });
  await expect(search).toBeVisible();
  await page.keyboard.press("/");
  await expect(search).toBeFocused();
  await page.keyboard.type("grant?");
  await expect(search).toHaveValue("grant?");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page).toHaveURL(/\/backup-schedules/);

  // Rows that stay where they are: other tests make and delete schedules meanwhile.
  await search.fill(label);
  const rows = page.getByRole("table", { name: "Backup schedules" }).getByRole("row");
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(1)).toContainText(`${label} one`);
  await search.blur();
  await page.keyboard.press("j");
  await expect(rows.nth(1).getByRole("link").first()).toBeFocused();
  await page.keyboard.press("j");
  await expect(rows.nth(2).getByRole("link").first()).toBeFocused();
  await page.keyboard.press("k");
  await expect(rows.nth(1).getByRole("link").first()).toBeFocused();

  const html = page.locator("html");
  await page.emulateMedia({ colorScheme: "light" });
  await page.keyboard.press("t");
  await expect(html).toHaveAttribute("data-mantine-color-scheme", "dark");
  await page.keyboard.press("t");
  await expect(html).toHaveAttribute("data-mantine-color-scheme", "light");

  await page.keyboard.press("n");
  await expect(page).toHaveURL(/\/backup-schedules\/new$/);
});

test("an unsaved form is asked before a shortcut or the palette leaves it", async ({ open }) => {
  const { tenant } = person("manager");
  const page = await open("manager");
  await goLive(page, `/tenants/${tenant.id}/backup-schedules/new`);
  await page.getByRole("textbox", { name: "Name" }).fill("Half done");
  await openPalette(page);
  await page.keyboard.type("members");
  await page.keyboard.press("Enter");
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await expect(question).toBeVisible();
  await question.getByRole("button", { name: "Keep as it is" }).click();
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Half done");
});
