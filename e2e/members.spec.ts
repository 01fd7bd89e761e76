import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { acceptAsNew, invite, newEmail } from "./support/invite.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

const password = "a sentence of her own making";

test("an invited person makes an account, and with it accepts the invitation of another tenant", async ({
  open,
  page,
  tolerate,
}) => {
  const email = newEmail();
  const [first, second] = [person("owner").tenant, person("owner", 1).tenant];
  const owner = await open("owner");
  const link = await invite(owner, email, "manager");

  await page.goto(link);
  await expect(page.getByRole("heading", { name: `Join ${first.name}` })).toBeVisible();
  expect(await faultsOf(page, "an invitation")).toEqual([]);
  expect(await tooWide(page, "an invitation")).toEqual([]);
  await acceptAsNew(page, link, "Nadia Newcomer", "too short");
  await expect(page.getByText("Must have at least 12 characters")).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue("Nadia Newcomer");
  await acceptAsNew(page, link, "Nadia Newcomer", password);
  await expect(page).toHaveURL(new RegExp(`/tenants/${first.id}$`));

  tolerate(/status of 404/);
  expect((await page.goto(link))?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "This invitation is not valid any more" })).toBeVisible();
  await expect(page).toHaveTitle("Invitation not valid · TenantPilot");
  await owner.reload();
  const members = owner.getByRole("table", { name: "Members" });
  await expect(members.getByRole("row", { name: new RegExp(email) })).toContainText("Nadia Newcomer");
  await expect(owner.getByText(email)).toHaveCount(1);

  await expect(owner.locator("[data-live=open]")).toBeAttached();
  const faults: string[] = [];
  const question = owner.getByRole("dialog");
  const keep = question.getByRole("button", { name: "Keep as it is" });
  await members.getByRole("button", { name: "Remove Nadia Newcomer" }).click();
  await expect(question).toContainText("loses access to this tenant at once");
  faults.push(...(await faultsOf(owner, "removing a member")));
  await keep.click();
  await expect(question).toHaveCount(0);
  const role = members.getByRole("combobox", { name: "Role of Nadia Newcomer" });
  await role.selectOption("owner");
  await expect(question).toContainText("An owner may do everything in this tenant");
  faults.push(...(await faultsOf(owner, "making an owner")));
  await keep.click();
  await expect(question).toHaveCount(0);
  await expect(role).toHaveValue("manager");
  expect(faults).toEqual([]);

  // Arrow keys only look at what roles there are.
  const apply = members.getByRole("button", { name: /^Apply .*: Role of Nadia Newcomer$/ });
  await role.focus();
  await owner.keyboard.press("ArrowUp");
  await expect(role).toHaveValue("operator");
  await expect(apply).toBeVisible();
  expect(await faultsOf(owner, "a role that is not applied")).toEqual([]);
  await owner.keyboard.press("Escape");
  await expect(apply).toHaveCount(0);
  await expect(role).toHaveValue("manager");
  await owner.keyboard.press("ArrowUp");
  await owner.keyboard.press("Enter");
  await expect(owner.getByText("Nadia Newcomer is operator now.")).toBeVisible();
  await expect(role).toHaveValue("operator");
  await expect(role).toBeFocused();
  await owner.keyboard.press("ArrowUp");
  await apply.click();
  await expect(owner.getByText("Nadia Newcomer is readonly now.")).toBeVisible();
  await owner.goto(`/tenants/${first.id}/audit-log`);
  await expect(owner.getByRole("main")).toContainText("invited somebody");
  await expect(owner.getByRole("main")).toContainText("accepted an invitation");

  // She has an account now, and signs in to accept.
  const elsewhere = await open("owner", { tenant: 1 });
  const again = await invite(elsewhere, email, "operator", 1);
  await page.context().clearCookies();
  await page.goto(again);
  await page.getByRole("link", { name: "Sign in to accept" }).click();
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: `Join ${second.name}` })).toBeVisible();
  await page.getByRole("button", { name: "Accept the invitation" }).click();
  await expect(page).toHaveURL(new RegExp(`/tenants/${second.id}$`));
  await page.goto("/tenants");
  await expect(page.getByRole("main")).toContainText(first.name);
  await expect(page.getByRole("main")).toContainText(second.name);
});

test("an invitation is for its address alone, and can be withdrawn", async ({ open, page, tolerate }) => {
  const email = newEmail();
  const owner = await open("owner");
  const link = await invite(owner, email, "readonly");
  expect(await faultsOf(owner, "members with an invitation")).toEqual([]);
  expect(await tooWide(owner, "members with an invitation")).toEqual([]);

  const other = await open("operator");
  await other.goto(link);
  await expect(other.getByText(`You are signed in as ${person("operator").user.email}`)).toBeVisible();
  await expect(other.getByRole("button", { name: "Accept the invitation" })).toHaveCount(0);

  await owner.getByRole("button", { name: `Withdraw the invitation of ${email}` }).click();
  const withdraw = owner.getByRole("button", { name: "Withdraw invitation" });
  await expect(withdraw).toBeVisible();
  expect(await faultsOf(owner, "withdrawing an invitation")).toEqual([]);
  await withdraw.click();
  await expect(owner.getByText(`The invitation of ${email} is withdrawn.`)).toBeVisible();
  await expect(owner.getByRole("row", { name: new RegExp(email) })).toHaveCount(0);
  tolerate(/status of 404/);
  expect((await page.goto(link))?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "This invitation is not valid any more" })).toBeVisible();
});

test("who is a member already is not invited; who may not invite sees no invitations", async ({ open }) => {
  const owner = await open("owner");
  const { tenant, user } = person("operator");
  await owner.goto(`/tenants/${tenant.id}/members`);
  await owner.getByRole("button", { name: "Invite member" }).click();
  const dialog = owner.getByRole("dialog");
  expect(await faultsOf(owner, "the invitation's form")).toEqual([]);
  await dialog.getByRole("textbox", { name: "Email" }).fill(user.email);
  await dialog.getByRole("button", { name: "Make the link" }).click();
  await expect(dialog.getByText("Somebody with this address is a member already.")).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();

  await invite(owner, newEmail(), "readonly");
  const manager = await open("manager");
  await manager.goto(`/tenants/${tenant.id}/members`);
  await expect(manager.getByRole("table", { name: "Members" })).toBeVisible();
  await expect(manager.getByRole("table", { name: "Open invitations" })).toHaveCount(0);
  await expect(manager.getByRole("button", { name: "Invite member" })).toHaveCount(0);
});
