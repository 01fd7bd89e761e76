import type { Page } from "@playwright/test";
import pg from "pg";
import type { Schedule } from "#lib/schedules/schema";
import type { BackupSetView } from "#lib/sets/schema";
import { api, runOnce, uniqueName } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { demo } from "./support/demo.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

const { tenant } = person("manager");
const list = `/tenants/${tenant.id}/backup-schedules`;

async function openForm(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("textbox", { name: "Name" })).toBeEditable();
}

test("what is wrong is said at its field, by the form and by the server", async ({ open }) => {
  const page = await open("manager");
  await openForm(page, `${list}/new`);
  await expect(page.getByText("A disabled schedule does not run by itself.")).toBeVisible();
  const name = uniqueName("Faulty");
  const save = page.getByRole("button", { name: "Create schedule" });
  await page.getByRole("radio", { name: "Weekly" }).check();
  await page.getByRole("checkbox", { name: "Monday" }).uncheck();
  await page.getByRole("textbox", { name: "Time", exact: true }).fill("half past two");
  await page.getByRole("button", { name: "Select none" }).click();
  await page.getByRole("textbox", { name: "Keep last" }).fill("0");
  await save.click();
  const field = page.getByRole("textbox", { name: "Name" });
  await expect(field).toHaveAccessibleDescription(/Must not be empty/);
  await expect(field).toBeFocused();
  await expect(page.getByText("Choose at least one policy type")).toBeVisible();
  await expect(page.getByText("Choose at least one day")).toBeVisible();
  const time = page.getByRole("textbox", { name: "Time", exact: true });
  await expect(time).toHaveAccessibleDescription(/Enter a time from 00:00 to 23:59/);
  await expect(page.getByText(/Must be at least 1: the newest backup set is always kept/)).toBeVisible();

  await field.fill(name);
  await time.fill("2.30 pm");
  await page.getByRole("checkbox", { name: "Sunday" }).check();
  await expect(time).toHaveValue("14:30");
  await page.getByRole("button", { name: "Select all" }).click();
  await page.getByRole("textbox", { name: "Keep last" }).fill("3");
  await expect(page.getByText(/^(Must|Choose|Enter) /)).toHaveCount(0);

  // Only the server can refuse what the form let through; here on the way to it.
  await page.route("**/backup-schedules/new", async (route) => {
    const body = route.request().postData();
    if (body === null) return route.continue();
    await route.continue({ postData: body.replace('"Europe/Berlin"', '"Europe/Atlantis"') });
  });
  await save.click();
  const zone = page.getByRole("combobox", { name: "Time zone" });
  await expect(zone).toHaveAccessibleDescription(/Is not a known IANA time zone/);
  await expect(zone).toBeFocused();
  await expect(field).toHaveValue(name);
});

test("the zone is found by name and by offset, and the next five runs mention clock changes", async ({
  open,
}) => {
  const page = await open("manager");
  await openForm(page, `${list}/new`);
  const zone = page.getByRole("combobox", { name: "Time zone" });
  const preview = page.getByRole("status", { name: "Next runs" });
  await expect(preview.getByRole("listitem")).toHaveCount(5);
  await zone.click();
  await page.keyboard.type("+5:45");
  await page.getByRole("option", { name: /Asia\/Kat/ }).click();
  await expect(zone).toHaveValue(/Asia\/Kat/);
  await expect(preview).toContainText("UTC+5:45");
  await expect(preview).toContainText("for you");
  await zone.click();
  await page.keyboard.type("new york");
  await expect(page.getByRole("option", { name: /America\/New York/ })).toContainText(/UTC−[45] · \d\d:\d\d/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(zone).toHaveValue("America/New_York");

  // A clock that stands still, in the weeks before summer time begins.
  await page.clock.setFixedTime(new Date("2027-03-05T12:00:00Z"));
  await openForm(page, `${list}/new`);
  await zone.click();
  await page.keyboard.type("berlin");
  await expect(page.getByRole("option", { name: /Europe\/Berlin/ })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  // While the list goes away, a press beside it only closes it.
  await expect(page.getByRole("listbox")).toBeHidden();
  await page.getByRole("radio", { name: "Weekly" }).check();
  await expect(zone).toHaveValue("Europe/Berlin");
  await page.getByRole("checkbox", { name: "Sunday" }).check();
  await page.getByRole("checkbox", { name: "Monday" }).uncheck();
  await page.getByRole("textbox", { name: "Time", exact: true }).fill("02:30");
  await expect(preview.getByRole("listitem").filter({ hasText: "28 Mar 2027" })).toContainText("03:30");
  await expect(preview.getByRole("listitem").filter({ hasText: "28 Mar 2027" })).toContainText(
    /02:30 .* in Europe\/Berlin; runs at 03:30/,
  );
});

test("policy types are chosen by category and by search, and counted", async ({ open }) => {
  const page = await open("manager");
  await openForm(page, `${list}/new`);
  const count = page.getByText(/^\d+ of \d+ selected$/);
  const total = Number((await count.textContent())?.split(" ")[2]);
  expect(total).toBeGreaterThan(30);
  await expect(count).toHaveText(`${total} of ${total} selected`);
  await page.getByRole("button", { name: "Select none" }).click();
  await expect(count).toHaveText(`0 of ${total} selected`);
  await page.getByRole("checkbox", { name: /^Scripts \d of/ }).check();
  const powershell = page.getByRole("checkbox", { name: "PowerShell scripts" });
  await expect(powershell).toHaveCount(0);
  await page.getByRole("button", { name: "Types of Scripts" }).click();
  await expect(powershell).toBeChecked();
  await page.getByRole("searchbox", { name: "Find a policy type" }).fill("conditional");
  await page.getByRole("button", { name: "Select all" }).click();
  await expect(page.getByRole("checkbox", { name: "Conditional access policies" })).toBeChecked();
  await page.getByRole("searchbox", { name: "Find a policy type" }).fill("");
  await expect(count).toHaveText(/^[5-9] of/);
});

test("what is not saved is not lost by a link, by Back or by a reload unless one says so", async ({
  open,
  makeSchedule,
}) => {
  const schedule = await makeSchedule();
  const page = await open("manager");
  const details = `${list}/${schedule.id}`;
  await page.goto(details);
  await page.getByRole("link", { name: "Edit" }).click();
  const name = page.getByRole("textbox", { name: "Name" });
  await expect(name).toBeEditable();
  await name.fill("Half way");
  const dialog = page.getByRole("dialog", { name: "Leave without saving?" });

  await page.getByRole("link", { name: "Audit log" }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Keep as it is" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(name).toHaveValue("Half way");

  // A gesture is what a browser wants to see before it lets a page hold somebody back.
  await name.press("End");
  await page.evaluate(() => window.history.back());
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Keep as it is" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(name).toHaveValue("Half way");
  await expect(page).toHaveURL(/\/edit$/);

  const asked = page.waitForEvent("dialog");
  const reloading = page.reload({ timeout: 1_000 }).catch(() => null);
  const unload = await asked;
  expect(unload.type()).toBe("beforeunload");
  await unload.dismiss();
  await reloading;
  await expect(name).toHaveValue("Half way");

  await name.press("End");
  await page.evaluate(() => window.history.back());
  await dialog.getByRole("button", { name: "Leave without saving" }).click();
  await expect(page).toHaveURL(new RegExp(`${details}$`));
  await expect(page.getByRole("heading", { level: 1, name: schedule.name })).toBeVisible();
});

test("a duplicate starts with everything of the original but its name", async ({ open, makeSchedule }) => {
  const original = await makeSchedule({
    frequency: "weekly",
    days_of_week: [2, 5],
    timezone: "Asia/Tokyo",
    time_of_day: "21:45",
    retention_keep_last: 11,
    retention_keep_monthly: 12,
    missed_run_policy: "skip",
    start_window_minutes: 20,
  });
  const page = await open("manager");
  await page.goto(`${list}?search=${original.name}`);
  await page.getByRole("button", { name: `Actions for ${original.name}` }).click();
  await page.getByRole("menuitem", { name: "Duplicate" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Duplicate schedule" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue(`Copy of ${original.name}`);
  await expect(page.getByRole("checkbox", { name: "Friday" })).toBeChecked();
  await page.getByRole("button", { name: "Create schedule" }).click();
  await expect(page.getByRole("heading", { level: 1, name: `Copy of ${original.name}` })).toBeVisible();
  const id = Number(page.url().split("/").at(-1));
  const { json: copy } = await api<Schedule>("readonly", "GET", `/backup-schedules/${id}`);
  const own = ["id", "name", "created_at", "updated_at", "version", "next_run_at"];
  const rest = (schedule: Schedule) =>
    Object.fromEntries(Object.entries(schedule).filter(([field]) => !own.includes(field)));
  expect(rest(copy)).toEqual(rest(original));
  await api("manager", "DELETE", `/backup-schedules/${id}`);
});

test("keeping fewer sets names those that go before and while saving, and spares the pinned", async ({
  open,
  makeSchedule,
}) => {
  const schedule = await makeSchedule();
  for (let round = 0; round < 4; round++) await runOnce(schedule.id);
  const setsOf = async (bin: boolean) => {
    const query = `schedule_id=${schedule.id}&bin=${bin}`;
    const { json } = await api<BackupSetView[]>("readonly", "GET", `/backup-sets?${query}`);
    return json.map((set) => set.id);
  };
  const [newest, , older, oldest] = await setsOf(false);
  await api("manager", "PUT", `/backup-sets/${oldest}/pin`);

  const page = await open("manager");
  await openForm(page, `${list}/${schedule.id}/edit`);
  const impact = page.getByRole("status").filter({ hasText: "Saving removes" });
  await expect(impact).toHaveCount(0);
  const keep = page.getByRole("textbox", { name: "Keep last" });
  await keep.fill("3");
  await expect(impact).toContainText("Saving removes no backup set: all 4 backup sets stay.");
  await keep.fill("1");
  await expect(impact).toContainText("Saving removes 2 backup sets");
  await expect(impact).toContainText("they go to the bin and can be taken out for 7 days");
  await expect(impact).toContainText(`set ${older} of`);
  await expect(impact).toContainText(`Set ${oldest} of`);
  await expect(impact).toContainText("stays: it is pinned.");

  const save = page.getByRole("button", { name: "Save changes" });
  const dialog = page.getByRole("dialog", { name: "Remove 2 backup sets?" });
  await save.click();
  await expect(dialog).toContainText(`set ${older} of`);
  expect(await faultsOf(page, "removing sets by a rule")).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(save).toBeFocused();
  expect(await setsOf(false)).toHaveLength(4);

  await save.click();
  await dialog.getByRole("button", { name: "Save and remove 2 backup sets" }).click();
  await expect(page.getByRole("heading", { level: 1, name: schedule.name })).toBeVisible();
  await expect.poll(() => setsOf(false), { timeout: 20_000 }).toEqual([newest, oldest]);
  expect(await setsOf(true)).toHaveLength(2);
});

/** As if it had been saved before the newest policy types came. */
async function savedBefore(schedule: Schedule): Promise<void> {
  const client = new pg.Client(demo().database_url);
  await client.connect();
  try {
    await client.query("UPDATE backup_schedules SET catalog_revision = 1 WHERE id = $1", [schedule.id]);
  } finally {
    await client.end();
  }
}

test("policy types that are new since a schedule was saved are offered, and taken or left out with one click", async ({
  open,
  makeSchedule,
}) => {
  const schedule = await makeSchedule({ policy_types: ["settingsCatalogPolicy"] });
  await savedBefore(schedule);
  const stored = async () => (await api<Schedule>("manager", "GET", `/backup-schedules/${schedule.id}`)).json;
  const page = await open("manager");
  const edit = `${list}/${schedule.id}/edit`;
  await openForm(page, edit);
  const news = page.getByRole("region", { name: "New policy types" });
  await expect(news).toContainText(/\d+ policy types are new since you saved this/);
  await news.getByText("Which?").click();
  await expect(news).toContainText("Windows Hello for Business");

  await news.getByRole("button", { name: "Leave them out" }).click();
  await expect(news).toHaveCount(0);
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("heading", { level: 1, name: schedule.name, exact: true })).toBeVisible();
  expect((await stored()).policy_types).toEqual(["settingsCatalogPolicy"]);
  await openForm(page, edit);
  await expect(news).toHaveCount(0);

  await savedBefore(schedule);
  await openForm(page, edit);
  await news.getByRole("button", { name: "Add them" }).click();
  await expect(news).toHaveCount(0);
  await expect(page.getByRole("checkbox", { name: "Windows Hello for Business" })).toBeChecked();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("heading", { level: 1, name: schedule.name, exact: true })).toBeVisible();
  expect((await stored()).policy_types).toContain("windowsHelloForBusiness");
});
