import { onDatabase } from "./support/administrator.ts";
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

test("when the secret expires is entered and kept, and what is wrong is behind the bell", async ({
  open,
}) => {
  const { tenant } = person("owner", 1);
  const page = await open("owner", { tenant: 1 });
  const incident = [tenant.id, "bell of a browser test"];
  await page.goto(`/tenants/${tenant.id}/connection`);
  const date = page.getByLabel("Secret expires on");
  const save = page.getByRole("button", { name: "Save connection" });
  // Typed, as people do, and the same whether the browser asks for the day or the month first.
  await expect(date).toBeEditable();
  await date.focus();
  await page.keyboard.type("05052099");
  await expect(date).toHaveValue("2099-05-05");
  await date.fill("0026-05-31");
  await save.press("Enter");
  await expect(date).toHaveAccessibleDescription(/Must be a whole date/);
  await expect(date).toBeFocused();
  await date.fill("2099-05-31");
  await expect(date).not.toHaveAccessibleDescription(/Must be a whole date/);
  await save.click();
  await expect(page.getByText("The connection is saved. Test it next.")).toBeVisible();
  try {
    await onDatabase(
      `INSERT INTO incidents (tenant_id, cause, kind, severity, title, body)
       VALUES ($1, $2, 'credential.expiring', 'critical', 'Credential expires', 'Make a new one in Entra.')`,
      incident,
    );
    await page.reload();
    await expect(date).toHaveValue("2099-05-31");
    await page.getByRole("button", { name: /^Notifications, .*open$/ }).click();
    const open = page.getByRole("dialog").getByRole("region", { name: "Open incidents" });
    await expect(open.getByRole("link", { name: "Credential expires" })).toBeVisible();
    await expect(open).toContainText("Make a new one in Entra.");
    await page.keyboard.press("Escape");
    // The date is that of the stored secret, not of another one.
    const secret = page.getByRole("textbox", { name: "Client secret", exact: true });
    await secret.fill("another");
    await expect(date).toHaveValue("");
    await secret.fill("");
    await expect(date).toHaveValue("2099-05-31");
  } finally {
    await onDatabase("DELETE FROM incidents WHERE tenant_id = $1 AND cause = $2", incident);
  }
  await date.fill("");
  await save.click();
  await expect(save).toBeDisabled();
});

test("of two forms with something unsaved one question is asked, and one answer lets go", async ({
  open,
}) => {
  const { tenant } = person("owner", 1);
  const page = await open("owner", { tenant: 1 });
  await page.goto(`/tenants/${tenant.id}/runs`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  const links = page.getByRole("navigation", { name: "Tenant" });
  await links.getByRole("link", { name: "Connection" }).click();
  const clientId = page
    .getByRole("form", { name: "Connection", exact: true })
    .getByRole("textbox", { name: "Client id" });
  const limit = page
    .getByRole("form", { name: "Rules for restores" })
    .getByRole("textbox", { name: "Ask for the number above" });
  await expect(clientId).toBeEditable();
  await clientId.fill("11111111-2222-3333-4444-555555555555");
  await expect(limit).toBeEditable();
  await limit.fill("18");

  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await links.getByRole("link", { name: "Audit log" }).click();
  await expect(question).toHaveCount(1);
  await question.getByRole("button", { name: "Keep as it is" }).click();
  await expect(question).toHaveCount(0);
  await expect(clientId).toHaveValue("11111111-2222-3333-4444-555555555555");

  // A gesture is what a browser wants to see before it lets a page hold somebody back.
  await limit.press("End");
  await page.evaluate(() => window.history.back());
  await expect(question).toHaveCount(1);
  await question.getByRole("button", { name: "Leave without saving" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();
  await expect(page).toHaveURL(/\/runs$/);
  await expect(question).toHaveCount(0);
});
