import { randomUUID } from "node:crypto";
import { Events, OAuth2Server } from "oauth2-mock-server";
import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { invite, newEmail } from "./support/invite.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";
import { startWeb } from "./support/web-process.ts";

test("people come in with Microsoft: by an invitation, again, and not at all; and link an account", async ({
  open,
  page,
}) => {
  test.setTimeout(180_000);
  const tenantId = randomUUID();
  let oid: string = randomUUID();
  const microsoft = new OAuth2Server();
  await microsoft.issuer.keys.generate("RS256");
  await microsoft.start(0, "localhost");
  microsoft.service.on(Events.BeforeTokenSigning, (token) =>
    Object.assign(token.payload, { tid: tenantId, oid, name: "Mia Microsoft" }),
  );
  const web = await startWeb({
    ENTRA_CLIENT_ID: "client",
    ENTRA_CLIENT_SECRET: "secret",
    ENTRA_TENANT_ID: tenantId,
    ENTRA_ISSUER: String(microsoft.issuer.url),
  });
  try {
    const { tenant } = person("owner");
    const email = newEmail();
    const link = await invite(await open("owner"), email, "operator");
    await page.goto(`${web.url}${new URL(link).pathname}`);
    await page.getByRole("button", { name: "Accept with Microsoft" }).click();
    await expect(page).toHaveURL(new RegExp(`/tenants/${tenant.id}$`));
    await page.goto(`${web.url}/profile`);
    await expect(page.getByRole("main")).toContainText("Mia Microsoft");
    await expect(page.getByRole("main")).toContainText(email);

    await page.context().clearCookies();
    await page.goto(`${web.url}/sign-in?next=%2Fprofile`);
    expect(await faultsOf(page, "sign-in with Microsoft")).toEqual([]);
    expect(await tooWide(page, "sign-in with Microsoft")).toEqual([]);
    await page.getByRole("button", { name: "Sign in with Microsoft" }).click();
    await expect(page).toHaveURL(/\/profile$/);
    await expect(page.getByRole("main")).toContainText(email);

    await page.context().clearCookies();
    oid = randomUUID();
    await page.goto(`${web.url}/sign-in`);
    await page.getByRole("button", { name: "Sign in with Microsoft" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "linked to no account here" })).toBeVisible();

    const { user } = person("owner");
    await page.getByLabel("Email").fill(user.email);
    await page.getByLabel("Password").fill(user.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page).toHaveURL(/\/tenants/);
    await page.goto(`${web.url}/tenants/${tenant.id}/members`);
    const group = randomUUID();
    await page.getByLabel("What").selectOption("Group");
    await page.getByLabel("Value or object id").fill(group);
    await page.getByLabel("Role by rule").selectOption("operator");
    await page.getByRole("button", { name: "Add rule" }).click();
    await expect(page.getByRole("list", { name: "Rules" })).toContainText(`Group ${group}: operator`);
    expect(await faultsOf(page, "members with rules")).toEqual([]);
    expect(await tooWide(page, "members with rules")).toEqual([]);
    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "Remove Mia Microsoft" }).first().click();
    await expect(dialog).toContainText("their next sign-in with Microsoft brings them back");
    await dialog.getByRole("button", { name: "Keep as it is" }).click();
    await expect(dialog).toHaveCount(0);
    await page.getByRole("button", { name: `Remove the rule for ${group}` }).click();
    await expect(page.getByText("Who is a member by it stays until their next sign-in")).toBeVisible();
    await expect(page.getByRole("list", { name: "Rules" })).toHaveCount(0);

    await page.goto(`${web.url}/profile`);
    const form = page.getByRole("form", { name: "Microsoft account" });
    await form.getByLabel("Your password here").fill("wrong");
    await form.getByRole("button", { name: "Link a Microsoft account" }).click();
    await expect(form.getByText("Is not your current password")).toBeVisible();
    await form.getByLabel("Your password here").fill(user.password);
    await form.getByRole("button", { name: "Link a Microsoft account" }).click();
    await expect(page).toHaveURL(/\/profile\?microsoft=linked$/);
    expect(await faultsOf(page, "a linked profile")).toEqual([]);
    await form.getByLabel("Your password here").fill(user.password);
    await form.getByRole("button", { name: "Unlink the Microsoft account" }).click();
    await expect(form.getByRole("button", { name: "Link a Microsoft account" })).toBeVisible();
  } finally {
    // Its event stream would miss the process that ends now.
    await page.goto("about:blank");
    await web.stop();
    await microsoft.stop();
  }
});
