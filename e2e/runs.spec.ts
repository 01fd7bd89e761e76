import type { Run } from "#lib/runs/schema";
import { api, runOnce } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { misbehave } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

test.use({ timezoneId: "Europe/Berlin" });

/** Policy types that no other test captures, so that Graph may misbehave for them. */
const ownTypes = { policy_types: ["deviceShellScript"], include_foundations: false };
const ownScripts = "deviceManagement/deviceShellScripts/**";

test("filters stand in the address: a reload and a shared link show the same runs, of a deleted schedule too", async ({
  open,
  makeSchedule,
}) => {
  const schedule = await makeSchedule();
  const [first, second] = [await runOnce(schedule.id), await runOnce(schedule.id)];
  await api("manager", "DELETE", `/backup-schedules/${schedule.id}`);

  const page = await open("readonly");
  const path = `/tenants/${schedule.tenant_id}/runs`;
  await page.goto(path);
  const rows = page.getByRole("table", { name: "Runs" }).getByRole("row");
  const schedules = page.getByRole("combobox", { name: "Schedule" });
  const found = page.getByRole("option", { name: `${schedule.name} (deleted)` });
  // The page takes words as soon as its scripts are there.
  await expect(async () => {
    await schedules.fill(schedule.name);
    await expect(found).toBeVisible({ timeout: 3000 });
  }).toPass();
  expect(await faultsOf(page, "schedules of the runs")).toEqual([]);
  await found.click();
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(1)).toContainText(`run ${second.id}`);
  await expect(page).toHaveURL(new RegExp(`\\?schedule=${schedule.id}$`));
  await expect(schedules).toBeFocused();
  // What is cleared stays so with the next filter.
  await page.getByRole("link", { name: "Clear filters" }).press("Enter");
  await expect(page).toHaveURL(new RegExp(`${path}$`));
  await expect(page.locator("#main")).toBeFocused();
  await page.getByRole("combobox", { name: "Status" }).selectOption("Failed");
  await expect(page).toHaveURL(/\?status=failed$/);
  await page.getByRole("combobox", { name: "Status" }).selectOption("Any status");
  await schedules.fill(schedule.name);
  await found.click();
  await expect(rows).toHaveCount(3);
  await expect(page).toHaveURL(new RegExp(`\\?schedule=${schedule.id}$`));

  await page.getByRole("combobox", { name: "Status" }).selectOption("Success");
  await page.getByRole("combobox", { name: "Started by" }).selectOption("Run now");
  await page.getByRole("combobox", { name: "Time" }).selectOption("Dates…");
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Berlin" }).format(
    new Date(first.scheduled_for),
  );
  // One right after the other: neither undoes the other.
  await page.getByLabel("From", { exact: true }).fill(day);
  await page.getByLabel("To", { exact: true }).fill("2199-12-31");
  await expect(page).toHaveURL(new RegExp(`from=${day}.*to=2199-12-31`));
  await page.getByLabel("To", { exact: true }).fill("");
  await expect(page).toHaveURL(new RegExp(`from=${day}.*zone=Europe%2FBerlin$`));
  // What the days mean is said with the zone.
  await expect(page.getByText(/^Due from .* 00:00 UTC\+[12] \(Europe\/Berlin\)$/)).toBeVisible();
  await expect(rows).toHaveCount(3);

  await page.reload();
  await expect(rows).toHaveCount(3);
  await expect(schedules).toHaveValue(`${schedule.name} (deleted)`);
  await expect(page.getByRole("combobox", { name: "Status" })).toHaveValue("success");
  await expect(page.getByRole("combobox", { name: "Started by" })).toHaveValue("manual");
  await expect(page.getByLabel("From", { exact: true })).toHaveValue(day);

  const abroad = await open("readonly", { timezoneId: "Pacific/Auckland" });
  await abroad.goto(page.url());
  await expect(abroad.getByText(/^Due from .* 00:00 UTC\+[12] \(Europe\/Berlin\)$/)).toBeVisible();
  await expect(abroad.getByRole("table", { name: "Runs" }).getByRole("row")).toHaveCount(3);

  await page.getByRole("combobox", { name: "Status" }).selectOption("Queued");
  await expect(page.getByRole("heading", { name: "No run matches" })).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page).toHaveURL(new RegExp(`${path}$`));
  await expect(schedules).toHaveValue("");
});

test("an operator cancels a run: the words say what is lost, and it makes no backup set", async ({
  open,
  makeSchedule,
}) => {
  const schedule = await makeSchedule(ownTypes);
  const slow = await misbehave(ownScripts, { kind: "latency", ms: 30_000 });
  try {
    const started = await api<Run>("operator", "POST", `/backup-schedules/${schedule.id}/run-now`);
    const page = await open("operator");
    await page.goto(`/tenants/${schedule.tenant_id}/runs/${started.json.id}`);
    await page.getByRole("button", { name: "Cancel" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel this run?" });
    await expect(dialog).toContainText("it makes no backup set");
    expect(await faultsOf(page, "canceling a run")).toEqual([]);
    await dialog.getByRole("button", { name: "Cancel the run" }).click();
    await expect(page.getByText(/^Ended: canceled$/)).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole("main")).toContainText("no backup set was made");
    await expect(page.getByRole("button", { name: "Cancel" })).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Retry" })).toBeVisible();
  } finally {
    await slow.heal();
  }
});

test.describe("a run that lacks something", () => {
  let partial: Run;

  test.beforeAll(async () => {
    const wish = {
      ...ownTypes,
      name: `Partial ${Date.now()}`,
      timezone: "UTC",
      frequency: "daily",
      time_of_day: "03:15",
    };
    const { json } = await api<{ id: number }>("manager", "POST", "/backup-schedules", {
      ...wish,
      policy_types: ["deviceShellScript", "windowsDriverUpdateProfile"],
    });
    const denied = await misbehave(ownScripts, { kind: "permissionRevoked" });
    try {
      partial = await runOnce(json.id);
    } finally {
      await denied.heal();
      await api("manager", "DELETE", `/backup-schedules/${json.id}`);
    }
  });

  test("names code, meaning, remedy and Graph's request id, and leads to the explanation", async ({
    open,
  }) => {
    expect(partial).toMatchObject({ status: "partial", error_code: "PERMISSION_MISSING" });
    const page = await open("operator");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto(`/tenants/${partial.tenant_id}/runs/${partial.id}`);
    const error = page.getByRole("region", { name: "Permission missing" });
    await expect(error).toContainText("Grant the named permission with admin consent");
    await error.getByRole("button", { name: "Copy request id of Shell scripts" }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe(partial.summary.types?.deviceShellScript?.request_id);

    await error.getByRole("link", { name: "PERMISSION_MISSING" }).click();
    await expect(page).toHaveURL(/\/help\/error-codes#PERMISSION_MISSING$/);
    await expect(page.getByRole("heading", { name: /^Permission missing/ })).toBeInViewport();
  });

  test("is a report on paper: black on white, where it is from, and nothing to press", async ({ open }) => {
    const page = await open("operator", { colorScheme: "dark" });
    await page.goto(`/tenants/${partial.tenant_id}/runs/${partial.id}`);
    await expect(page.getByRole("button", { name: "Print" })).toBeVisible();
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const hidden of [
      page.getByRole("navigation"),
      page.getByRole("banner").first(),
      page.getByRole("button"),
      page.getByRole("link", { name: "Runs" }),
    ]) {
      await expect(hidden.filter({ visible: true })).toHaveCount(0);
    }
    await expect(page.getByText(page.url(), { exact: true })).toBeVisible();
    await expect(page.getByText(/^Printed .* UTC/)).toBeVisible();
    await expect(page.getByText("Shell scripts").first()).toBeVisible();
    const colors = await page.evaluate(() => {
      const style = getComputedStyle(document.body);
      return [style.color, style.backgroundColor];
    });
    expect(colors).toEqual(["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
  });

  test("has no fault that axe can find, and fits a phone, as has the list with all filters", async ({
    open,
  }) => {
    const page = await open("operator", { reducedMotion: "reduce" });
    const runs = `/tenants/${partial.tenant_id}/runs`;
    const faults: string[] = [];
    for (const path of [`${runs}/${partial.id}`, `${runs}?status=partial&range=dates&from=2026-01-01`]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      faults.push(...(await faultsOf(page, path)), ...(await tooWide(page, path)));
      await page.setViewportSize({ width: 390, height: 900 });
      faults.push(...(await faultsOf(page, `${path} on a phone`)));
      await page.setViewportSize({ width: 1280, height: 900 });
    }
    expect(faults).toEqual([]);
  });

  test("may be looked at by readonly, who can neither retry nor cancel", async ({ open }) => {
    const page = await open("readonly");
    await page.goto(`/tenants/${partial.tenant_id}/runs/${partial.id}`);
    await expect(page.getByRole("button", { name: "Print" })).toBeVisible();
    await expect(page.getByRole("button", { name: /^(Retry|Cancel)$/ })).toHaveCount(0);
  });
});

test("the error codes are explained to whoever asks, signed in or not", async ({ page }) => {
  await page.goto("/help/error-codes#WORKER_LOST");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Error codes of runs");
  await expect(page.getByRole("heading", { name: /^Worker stopped/ })).toBeInViewport();
  await page.getByRole("link", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});
