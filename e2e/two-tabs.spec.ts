import type { Schedule } from "#lib/schedules/schema";
import { api } from "./support/api.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

// What becomes of a form whose session ends is tested where nothing else changes (rough-edges.spec.ts): a page that is told of a change
// in that very moment asks for its data anew, and is led to sign in.
test("two tabs of one person: each shows what the other does", async ({ open, makeSchedule }) => {
  const schedule = await makeSchedule();
  const { tenant } = person("manager");
  const list = `/tenants/${tenant.id}/backup-schedules`;
  const one = await open("manager");
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
});
