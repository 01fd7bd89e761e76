import { demo } from "./support/demo.ts";
import { signIn } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

test("Test connection shows which permission is missing, and the schedule form shows it beside the type", async ({
  page,
  request,
}) => {
  // The second tenant: the other tests' runs in the first want all permissions.
  const tenant = await signIn(page, "owner", 1);
  await page.goto(`/tenants/${tenant.id}/connection`);
  const entraId = await page.getByRole("textbox", { name: /^Entra tenant id/ }).inputValue();
  const permissions = `${demo().sandbox_url}/_sandbox/tenants/${entraId}/permissions`;
  try {
    const narrowed = await request.put(permissions, {
      data: { permissions: ["DeviceManagementConfiguration.Read.All"] },
    });
    expect(narrowed.status()).toBe(200);
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByText("Policy.Read.All").first()).toBeVisible();

    await page.goto(`/tenants/${tenant.id}/backup-schedules/new`);
    await expect(page.getByText("Policy.Read.All").first()).toBeVisible();
  } finally {
    await request.post(`${demo().sandbox_url}/_sandbox/reset`);
  }
  await page.goto(`/tenants/${tenant.id}/connection`);
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("Signed in. Every policy type can be read.")).toBeVisible();
});
