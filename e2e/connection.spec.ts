import { person } from "./support/people.ts";
import { permissionsOf } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

test("Test connection shows which permission is missing, and the schedule form shows it beside the type", async ({
  open,
}) => {
  // The second tenant: the other tests' runs in the first want all permissions.
  const { tenant } = person("owner", 1);
  const page = await open("owner", { tenant: 1 });
  await page.goto(`/tenants/${tenant.id}/connection`);
  const permissions = await permissionsOf(1);
  try {
    await permissions.narrow(["DeviceManagementConfiguration.Read.All"]);
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByText("Policy.Read.All").first()).toBeVisible();

    await page.goto(`/tenants/${tenant.id}/backup-schedules/new`);
    await expect(page.getByText("Policy.Read.All").first()).toBeVisible();
  } finally {
    await permissions.restore();
  }
  await page.goto(`/tenants/${tenant.id}/connection`);
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("Signed in. Every policy type can be read.")).toBeVisible();
});
