import type { Locator, Page } from "@playwright/test";
import type { NotificationKind } from "#lib/notifications/kinds";
import type { NotificationView } from "#lib/notifications/schema";
import type { Run } from "#lib/runs/schema";
import type { Schedule } from "#lib/schedules/schema";
import { api, uniqueName } from "./support/api.ts";
import { heldType, holdRuns } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

// This file's own tenant: nobody else acts on many schedules of it, so every notification is one of these tests'.
const tenant = 1;
const bar = (page: Page) => page.getByRole("region", { name: "Selected schedules" });

async function openList(page: Page, tenantId: number, query: string): Promise<Locator> {
  await page.goto(`/tenants/${tenantId}/backup-schedules?${query}`);
  const table = page.getByRole("table", { name: "Backup schedules" });
  await expect(table).toBeVisible();
  return table;
}

async function select(page: Page, schedules: readonly Schedule[]): Promise<void> {
  for (const { name } of schedules) await page.getByRole("checkbox", { name: `Select ${name}` }).check();
}

/** The person's notifications of bulk acts, of those that start runs or of those that change schedules. */
async function bulkNotifications(
  page: Page,
  tenantId: number,
  kind: NotificationKind & `${string}.bulk_${string}`,
): Promise<NotificationView[]> {
  const answer = await page.request.get(`/api/tenants/${tenantId}/notifications?limit=100`);
  const all = (await answer.json()) as NotificationView[];
  return all.filter((entry) => entry.kind === kind);
}

test("Run now on several says what will happen, follows each run, names the one refused, and notifies once", async ({
  open,
  makeSchedule,
}) => {
  const label = uniqueName("Bulk run");
  const hold = await holdRuns(tenant);
  const free = await makeSchedule({ name: `${label} free` }, tenant);
  const busy = await makeSchedule({ name: `${label} busy`, policy_types: [heldType] }, tenant);
  const doomed = await makeSchedule({ name: `${label} doomed` }, tenant);
  const active = await api<Run>(
    "operator",
    "POST",
    `/backup-schedules/${busy.id}/run-now`,
    undefined,
    tenant,
  );
  try {
    const page = await open("manager", { tenant });
    const table = await openList(page, free.tenant_id, `search=${label}`);
    const before = (await bulkNotifications(page, free.tenant_id, "run.bulk_started")).length;
    await select(page, [free, busy, doomed]);
    await expect(bar(page).getByRole("status")).toHaveText("3 selected");
    await bar(page).getByRole("button", { name: "Run now" }).click();

    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("2 runs start now, one for each schedule.");
    await expect(dialog).toContainText(`${busy.name}: a run is active already`);
    // Meanwhile somebody deletes one of them.
    await api("manager", "DELETE", `/backup-schedules/${doomed.id}`, undefined, tenant);
    await dialog.getByRole("button", { name: "Run now 2 schedules" }).click();

    await expect(dialog.getByRole("status")).toContainText("1 run started, 1 refused, 1 left as it was.");
    const results = dialog.getByRole("list", { name: "Results" });
    await expect(results.getByRole("listitem")).toHaveCount(3);
    const resultOf = (name: string) => results.getByRole("listitem").filter({ hasText: name });
    await expect(resultOf(doomed.name)).toContainText("Refused");
    await expect(resultOf(doomed.name)).toContainText("There is no such backup schedule");
    await expect(resultOf(busy.name)).toContainText("a run is active already");
    // The started run is followed to its end.
    await expect(resultOf(free.name)).toContainText("Success", { timeout: 30_000 });
    await expect(dialog.getByRole("status")).toContainText("1 of 1 ended");
    await dialog.getByRole("button", { name: "Done" }).click();
    await expect(bar(page)).toHaveCount(0);
    await expect(table.getByRole("row").filter({ hasText: doomed.name })).toHaveCount(0);

    const after = await bulkNotifications(page, free.tenant_id, "run.bulk_started");
    expect(after).toHaveLength(before + 1);
    expect(after[0]).toMatchObject({ title: "Run now", body: "1 started, 1 was refused." });
    await page.getByRole("button", { name: /^Notifications/ }).click();
    await expect(page.getByRole("dialog").getByText("1 started, 1 was refused.").first()).toBeVisible();
  } finally {
    await hold.release();
    await api("operator", "POST", `/runs/${active.json.id}/cancel`, undefined, tenant);
  }
});

test("Disable on several can be undone; Enable, Retry and Delete say exactly what they do; each notifies once", async ({
  open,
  makeSchedule,
}) => {
  const label = uniqueName("Bulk change");
  const [one, two, off] = [
    await makeSchedule({ name: `${label} one` }, tenant),
    await makeSchedule({ name: `${label} two` }, tenant),
    await makeSchedule({ name: `${label} off`, is_enabled: false }, tenant),
  ];
  const enabled = async () => {
    const all = await Promise.all(
      [one, two, off].map((each) =>
        api<Schedule>("readonly", "GET", `/backup-schedules/${each.id}`, undefined, tenant),
      ),
    );
    return all.map(({ json }) => json.is_enabled);
  };
  const page = await open("manager", { tenant });
  const table = await openList(page, one.tenant_id, `search=${label}`);
  const dialog = page.getByRole("dialog");
  const all = page.getByRole("checkbox", { name: "Select all schedules on this page" });
  const ours = new Set([one.id, two.id, off.id]);
  const told = async () =>
    (await bulkNotifications(page, one.tenant_id, "schedule.bulk_changed"))
      .filter(({ data }) => (data.schedule_ids as number[]).some((id) => ours.has(id)))
      .map(({ title }) => title);

  await all.check();
  // None has ended a run, and so there is nothing to retry.
  await expect(bar(page).getByRole("button")).toHaveText([
    "Run now",
    "Enable",
    "Disable",
    "Delete",
    "Clear selection",
  ]);
  await bar(page).getByRole("button", { name: "Disable" }).click();
  await expect(dialog).toContainText("They do not run until enabled again.");
  await expect(dialog).toContainText(`${off.name}: is disabled already`);
  expect(await enabled()).toEqual([true, true, false]);
  // While it is under way nothing closes the dialog: its report is still to come.
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route("**/backup-schedules?*", async (route) => {
    if (route.request().method() === "POST") await held;
    await route.continue();
  });
  await dialog.getByRole("button", { name: "Disable 2 schedules" }).click();
  await expect(dialog.getByRole("button", { name: "Keep as it is" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await expect(dialog.getByRole("button", { name: "Disable 2 schedules" })).toBeVisible();
  answer();
  await expect(dialog.getByRole("status")).toHaveText("2 schedules disabled, 1 left as it was.");
  expect(await enabled()).toEqual([false, false, false]);
  expect(await told()).toEqual(["Disabled 2 schedules"]);
  await dialog.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("2 schedules are enabled again.")).toBeVisible();
  expect(await enabled()).toEqual([true, true, false]);
  // The dialog goes by the rows as they are when it opens.
  await expect(table.getByRole("row").filter({ hasText: "Disabled" })).toHaveCount(1);

  await all.check();
  await bar(page).getByRole("button", { name: "Enable" }).click();
  await expect(dialog).toContainText(`${two.name}: is enabled already`);
  await dialog.getByRole("button", { name: "Enable 1 schedule" }).click();
  await expect(dialog.getByRole("status")).toHaveText("1 schedule enabled, 2 left as they were.");
  await dialog.getByRole("button", { name: "Done" }).click();
  expect(await enabled()).toEqual([true, true, true]);

  // One alone, from its row's menu: one sees what came of it, and nothing more is told.
  await page.getByRole("button", { name: `Actions for ${off.name}` }).click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await expect(page.getByText(`“${off.name}” is disabled`)).toBeVisible();

  await all.check();
  await bar(page).getByRole("button", { name: "Delete" }).click();
  await expect(dialog).toContainText("Their runs and backup sets stay. This cannot be undone.");
  // Enter on what is focused when a dangerous dialog opens changes nothing.
  await expect(dialog.getByRole("button", { name: "Keep as it is" })).toBeFocused();
  await dialog.getByRole("button", { name: "Delete 3 schedules" }).click();
  await expect(dialog.getByRole("status")).toHaveText("3 schedules deleted.");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("No schedule matches")).toBeVisible();
  await expect(table).toHaveCount(0);

  expect(await told()).toEqual(["Deleted 3 schedules", "Enabled 1 schedule", "Disabled 2 schedules"]);
  await page.getByRole("button", { name: /^Notifications/ }).click();
  await dialog.getByRole("combobox", { name: "Kind" }).selectOption("Several schedules changed");
  // What is wrong in the tenant meanwhile stands above them.
  const entries = dialog.locator('section:not([aria-label="Open incidents"]) li');
  await expect(entries.nth(0)).toContainText("Deleted 3 schedules");
  await expect(entries.nth(0)).toContainText("Their runs and backup sets stay.");
  await expect(entries.nth(1)).toContainText("Enabled 1 schedule");
  await expect(entries.nth(2)).toContainText("Disabled 2 schedules");
  await expect(entries.nth(2)).toContainText("Undone: they are enabled again.");
  // The button is gone with what it did: the keyboard goes on at its entry.
  const mark = entries.nth(1).getByRole("button", { name: /^Mark as read/ });
  await mark.press("Enter");
  await expect(mark).toHaveCount(0);
  await expect(entries.nth(1)).toBeFocused();
  await entries.nth(0).getByRole("link", { name: "Deleted 3 schedules" }).click();
  await expect(page).toHaveURL(new RegExp(`/tenants/${one.tenant_id}/backup-schedules$`));
  await expect(table).toBeVisible();
});

test("a selection reaches over pages and filters", async ({ open, makeSchedule }) => {
  const label = uniqueName("Paged");
  const made = await Promise.all(
    Array.from({ length: 11 }, (_, index) =>
      makeSchedule({ name: `${label} ${String(index + 1).padStart(2, "0")}` }, tenant),
    ),
  );
  const page = await open("operator", { tenant });
  const table = await openList(page, made[0]?.tenant_id ?? 0, `search=${label}&size=10`);
  await page.getByRole("checkbox", { name: "Select all schedules on this page" }).check();
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await expect(page).toHaveURL(/page=2/);
  await expect(table.getByRole("row")).toHaveCount(2);
  await page.getByRole("checkbox", { name: `Select ${label} 11` }).check();
  await expect(bar(page).getByRole("status")).toHaveText("11 selected");
  await page.getByRole("searchbox", { name: "Search schedules" }).fill("nothing is called this");
  await expect(page.getByText("No schedule matches")).toBeVisible();
  await expect(bar(page).getByRole("status")).toHaveText("11 selected");
  await bar(page).getByRole("button", { name: "Run now" }).click();
  await expect(page.getByRole("dialog")).toContainText("11 runs start now");
  await page.getByRole("dialog").getByRole("button", { name: "Keep as it is" }).click();
  await bar(page).getByRole("button", { name: "Clear selection" }).click();
  await expect(bar(page)).toHaveCount(0);
});
