import { expect, type Page } from "@playwright/test";
import type { Role } from "#lib/access/permissions";
import { person } from "./people.ts";

/** An address that no other test uses. */
export function newEmail(): string {
  return `person.${Date.now()}.${Math.floor(performance.now())}@contoso.example`;
}

/** Invites an address on the members page, as an owner does. @returns the link, which is shown this once */
export async function invite(owner: Page, email: string, role: Role, tenantIndex = 0): Promise<string> {
  const { tenant } = person("owner", tenantIndex);
  await owner.goto(`/tenants/${tenant.id}/members`);
  await owner.getByRole("button", { name: "Invite member" }).click();
  const dialog = owner.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Email" }).fill(email);
  await dialog.getByRole("combobox", { name: "Role" }).selectOption(role);
  await dialog.getByRole("button", { name: "Make the link" }).click();
  const link = (await dialog.getByTestId("invitation-link").textContent()) ?? "";
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(owner.getByRole("table", { name: "Open invitations" })).toContainText(email);
  await expect(owner.getByText(link)).toHaveCount(0);
  return link;
}

/** Accepts as somebody new, and stays signed in. */
export async function acceptAsNew(page: Page, link: string, name: string, password: string): Promise<void> {
  await page.goto(link);
  const form = page.getByRole("form", { name: "New account" });
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("Password", { exact: true }).fill(password);
  await form.getByRole("button", { name: "Make the account and accept" }).click();
}
