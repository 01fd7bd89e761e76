import type { BackupItemView } from "#lib/sets/schema";
import { api, runOnce, uniqueName } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { go } from "./support/go.ts";
import { person } from "./support/people.ts";
import { demoSetId } from "./support/places.ts";
import { make } from "./support/sandbox.ts";
import { sessionOf } from "./support/session.ts";
import { expect, test } from "./support/test.ts";

const { tenant, user } = person("manager");
const base = `/tenants/${tenant.id}`;

test("who has one tenant begins in it, and has their first backup eight clicks later", async ({ page }) => {
  let clicks = 0;
  const click = async (name: string | RegExp, role: "button" | "link" | "checkbox" = "button") => {
    clicks += 1;
    await page.getByRole(role, { name }).first().click();
  };
  const name = uniqueName("In eight clicks");
  await page.goto("/");
  // A page that is still being read grows, and moves nothing that is there already.
  const heading = page.getByRole("heading", { level: 1 });
  const place = await heading.boundingBox();
  const card = page.getByRole("main").locator("> div");
  await card.evaluate((element) => element.style.setProperty("padding-bottom", "15rem"));
  expect(await heading.boundingBox()).toEqual(place);
  await card.evaluate((element) => element.style.removeProperty("padding-bottom"));
  await page.getByLabel("Email").fill(user.email);
  await page.getByLabel("Password").fill(user.password);
  await click("Sign in");
  await expect(page).toHaveURL(new RegExp(`${base}$`));
  await click("Backup schedules", "link");
  await click("New schedule", "link");
  // The name has the focus: one types at once.
  await expect(page.getByRole("textbox", { name: "Name" })).toBeFocused();
  await page.keyboard.type(name);
  await click("Select none");
  await page.getByRole("searchbox", { name: "Find a policy type" }).fill("conditional");
  await click("Conditional access policies", "checkbox");
  await click("Create schedule");
  await expect(page.getByRole("heading", { name })).toBeVisible();
  await click("Run now");
  const row = page.getByRole("table", { name: "Runs" }).getByRole("row").nth(1);
  await expect(row).toContainText("Success", { timeout: 30_000 });
  expect(clicks).toBeLessThanOrEqual(8);
  await api("manager", "DELETE", `/backup-schedules/${page.url().split("/").at(-1)}`);
});

test("a session that ends loses nothing of a form: one signs in beside it, and saves", async ({
  open,
  tolerate,
}) => {
  tolerate(/status of 401/);
  // In the tenant where other tests change next to nothing: a page that was told of a change while it was still signed in asks
  // for its data anew, and where its session ends within that moment, it is led to the sign-in page.
  const { tenant, user } = person("manager", 1);
  const base = `/tenants/${tenant.id}`;
  const page = await open("manager", { tenant: 1 });
  const context = page.context();
  await page.goto(`${base}/backup-schedules/new`);
  const name = uniqueName("Kept");
  const field = page.getByRole("textbox", { name: "Name" });
  await expect(field).toBeEditable();
  await field.fill(name);
  await context.clearCookies({ name: /session-token/ });
  // Not a click: whatever happens in the tenant, the page may have noticed before, and says so over the form.
  await page.locator("button[type=submit]").dispatchEvent("click");
  const dialog = page.getByRole("dialog", { name: "You are signed out" });
  await expect(dialog).toBeVisible();
  expect(await faultsOf(page, "signed out over a form")).toEqual([]);
  const [beside] = await Promise.all([
    context.waitForEvent("page"),
    dialog.getByRole("button", { name: "Sign in again" }).click(),
  ]);
  await beside.getByLabel("Email").fill(user.email);
  await beside.getByLabel("Password").fill(user.password);
  await beside.getByRole("button", { name: "Sign in" }).click();
  // The tab was opened for this alone: it closes by itself.
  await expect.poll(() => context.pages().length).toBe(1);
  await expect(dialog).toHaveCount(0);
  await expect(field).toHaveValue(name);
  await page.getByRole("button", { name: "Create schedule" }).click();
  await expect(page.getByRole("heading", { name })).toBeVisible();
  const id = page.url().split("/").at(-1);

  // Somebody else may sign in beside it: the page says in whose name it saves from then on.
  await page.getByRole("link", { name: "Edit" }).click();
  await field.fill(`${name} renamed`);
  await context.clearCookies({ name: /session-token/ });
  // The schedule changes meanwhile: the page is told, and does not go to the sign-in page.
  await api("manager", "POST", `/backup-schedules/bulk/disable`, { schedule_ids: [Number(id)] }, 1);
  await expect(dialog).toBeVisible();
  await context.addCookies((await sessionOf("owner", 1)).cookies);
  await expect(page.getByText(/owner@.* is signed in now\. What you save/)).toBeVisible();
  await expect(field).toHaveValue(`${name} renamed`);
  await api("manager", "DELETE", `/backup-schedules/${id}`, undefined, 1);
});

test("nor does it lose what stands in a dialog", async ({ open, makeSchedule, tolerate }) => {
  tolerate(/status of 401/);
  const schedule = await makeSchedule({}, 1);
  const page = await open("owner", { tenant: 1 });
  await page.goto(`/tenants/${schedule.tenant_id}/members`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  await page.getByRole("button", { name: "Invite member" }).click();
  const email = page.getByRole("dialog", { name: "Invite a member" }).getByRole("textbox", { name: "Email" });
  await email.fill("nadia@contoso.example");
  await page.context().clearCookies({ name: /session-token/ });
  // Something changes in the tenant: the page would read itself anew, and go to the sign-in page.
  const change = { name: uniqueName("Renamed meanwhile") };
  await api("manager", "PATCH", `/backup-schedules/${schedule.id}`, change, 1);
  const signedOut = page.getByRole("dialog", { name: "You are signed out" });
  await expect(signedOut).toBeVisible();
  await page.context().addCookies((await sessionOf("owner", 1)).cookies);
  await expect(signedOut).toHaveCount(0);
  await expect(email).toHaveValue("nadia@contoso.example");
});

test("without a network a click waits for it, and the page says so", async ({ open, tolerate }) => {
  tolerate(/ERR_INTERNET_DISCONNECTED/);
  const page = await open("readonly");
  await go(page, `${base}/runs`);
  await page.context().setOffline(true);
  await expect(page.getByText("You are offline.")).toBeVisible();
  await page.getByRole("navigation", { name: "Tenant" }).getByRole("link", { name: "Policies" }).click();
  await page.context().setOffline(false);
  await expect(page.getByRole("heading", { level: 1, name: "Policies" })).toBeVisible();
  await expect(page.getByText("You are offline.")).toHaveCount(0);
});

test("what of an address is not known is said, on every list", async ({ open }) => {
  const page = await open("manager");
  for (const [list, asked] of [
    [`${base}/backup-schedules`, "last_run=failed"],
    [`${base}/runs`, "status=bogus"],
    [`${base}/backup-sets`, "bin=2"],
    [`${base}/backup-sets`, "schedule=bogus"],
    [`${base}/backup-sets/${await demoSetId(0)}/compare`, "change=bogus"],
    [`${base}/policies`, "type=bogus"],
    [`${base}/policies/contents`, "place=bogus"],
    [`${base}/audit-log`, "range=bogus"],
    // Also where there is no baseline yet.
    [`${base}/drift`, "state=bogus"],
    [`${base}/drift`, "kind=bogus"],
    [`${base}/restores`, "status=nonsense"],
    ["/tenants", "show=bogus"],
  ] as const) {
    await go(page, `${list}?${asked}`);
    await expect(page.getByText(`${asked} is left out`), list).toBeVisible();
  }
  await go(page, `${base}/runs?status=failed`);
  await expect(page.getByText("is left out")).toHaveCount(0);
});

test("what is left out of an address filters nothing", async ({ open }) => {
  const page = await open("manager");
  await go(page, `${base}/policies?type=bogus`);
  await expect(page.getByText("type=bogus is left out")).toBeVisible();
  await expect(page.getByRole("table", { name: "Policies" }).getByRole("row").nth(1)).toBeVisible();
});

/** A4 between the margins of app/print.css, in CSS pixels: narrower than what a table needs as one. */
const paper = { width: 688, height: 1016 };

test("on paper there are no controls, and what is folded is unfolded, in any colors; nor is a column left out", async ({
  open,
}) => {
  const page = await open("manager", { colorScheme: "dark", viewport: paper });
  // What a phone leaves out of the tables, as far as there is something to say.
  const leftOut = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('main td[data-phone="hide"]:not(:empty)')]
        .filter((cell) => cell.closest("tr")?.checkVisibility())
        .map((cell) => cell.checkVisibility()),
    );
  const onScreen: boolean[] = [];
  const printed: boolean[] = [];
  for (const path of [
    "",
    "/backup-schedules",
    "/backup-sets",
    "/policies",
    "/runs",
    "/audit-log",
    "/restores",
    `/backup-sets/${await demoSetId(0)}`,
  ]) {
    await go(page, `${base}${path}`);
    onScreen.push(...(await leftOut()));
    await page.emulateMedia({ media: "print" });
    await expect(page.getByRole("banner"), path).toBeHidden();
    await expect(page.getByRole("navigation", { name: "Tenant" }), path).toBeHidden();
    await expect(page.getByRole("main").getByRole("button").filter({ visible: true }), path).toHaveCount(0);
    const ink = await page.evaluate(() => getComputedStyle(document.body).color);
    expect(ink, path).toBe("rgb(0, 0, 0)");
    printed.push(...(await leftOut()));
    await page.emulateMedia({ media: "screen" });
  }
  expect(new Set(onScreen)).toEqual(new Set([false]));
  expect(new Set(printed)).toEqual(new Set([true]));
});

test("a policy is on paper whole, also what a screen cuts of a script, and without what one presses", async ({
  open,
  makeSchedule,
}) => {
  const lines = Array.from({ length: 60 }, (_, n) => `Write-Output "line ${n + 1}"`);
  const id = await make(0, "deviceManagement/deviceManagementScripts", {
    displayName: uniqueName("A long script"),
    scriptContent: Buffer.from(lines.join("\n")).toString("base64"),
    fileName: "long.ps1",
    runAsAccount: "system",
    runAs32Bit: false,
    enforceSignatureCheck: false,
  });
  const schedule = await makeSchedule({ policy_types: ["deviceManagementScript"] });
  const { backup_set_id: setId } = await runOnce(schedule.id);
  const items = `/backup-sets/${setId}/items`;
  const query = "policy_type=deviceManagementScript&limit=200";
  const { json: scripts } = await api<BackupItemView[]>("readonly", "GET", `${items}?${query}`);
  const item = scripts.find(({ graph_id }) => graph_id === id);
  const page = await open("readonly");
  await page.goto(`${base}${items}/${item?.id}`);
  const settings = page.getByRole("region", { name: "Settings" });
  await expect(settings).toContainText('"line 30"');
  await expect(settings).not.toContainText('"line 60"');
  await page.emulateMedia({ media: "print" });
  // As a browser says it before it takes its picture of the page; which may not listen yet when it is there to see.
  await expect(async () => {
    await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
    await expect(settings).toContainText('"line 60"', { timeout: 1_000 });
  }).toPass();
  await expect(page.getByRole("main").getByRole("button").filter({ visible: true })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "History of this policy" })).toBeHidden();
  await expect(page.getByRole("radio", { name: "Summary" })).toBeHidden();
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await expect(settings).not.toContainText('"line 60"');
});

test("a phone shows the overview on three screens, and the rest when asked", async ({ open }) => {
  const page = await open("owner", { viewport: { width: 390, height: 844 } });
  await go(page, base);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  expect(height).toBeLessThanOrEqual(3 * 844);
  await page.getByRole("button", { name: "Storage" }).click();
  await expect(page.getByRole("heading", { name: "Storage" })).toBeVisible();
});

test("the bell offers the kinds that can come to whoever opens it", async ({ open }) => {
  const own = ["Run started", "Run ended", "Several runs started", "Several schedules changed"];
  for (const [role, offered, ...never] of [
    ["operator", own, "Backup failed", "Backup incomplete", "Backup recovered"],
    ["manager", [...own, "Backup failed", "Backup incomplete", "Backup recovered"]],
  ] as const) {
    const page = await open(role);
    await go(page, base);
    await page.getByRole("button", { name: /^Notifications/ }).click();
    const kinds = page.getByRole("combobox", { name: "Kind" }).getByRole("option");
    await expect(kinds.first(), role).toHaveText("Every kind");
    const labels = await kinds.allTextContents();
    expect(labels, role).toEqual(expect.arrayContaining([...offered]));
    for (const label of never) expect(labels, role).not.toContain(label);
  }
});

test("a backup that found nothing does not look like one, until its schedule says that it may be empty", async ({
  open,
  makeSchedule,
}) => {
  // The sandbox never makes any.
  const schedule = await makeSchedule({ policy_types: ["inventoryPolicy"] });
  const { id: runId, backup_set_id: setId } = await runOnce(schedule.id);
  const page = await open("manager");
  const main = page.getByRole("main");
  const path = `${base}/backup-schedules/${schedule.id}`;
  const runs = page.getByRole("table", { name: "Runs" }).getByRole("row");
  await page.goto(`${base}/runs/${runId}`);
  await expect(main).toContainText("is it the right tenant? If that may be so, say it in the schedule.");
  await go(page, `${base}/backup-sets/${setId}`);
  await expect(main.getByText("Holds nothing", { exact: true })).toBeVisible();
  await go(page, path);
  await expect(main).toContainText("Is marked in its runs");
  await expect(runs).toHaveCount(2);
  await expect(runs.nth(1)).toContainText("Nothing found");
  await expect(runs.nth(1)).not.toContainText("Success");

  await page.getByRole("link", { name: "Edit" }).click();
  await expect(page.getByRole("textbox", { name: "Name" })).toBeEditable();
  const mayBeEmpty = page.getByRole("switch", { name: "May be empty" });
  await expect(mayBeEmpty).not.toBeChecked();
  await mayBeEmpty.check();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(main).toContainText("Is as it should be");
  await runOnce(schedule.id);
  // What has been found out stays.
  await expect(runs).toHaveCount(3);
  await expect(runs.nth(1)).toContainText("Success");
  await expect(runs.nth(2)).toContainText("Nothing found");
});
