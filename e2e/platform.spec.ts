import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { makeMember, onDatabase } from "./support/administrator.ts";
import { uniqueName } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { newEmail } from "./support/invite.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";
import { startEmptyWeb } from "./support/web-process.ts";

const run = promisify(execFile);
const password = "a sentence of their own making";

/** A command as the operator types it, beside the running demo. @returns the path of the link that it prints */
async function linkBy(script: string, ...args: string[]): Promise<string> {
  const dataDir = process.env.TENANTPILOT_E2E_DATA_DIR ?? "";
  const { stdout } = await run(process.execPath, [
    "scripts/run.ts",
    `scripts/accounts/${script}.ts`,
    "--data-dir",
    dataDir,
    ...args,
  ]);
  return /\/reset\/[\w-]{43}/.exec(stdout)?.[0] ?? "";
}

/** No fault of a page that axe can find, at any width. */
async function expectWhole(page: Page, what: string): Promise<void> {
  expect([...(await faultsOf(page, what)), ...(await tooWide(page, what))]).toEqual([]);
}

test("an administrator from the command line chooses a password, and looks after tenants and people", async ({
  page,
  tolerate,
}) => {
  test.setTimeout(120_000);
  const email = newEmail();
  const link = await linkBy("create-admin", "--email", email, "--name", "Petra Platform");
  await page.goto(link);
  await expectWhole(page, "a reset link");
  const form = page.getByRole("form", { name: "New password" });
  const choose = async (text: string) => {
    await form.getByLabel("New password", { exact: true }).fill(text);
    await form.getByRole("button", { name: "Save the password" }).click();
  };
  await choose("too short");
  await expect(page.getByText("Must have at least 12 characters")).toBeVisible();
  await choose(password);
  await expect(page.getByRole("heading", { name: "Your password is changed" })).toBeVisible();
  tolerate(/status of 404/);
  expect((await page.goto(link))?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "This link is not valid any more" })).toBeVisible();
  await expect(page.getByRole("link", { name: "sign in" })).toBeVisible();

  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(/\/tenants$/);
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Platform" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Platform" })).toBeVisible();

  const name = uniqueName("Northwind");
  const dialog = page.getByRole("dialog");
  const faults: string[] = [];
  const look = async (what: string) => {
    await expect(dialog).toBeVisible();
    faults.push(...(await faultsOf(page, what)));
  };
  await page.getByRole("button", { name: "New tenant" }).click();
  await dialog.getByLabel("Name").fill(name);
  await look("new tenant");
  await dialog.getByLabel("Email of its first owner").fill(newEmail());
  await dialog.getByRole("button", { name: "Make the tenant" }).click();
  await expect(dialog.getByTestId("invitation-link")).toContainText("/invitations/");
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: `Archive ${name}` }).click();
  await look("archiving a tenant");
  await dialog.getByRole("button", { name: "Archive" }).click();
  const row = page.getByRole("table", { name: "Tenants" }).getByRole("row", { name });
  await expect(row).toContainText(/Archived.*Can be deleted from .+ on/);
  await expect(page.getByRole("button", { name: `Delete ${name}` })).toHaveCount(0);
  await onDatabase("UPDATE tenants SET archived_at = now() - interval '25 hours' WHERE name = $1", [name]);
  await page.reload();
  await page.getByRole("button", { name: `Delete ${name}` }).click();
  await expectWhole(page, "a tenant's deletion");
  await dialog.getByRole("textbox").fill("another name");
  await dialog.getByRole("button", { name: "Delete for good" }).click();
  await expect(dialog.getByText("Is not the name of this tenant")).toBeVisible();
  await dialog.getByRole("textbox").fill(name);
  await dialog.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByRole("table", { name: "Tenants" }).getByText(name)).toHaveCount(0);

  await page.getByRole("searchbox", { name: "Search people" }).fill("nobody is called this");
  await expect(page.getByRole("heading", { name: "Nobody matches" })).toBeVisible();
  await page.getByRole("searchbox", { name: "Search people" }).fill(email);
  await expect(page.getByRole("table", { name: "People" }).getByRole("row")).toHaveCount(2);
  const reset = page.getByRole("button", { name: "Reset password of Petra Platform" });
  await reset.click();
  await expect(dialog.getByTestId("reset-link")).toContainText("/reset/");
  await look("a link to a new password");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(reset).toBeFocused();

  await page.getByRole("searchbox", { name: "Search people" }).fill("Readonly of");
  const other = page.getByRole("table", { name: "People" }).getByRole("row").nth(1);
  await other.getByRole("button", { name: /^Make administrator/ }).click();
  await look("making an administrator");
  await dialog.getByRole("button", { name: "Make administrator" }).click();
  await expect(other).toContainText("Platform administrator");
  await other.getByRole("button", { name: /^Remove as administrator/ }).click();
  await look("removing an administrator");
  await dialog.getByRole("button", { name: "Remove as administrator" }).click();
  await expect(other).not.toContainText("Platform administrator");

  const member = await makeMember("readonly", person("owner").tenant.id);
  await onDatabase(
    "INSERT INTO second_factors (user_id, secret_ciphertext, confirmed_at) SELECT id, '', now() FROM users WHERE email = $1",
    [member.email],
  );
  await page.getByRole("searchbox", { name: "Search people" }).fill(member.email);
  const keep = dialog.getByRole("button", { name: "Keep as it is" });
  for (const [act, what] of [
    ["Turn off two-step sign-in", "turning off somebody's two-step sign-in"],
    ["Disable account", "disabling an account"],
  ] as const) {
    await page.getByRole("button", { name: `${act} of Paula Person` }).click();
    await expect(dialog).toContainText(member.email);
    await look(what);
    await keep.click();
    await expect(dialog).toHaveCount(0);
  }
  expect(faults).toEqual([]);

  await page.getByRole("link", { name: "Alerts" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Alerts of all tenants" })).toBeVisible();
  const target = page.getByRole("form", { name: "New target" });
  const place = uniqueName("Operators");
  await target.getByLabel("Target name").fill(place);
  await target.getByLabel("Mail addresses").fill("operators@platform.example");
  await target.getByRole("button", { name: "Add target" }).click();
  await expect(page.getByRole("table", { name: "Where alerts go" })).toContainText(place);
  await page.getByRole("button", { name: `Edit…: ${place}` }).click();
  const addresses = dialog.getByLabel("Mail addresses");
  await expect(addresses).toHaveValue("operators@platform.example");
  // The platform has no owners.
  await expect(dialog.getByText(/owners/)).toHaveCount(0);
  await addresses.fill("watch@platform.example");
  await dialog.getByRole("button", { name: "Save target" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("table", { name: "Where alerts go" })).toContainText("watch@platform.example");
  await page.getByRole("button", { name: "New rule" }).click();
  const rule = dialog.getByRole("form", { name: "Alert rule" });
  // No digests, and nothing of what is in a tenant: these are of one tenant.
  await expect(rule.getByLabel("What").getByRole("option")).toHaveCount(3);
  await expect(rule.getByText("Backup schedules")).toHaveCount(0);
  await rule.getByLabel("Goes to").selectOption(place);
  await rule.getByRole("button", { name: "Add rule" }).click();
  await expect(page.getByRole("table", { name: "Rules" })).toContainText(place);
  await expectWhole(page, "alerts of all tenants");
  // Other tests fail backups.
  await page.getByRole("button", { name: `Remove ${place}` }).click();
  await dialog.getByRole("button", { name: "Remove target" }).click();
  await expect(page.getByRole("table", { name: "Where alerts go" }).getByText(place)).toHaveCount(0);

  await page.goto("/platform");
  await page.getByRole("link", { name: "Audit log" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Platform audit log" })).toBeVisible();
  await page.getByRole("combobox", { name: "Action" }).selectOption("tenant");
  await page.getByRole("searchbox", { name: "Search by name or number" }).fill(name);
  const entries = page.getByRole("table", { name: "Audit log" }).locator("tbody tr");
  await expect(entries).toHaveText([
    new RegExp(`Petra Platform deleted the tenant for good “${name}”`),
    new RegExp(`Petra Platform archived the tenant “${name}”`),
    new RegExp(`Petra Platform created the tenant “${name}”`),
  ]);
});

test("with the code of the web server somebody makes the first account and tenant", async ({ page }) => {
  const empty = await startEmptyWeb();
  try {
    await page.goto(`${empty.url}/setup`);
    await expect(page.getByRole("heading", { level: 1, name: "Set up TenantPilot" })).toBeVisible();
    await expectWhole(page, "setting up");
    const form = page.getByRole("form", { name: "First account" });
    const fill = async (code: string) => {
      await form.getByLabel("Code").fill(code);
      await form.getByLabel("Password", { exact: true }).fill(password);
      await form.getByRole("button", { name: "Make the account and the tenant" }).click();
    };
    await form.getByLabel("Tenant").fill("Northwind");
    await form.getByLabel("Your name").fill("Fiona First");
    await form.getByLabel("Email").fill(newEmail());
    await fill("not the code");
    await expect(form.getByText(/^Is not the one in the log of the web server/)).toBeVisible();
    await fill(empty.code);
    await expect(page).toHaveURL(/\/tenants\/1$/);
    await expect(page.getByRole("heading", { level: 1, name: "Northwind" })).toBeVisible();
    await page.goto(`${empty.url}/platform/log`);
    await expect(page.getByRole("table", { name: "Audit log" })).toContainText(
      "created the tenant “Northwind”",
    );
  } finally {
    await empty.stop();
  }
});

test("there is no such page for others, and none to set up once somebody has an account", async ({
  open,
}) => {
  const page = await open("owner");
  for (const path of ["/platform", "/platform/alerts", "/platform/log", "/platform/status", "/setup"]) {
    const answer = await page.request.get(path);
    expect(answer.status(), path).toBe(404);
  }
});
