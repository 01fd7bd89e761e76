import { baseUrl, uniqueName } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

test("a token is made, works, is rotated without a gap, and revoked", async ({ open }) => {
  const { tenant } = person("owner");
  const page = await open("owner");
  const name = uniqueName("Export job");
  const works = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${baseUrl()}/api/tenants/${tenant.id}`, { headers })).status;
  };
  await page.goto(`/tenants/${tenant.id}/api-tokens`);
  const create = page.getByRole("button", { name: "New token" });
  await create.click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Create token" }).click();
  const shown = page.getByTestId("token");
  await expect(shown).toHaveText(/^tpat_[0-9A-Za-z]{49}$/);
  const first = (await shown.textContent()) ?? "";
  const faults = await faultsOf(page, "a token that is shown once");
  await page.getByRole("button", { name: "I have stored it" }).click();
  await expect(create).toBeFocused();
  expect(await works(first)).toBe(200);

  await page.getByRole("button", { name: `Rotate ${name}` }).click();
  const rotate = page.getByRole("button", { name: "Rotate token" });
  await expect(rotate).toBeVisible();
  faults.push(...(await faultsOf(page, "rotating a token")));
  await rotate.click();
  await expect(page.getByText("The old one works until")).toBeVisible();
  const second = (await shown.textContent()) ?? "";
  expect(second).not.toBe(first);
  await page.getByRole("button", { name: "I have stored it" }).click();
  expect(await Promise.all([first, second].map(works))).toEqual([200, 200]);

  await page.getByRole("button", { name: `Revoke ${name}` }).click();
  const revoke = page.getByRole("button", { name: "Revoke token" });
  await expect(revoke).toBeVisible();
  faults.push(...(await faultsOf(page, "revoking a token")));
  await revoke.click();
  await expect(page.getByText(`“${name}” is revoked.`)).toBeVisible();
  expect(await Promise.all([first, second].map(works))).toEqual([401, 401]);
  await expect(page.getByRole("button", { name: `Rotate ${name}` })).toHaveCount(0);
  expect(faults).toEqual([]);
});
