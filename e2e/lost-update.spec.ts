import type { Page } from "@playwright/test";
import type { RestoreSettings } from "#lib/restore/schema";
import type { Schedule } from "#lib/schedules/schema";
import { api } from "./support/api.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

const conflict = "This schedule changed while you were editing";

const stored = async (id: number) => (await api<Schedule>("readonly", "GET", `/backup-schedules/${id}`)).json;

async function edit(page: Page, schedule: Schedule): Promise<void> {
  await page.goto(`/tenants/${schedule.tenant_id}/backup-schedules/${schedule.id}/edit`);
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue(schedule.name);
  await expect(page.getByRole("textbox", { name: "Name" })).toBeEditable();
}

test("of two people who edit, the second is told while typing, and may look at the first one's version", async ({
  open,
  makeSchedule,
}) => {
  const schedule = await makeSchedule();
  const [first, second] = [await open("owner"), await open("manager")];
  await edit(first, schedule);
  await edit(second, schedule);
  await second.getByRole("textbox", { name: "Keep last" }).fill("7");

  const theirs = `${schedule.name} of the first`;
  await first.getByRole("textbox", { name: "Name" }).fill(theirs);
  await first.getByRole("button", { name: "Save changes" }).click();
  await expect(first.getByRole("heading", { level: 1, name: theirs, exact: true })).toBeVisible();

  const alert = second.getByRole("alert").filter({ hasText: conflict });
  await expect(alert).toContainText("Changed meanwhile: Name.");
  // What was typed is still there, and nothing of it was saved.
  await expect(second.getByRole("textbox", { name: "Keep last" })).toHaveValue("7 sets");
  expect(await stored(schedule.id)).toMatchObject({ name: theirs, retention_keep_last: 30 });

  await alert.getByRole("button", { name: "Show the new version" }).click();
  await expect(second.getByRole("textbox", { name: "Name" })).toHaveValue(theirs);
  await expect(second.getByRole("textbox", { name: "Keep last" })).toHaveValue("30 sets");
  await second.getByRole("textbox", { name: "Keep last" }).fill("8");
  await second.getByRole("button", { name: "Save changes" }).click();
  await expect(second.getByRole("heading", { level: 1, name: theirs, exact: true })).toBeVisible();
  expect(await stored(schedule.id)).toMatchObject({ name: theirs, retention_keep_last: 8 });
});

test("who hears nothing is told when saving, and saves only when they say so", async ({
  open,
  makeSchedule,
  tolerate,
}) => {
  tolerate(/\/live\b/);
  const schedule = await makeSchedule();
  const page = await open("manager");
  await page.route(/\/live\b/, (route) => route.abort());
  await edit(page, schedule);
  await page.getByRole("textbox", { name: "Keep last" }).fill("9");
  const theirs = `${schedule.name} of a script`;
  await api("manager", "PATCH", `/backup-schedules/${schedule.id}`, { name: theirs });

  await page.getByRole("button", { name: "Save changes" }).click();
  const alert = page.getByRole("alert").filter({ hasText: conflict });
  await expect(alert).toContainText("Changed meanwhile: Name.");
  expect(await stored(schedule.id)).toMatchObject({ name: theirs, retention_keep_last: 30 });

  await alert.getByRole("button", { name: "Save my changes", exact: true }).click();
  // Only what they changed is saved: the name stays as the script left it.
  await expect(page.getByRole("heading", { level: 1, name: theirs, exact: true })).toBeVisible();
  expect(await stored(schedule.id)).toMatchObject({ name: theirs, retention_keep_last: 9 });
});

test("of two owners who change the rules for restores, the second is told, and takes nothing back", async ({
  open,
}) => {
  const page = await open("owner");
  const { id } = person("owner", 0).tenant;
  const rules = async () => (await api<RestoreSettings>("readonly", "GET", "/restore-settings")).json;
  const before = await rules();
  const theirs = { ...before, break_glass_users: ["11111111-2222-3333-4444-555555555555"] };
  await page.goto(`/tenants/${id}/connection`);
  const put = async (data: RestoreSettings) => {
    const headers = { origin: new URL(page.url()).origin };
    const answer = await page.request.put(`/api/tenants/${id}/restore-settings`, { headers, data });
    expect(answer.status()).toBe(200);
  };
  const form = page.getByRole("form", { name: "Rules for restores" });
  const limit = form.getByRole("textbox", { name: "Ask for the number above" });
  await expect(limit).toBeEditable();
  await limit.fill("17");
  await put(theirs);
  try {
    await form.getByRole("button", { name: "Save rules" }).click();
    const alert = form.getByRole("alert").filter({ hasText: "These rules changed while you were editing" });
    await expect(alert).toContainText("Changed meanwhile: Break-glass accounts.");
    expect(await rules()).toEqual(theirs);
    await alert.getByRole("button", { name: "Save my changes" }).click();
    await expect(form.getByRole("textbox", { name: "Break-glass accounts" })).toHaveValue(
      theirs.break_glass_users.join("\n"),
    );
    expect(await rules()).toEqual({ ...theirs, mass_change_limit: 17 });
  } finally {
    await put(before);
  }
});
