import { api, runOnce, uniqueName } from "./support/api.ts";
import { expect, test } from "./support/test.ts";

test("search, filters, sorting and paging are done by the server and kept in the address", async ({
  open,
  makeSchedule,
}) => {
  const label = uniqueName("Listed");
  const made = await Promise.all(
    ["alpha", "bravo", "charlie"].map((word) => makeSchedule({ name: `${label} ${word}` })),
  );
  const [alpha, bravo] = made;
  await api("manager", "PATCH", `/backup-schedules/${bravo?.id}`, { is_enabled: false });
  await runOnce(alpha?.id ?? 0);
  const page = await open("operator");
  await page.goto(`/tenants/${alpha?.tenant_id}/backup-schedules`);
  const table = page.getByRole("table", { name: "Backup schedules" });
  const names = () =>
    table
      .locator("tbody")
      .getByRole("link", { name: new RegExp(`^${label}`) })
      .allTextContents();

  await page.getByRole("searchbox", { name: "Search schedules" }).fill(label);
  await expect(page).toHaveURL(/search=Listed/);
  await expect.poll(names).toEqual(["alpha", "bravo", "charlie"].map((word) => `${label} ${word}`));
  await page.getByRole("link", { name: "Name", exact: true }).click();
  await expect(page).toHaveURL(/direction=desc/);
  await expect(page.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "descending");
  await expect.poll(names).toEqual(["charlie", "bravo", "alpha"].map((word) => `${label} ${word}`));

  await page.getByRole("combobox", { name: "State" }).selectOption("Disabled");
  await expect.poll(names).toEqual([`${label} bravo`]);
  // The address says it all: another person sees the same.
  const other = await open("readonly");
  await other.goto(page.url());
  await expect(other.getByRole("table", { name: "Backup schedules" })).toContainText(`${label} bravo`);
  await expect(other.getByRole("combobox", { name: "State" })).toHaveValue("disabled");

  await page.getByRole("combobox", { name: "State" }).selectOption("Any state");
  await page.getByRole("combobox", { name: "Last run" }).selectOption("Success");
  await expect.poll(names).toEqual([`${label} alpha`]);
  const row = table.getByRole("row").filter({ hasText: `${label} alpha` });
  await expect(row).toContainText(/in \d+ (h|min)/);
  await expect(row).toContainText(/\d+ \w{3} \d{4}, 03:15 UTC\+[12]/);
  await expect(row).toContainText(`Last run of ${label} alpha: 1 success; newest success`);

  // A page that is no longer there leads to the last one that is.
  await page.goto(`/tenants/${alpha?.tenant_id}/backup-schedules?search=${label}&page=7`);
  await expect(page.getByText("1–3 of 3 schedules")).toBeVisible();
});

test("the choice of columns is remembered", async ({ open, makeSchedule }) => {
  const schedule = await makeSchedule();
  const page = await open("operator");
  const address = `/tenants/${schedule.tenant_id}/backup-schedules?search=${schedule.name}`;
  await page.goto(address);
  const header = (name: string) => page.getByRole("columnheader", { name, exact: true });
  await expect(header("Keep last")).toHaveCount(0);
  await page.getByRole("button", { name: "Choose columns" }).click();
  const dialog = page.getByRole("dialog", { name: "Columns" });
  await dialog.getByRole("checkbox", { name: "Keep last" }).check();
  await dialog.getByRole("checkbox", { name: "Last 14 runs" }).uncheck();
  await expect(dialog.getByRole("checkbox", { name: "Name" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await page.goto(address);
  await expect(header("Keep last")).toBeVisible();
  await expect(header("Last 14 runs")).toHaveCount(0);
});

test("Disable from the row's menu can be undone from the toast", async ({ open, makeSchedule }) => {
  const schedule = await makeSchedule();
  const page = await open("manager");
  await page.goto(`/tenants/${schedule.tenant_id}/backup-schedules?search=${schedule.name}`);
  const row = page.getByRole("row").filter({ hasText: schedule.name });
  await row.getByRole("button", { name: `Actions for ${schedule.name}` }).click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await expect(row).toContainText("Disabled");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(row).not.toContainText("Disabled");
  await expect(row).toContainText(/in \d+ (h|min)/);
});
