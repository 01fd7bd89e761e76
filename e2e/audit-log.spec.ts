import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { AuditEntryView } from "#lib/audit/schema";
import { api, uniqueName } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

/** Clicks a link that downloads, and reads the file. */
async function download(page: Page, name: string): Promise<{ filename: string; text: string }> {
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name }).click();
  const file = await waiting;
  return { filename: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

test("a change is found by its name, unfolds to before and after, and is exported as it is listed", async ({
  open,
  makeSchedule,
}) => {
  const name = uniqueName("=Audited, really");
  const schedule = await makeSchedule({ name });
  await api("manager", "PATCH", `/backup-schedules/${schedule.id}`, { time_of_day: "04:45" });
  await api("operator", "POST", `/backup-schedules/${schedule.id}/run-now`);

  const page = await open("manager");
  await page.goto(`/tenants/${schedule.tenant_id}/audit-log`);
  const search = page.getByRole("searchbox", { name: "Search by name or number" });
  // The page takes words as soon as its scripts are there.
  await expect(async () => {
    await search.fill(name);
    await expect(page).toHaveURL(/search=/, { timeout: 2000 });
  }).toPass();
  await page.getByRole("combobox", { name: "Action" }).selectOption("Backup schedules");
  const rows = page.getByRole("table", { name: "Audit log" }).getByRole("row");
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(1)).toContainText("changed a backup schedule");
  await expect(rows.nth(2)).toContainText("created a backup schedule");

  await page.reload();
  await expect(rows).toHaveCount(3);
  await expect(search).toHaveValue(name);
  await rows
    .nth(1)
    .getByRole("button", { name: /^Details of/ })
    .click();
  const change = page.getByRole("table", { name: "What changed" }).getByRole("row").nth(1);
  await expect(change).toHaveText(/Time\s*03:15\s*04:45/);

  const query = `/audit-log?action=schedule&search=${encodeURIComponent(name)}`;
  const listed = (await api<AuditEntryView[]>("readonly", "GET", query)).json;
  expect(listed.map((entry) => entry.action)).toEqual(["schedule.updated", "schedule.created"]);
  const json = await download(page, "Export JSON");
  expect(json.filename).toMatch(/audit log \d{4}-\d\d-\d\d\.json$/);
  expect(JSON.parse(json.text)).toEqual(listed);
  const csv = await download(page, "Export CSV");
  const lines = csv.text.trimEnd().split("\r\n").slice(1);
  expect(lines.map((line) => Number(line.split(",")[0]))).toEqual(listed.map((entry) => entry.id));
  // A spreadsheet must not take the schedule's name for a formula.
  expect(csv.text).toContain(`"'${name}"`);
});

test("who did it and when stand in the address, and are cleared together", async ({ open, makeSchedule }) => {
  const schedule = await makeSchedule();
  const page = await open("readonly");
  await page.goto(`/tenants/${schedule.tenant_id}/audit-log?search=schedule+${schedule.id}`);
  const rows = page.getByRole("table", { name: "Audit log" }).getByRole("row");
  await expect(rows).toHaveCount(2);
  await expect(async () => {
    await page.getByRole("combobox", { name: "Done by" }).selectOption("Any API token");
    await expect(page).toHaveURL(/actor=token/, { timeout: 2000 });
  }).toPass();
  await page.getByRole("combobox", { name: "Time" }).selectOption("Last 24 hours");
  await expect(page).toHaveURL(/actor=token.*range=24h/);
  await expect(rows).toHaveCount(2);
  await page.getByRole("combobox", { name: "Done by" }).selectOption("The service itself");
  await expect(page.getByRole("heading", { name: "No entry matches" })).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page).toHaveURL(/\/audit-log$/);
  await expect(page.getByRole("searchbox", { name: "Search by name or number" })).toHaveValue("");
});

test("readonly and operator see the log and may not take it with them", async ({ open }) => {
  for (const role of ["readonly", "operator"] as const) {
    const page = await open(role);
    await page.goto(`/tenants/${person(role).tenant.id}/audit-log`);
    await expect(page.getByRole("table", { name: "Audit log" })).toBeVisible();
    await expect(page.getByRole("link", { name: /^Export/ })).toHaveCount(0);
    expect((await api(role, "GET", "/audit-log/export.csv")).status).toBe(403);
  }
});

test("an unfolded entry has no fault that axe can find, on a phone too", async ({ open, makeSchedule }) => {
  const schedule = await makeSchedule();
  await api("manager", "PATCH", `/backup-schedules/${schedule.id}`, { time_of_day: "04:45" });
  const page = await open("owner", { reducedMotion: "reduce" });
  await page.goto(`/tenants/${schedule.tenant_id}/audit-log?search=schedule+${schedule.id}&range=dates`);
  for (const button of await page.getByRole("button", { name: /^Details of/ }).all()) await button.click();
  await expect(page.getByRole("table", { name: "What changed" })).toBeVisible();
  const faults = [...(await faultsOf(page, "wide")), ...(await tooWide(page, "audit log"))];
  await page.setViewportSize({ width: 390, height: 900 });
  faults.push(...(await faultsOf(page, "phone")));
  expect(faults).toEqual([]);
});
