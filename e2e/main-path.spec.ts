import { api, uniqueName } from "./support/api.ts";
import { signIn } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

test("a manager creates a weekly schedule, runs it, and reads a policy out of its backup set", async ({
  page,
}) => {
  const tenant = await signIn(page, "manager");
  const name = uniqueName("Weekly compliance");

  await page.goto(`/tenants/${tenant.id}/backup-schedules`);
  await page.getByRole("link", { name: "New schedule" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("group", { name: "Frequency" }).getByRole("radio", { name: "Weekly" }).check();
  await page.getByRole("checkbox", { name: "Wednesday" }).check();
  await page.getByRole("textbox", { name: "Time", exact: true }).fill("03:15");
  await page.getByRole("button", { name: "Select none" }).click();
  await page.getByRole("searchbox", { name: "Find a policy type" }).fill("device compliance");
  await page.getByRole("checkbox", { name: "Device compliance policies" }).check();
  await page.getByRole("button", { name: "Create schedule" }).click();

  await expect(page.getByRole("heading", { name })).toBeVisible();
  await expect(page.getByText(/03:15/).first()).toBeVisible();
  const id = Number(page.url().split("/").at(-1));

  await page.getByRole("button", { name: "Run now" }).click();
  const row = page.getByRole("table", { name: "Runs" }).getByRole("row").nth(1);
  await expect(row).toContainText("Success", { timeout: 30_000 });

  await row.getByRole("link").first().click();
  const details = page.getByRole("dialog");
  await expect(details).toContainText("Success");
  await details
    .getByRole("link", { name: /backup set/i })
    .first()
    .click();

  await expect(page.getByRole("heading", { name: /backup set/i }).first()).toBeVisible();
  await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
  await expect(page.getByRole("region", { name: "About" })).toBeVisible();
  await page.getByText("JSON", { exact: true }).click();
  await expect(page.getByLabel("Stored JSON")).toContainText('"id"');
  await api("manager", "DELETE", `/backup-schedules/${id}`);
});
