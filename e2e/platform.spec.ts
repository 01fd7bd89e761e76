import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { uniqueName } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { newEmail } from "./support/invite.ts";
import { expect, test } from "./support/test.ts";

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

test("an administrator from the command line chooses a password, and looks after tenants and people", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const email = newEmail();
  const whole = async (what: string) => {
    expect(await faultsOf(page, what)).toEqual([]);
    expect(await tooWide(page, what)).toEqual([]);
  };
  const link = await linkBy("create-admin", "--email", email, "--name", "Petra Platform");
  await page.goto(link);
  await whole("a reset link");
  const form = page.getByRole("form", { name: "New password" });
  const choose = async (text: string) => {
    await form.getByLabel("New password", { exact: true }).fill(text);
    await form.getByRole("button", { name: "Save the password" }).click();
  };
  await choose("too short");
  await expect(page.getByText("Must have at least 12 characters")).toBeVisible();
  await choose(password);
  await expect(page.getByRole("heading", { name: "Your password is changed" })).toBeVisible();
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "This link is not valid any more" })).toBeVisible();

  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(/\/tenants$/);
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Platform" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Platform" })).toBeVisible();
  await whole("the platform");

  const name = uniqueName("Northwind");
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "New tenant" }).click();
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Email of its first owner").fill(newEmail());
  await dialog.getByRole("button", { name: "Make the tenant" }).click();
  await expect(dialog.getByTestId("invitation-link")).toContainText("/invitations/");
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: `Archive ${name}` }).click();
  await dialog.getByRole("button", { name: "Archive" }).click();
  await page.getByRole("button", { name: `Delete ${name}` }).click();
  await whole("a tenant's deletion");
  await dialog.getByRole("textbox").fill("another name");
  await dialog.getByRole("button", { name: "Delete for good" }).click();
  await expect(dialog.getByText("Is not the name of this tenant")).toBeVisible();
  await dialog.getByRole("textbox").fill(name);
  await dialog.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByRole("table", { name: "Tenants" }).getByText(name)).toHaveCount(0);

  await page.getByRole("searchbox", { name: "Search people" }).fill(email);
  await expect(page.getByRole("table", { name: "People" }).getByRole("row")).toHaveCount(2);
  await page.getByRole("button", { name: "Reset password of Petra Platform" }).click();
  await expect(dialog.getByTestId("reset-link")).toContainText("/reset/");
});

test("there is no such page for others, and none to set up once somebody has an account", async ({
  open,
}) => {
  const page = await open("owner");
  for (const path of ["/platform", "/setup"]) {
    const answer = await page.request.get(path);
    expect(answer.status(), path).toBe(404);
  }
});
