import type { Schedule } from "#lib/schedules/schema";
import { api, uniqueName } from "./support/api.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

test("two tabs of one person: each shows what the other does, and signing out in one loses nothing in the other", async ({
  open,
  makeSchedule,
  tolerate,
}) => {
  tolerate(/status of 401/);
  const schedule = await makeSchedule();
  const { user, tenant } = person("manager");
  const list = `/tenants/${tenant.id}/backup-schedules`;
  const one = await open("manager", { ownSession: true });
  const other = await one.context().newPage();
  await one.goto(`${list}/${schedule.id}`);
  await other.goto(`${list}/${schedule.id}/edit`);
  const keepLast = other.getByRole("textbox", { name: "Keep last" });
  await expect(keepLast).toBeEditable();
  await keepLast.fill("7");
  await expect(other.locator("[data-live=open]")).toBeAttached();

  // One's own change in another tab is a change all the same: the edit is not saved over it unasked.
  await one.getByRole("button", { name: "More actions" }).click();
  await one.getByRole("menuitem", { name: "Disable" }).click();
  const conflict = other.getByRole("alert").filter({ hasText: "changed while you were editing" });
  await expect(conflict).toContainText("Changed meanwhile: Enabled.");
  await conflict.getByRole("button", { name: "Save my changes" }).click();
  await expect(other.getByRole("heading", { level: 1, name: schedule.name })).toBeVisible();
  for (const tab of [one, other]) {
    await expect(tab.getByRole("main")).toContainText("The last 7 backup sets");
    await expect(tab.getByRole("main")).toContainText("None while disabled");
  }
  const saved = await api<Schedule>("readonly", "GET", `/backup-schedules/${schedule.id}`);
  expect(saved.json).toMatchObject({ is_enabled: false, retention_keep_last: 7 });

  await other.goto(`${list}/new`);
  const name = uniqueName("Typed in the other tab");
  const field = other.getByRole("textbox", { name: "Name" });
  await expect(field).toBeEditable();
  await field.fill(name);
  const reading = await one.context().newPage();
  await reading.goto(`/tenants/${tenant.id}/runs`);
  for (const tab of [other, reading]) await expect(tab.locator("[data-live=open]")).toBeAttached();
  await one.getByRole("button", { name: /^Account of/ }).click();
  // The session ends right after the page has looked whether there is one.
  await other.route("**/api/auth/session", (route) => route.fulfill({ json: { user } }), { times: 1 });
  await one.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(one).toHaveURL(/\/sign-in$/);
  // A page on which nothing was typed goes to the sign-in page; one with something on it stays, and says so.
  await expect(reading).toHaveURL(/\/sign-in\?next=/);
  const dialog = other.getByRole("dialog", { name: "You are signed out" });
  await expect(dialog).toBeVisible();
  await one.getByLabel("Email").fill(user.email);
  await one.getByLabel("Password").fill(user.password);
  await one.getByRole("button", { name: "Sign in" }).click();
  await expect(one).toHaveURL(/\/tenants/);
  await expect(dialog).toHaveCount(0);
  await expect(field).toHaveValue(name);
  await other.getByRole("button", { name: "Create schedule" }).click();
  await expect(other.getByRole("heading", { level: 1, name })).toBeVisible();
  await api("manager", "DELETE", `/backup-schedules/${other.url().split("/").at(-1)}`);
});
