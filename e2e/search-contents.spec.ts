import { tooWide } from "./support/fits.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

test("a policy is found by what is in it, from the palette, and opened where it stands", async ({ open }) => {
  const { tenant } = person("readonly");
  const page = await open("readonly");
  await page.goto(`/tenants/${tenant.id}/policies`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Search or jump" })).toBeFocused();
  await page.keyboard.type("settingDefinition");
  await page.getByRole("option", { name: "Look for these words in contents" }).click();
  await expect(page).toHaveURL(/policies\/contents\?search=settingDefinition$/);
  const first = page.getByRole("table", { name: "Policies found" }).getByRole("row").nth(1);
  await expect(first).toContainText("settingDefinitionId");
  await expect(first).toContainText("Now");
  expect(await tooWide(page, "search in contents")).toEqual([]);
  const link = first.getByRole("link");
  const name = (await link.textContent()) ?? "";
  await link.click();
  // Over what was found, as everywhere from a list.
  await expect(page.getByRole("dialog")).toContainText(name);

  await page.goto(`/tenants/${tenant.id}/policies/contents`);
  await page.getByRole("searchbox", { name: "Search in contents" }).fill("nowhere to be found");
  await expect(page.getByText("No policy holds this")).toBeVisible();
});
