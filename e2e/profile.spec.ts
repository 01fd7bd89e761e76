import type { BrowserContext, Page } from "@playwright/test";
import { makeMember } from "./support/administrator.ts";
import { uniqueName } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { person } from "./support/people.ts";
import { newSession } from "./support/session.ts";
import { expect, test } from "./support/test.ts";

const { tenant } = person("owner");

async function enter(page: Page, email: string, password: string) {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function changePassword(page: Page, current: string, next: string, button: string) {
  const form = page.getByRole("form", { name: "Change password" });
  await form.getByLabel("Current password").fill(current);
  await form.getByLabel("New password", { exact: true }).fill(next);
  await form.getByLabel("New password again").fill(next);
  await form.getByRole("button", { name: button }).click();
}

test("a change of the password ends all other sessions", async ({ open, tolerate }) => {
  // The live updates of a page whose session ends are refused.
  tolerate(/status of 401/);
  const member = await makeMember("manager", tenant.id);
  const here = await open(member);
  const elsewhere = await open(null);
  await enter(elsewhere, member.email, "not her password");
  await expect(elsewhere.getByRole("alert").first()).toContainText(/wrong/i);
  await enter(elsewhere, member.email, member.password);
  await expect(elsewhere).toHaveURL(/\/tenants/);

  await here.goto("/profile");
  await expect(here.getByText("Paula Person")).toBeVisible();
  await expect(here.getByRole("list", { name: "Your tenants and roles" })).toContainText("manager");
  await changePassword(here, "not my password", "another sentence altogether", "Change password");
  await expect(here.getByText("Is not your current password")).toBeVisible();
  await changePassword(here, member.password, "another sentence altogether", "Change password");
  await expect(here.getByText(/All your other sessions have ended/)).toBeVisible();
  await here.goto("/tenants");
  await expect(here).toHaveURL(/\/tenants/);
  await elsewhere.goto("/tenants");
  await expect(elsewhere).toHaveURL(/\/sign-in/);

  const owner = await open("owner");
  await owner.goto(`/tenants/${tenant.id}/audit-log`);
  await expect(owner.getByRole("main")).toContainText("changed their password");
});

test("one sees where one is signed in and ends it there; a cookie that was kept is of no use after signing out", async ({
  open,
  tolerate,
}) => {
  tolerate(/status of 401/);
  const member = await makeMember("manager", tenant.id);
  const here = await open(null);
  await enter(here, member.email, member.password);
  await expect(here).toHaveURL(/\/tenants/);
  const elsewhere = await open(member);
  const live = elsewhere.locator("[data-live]");
  await elsewhere.goto(`/tenants/${tenant.id}`);
  await expect(live).toHaveAttribute("data-live", "open");

  await here.goto("/profile");
  const sessions = here.getByRole("list", { name: "Where you are signed in" }).getByRole("listitem");
  await expect(sessions).toHaveCount(2);
  await expect(sessions.first()).toContainText("This device");
  await expect(sessions.first()).toContainText(/Chrome on .*From (127\.0\.0\.1|::1), last seen/s);
  await sessions.nth(1).getByRole("button", { name: "End" }).click();
  await expect(sessions).toHaveCount(1);
  await expect(here.getByRole("button", { name: "Sign out everywhere else" })).toHaveCount(0);
  // The open page is told by the end of its stream.
  await expect(elsewhere).toHaveURL(/\/sign-in/);

  const kept = await here.context().cookies();
  const asks = async () => (await here.request.get("/api/tenants")).status();
  expect(await asks()).toBe(200);
  const { csrfToken } = await (await here.request.get("/api/auth/csrf")).json();
  await here.request.post("/api/auth/signout", { form: { csrfToken, json: "true" } });
  await here.context().addCookies(kept);
  expect(await asks()).toBe(401);
});

test.describe("a person whom only these tests know", () => {
  let session: Awaited<ReturnType<BrowserContext["storageState"]>> | undefined;

  test.beforeAll(async () => {
    session = await newSession(await makeMember("manager", tenant.id));
  });
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures it needs from the pattern
  test.use({ storageState: async ({}, use) => use(session) });

  test("who does not want a kind of notification gets none of it, from then on", async ({
    page,
    makeSchedule,
  }) => {
    const [quiet, told] = [
      await makeSchedule({ name: uniqueName("Quiet") }),
      await makeSchedule({ name: uniqueName("Told") }),
    ];
    const wish = page.getByRole("switch", { name: "Run started" });
    const runNow = async (id: number) => {
      await page.goto(`/tenants/${tenant.id}/backup-schedules/${id}`);
      await page.getByRole("button", { name: "Run now" }).click();
      await expect(page.getByRole("table", { name: "Runs" }).getByRole("row").nth(1)).toBeVisible();
    };
    await page.goto("/profile");
    // Of the end of a run they hear nothing at all.
    await page.getByRole("switch", { name: /^Run ended/ }).uncheck();
    await wish.uncheck();
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await page.reload();
    await expect(wish).not.toBeChecked();
    await runNow(quiet.id);
    await page.goto("/profile");
    await wish.check();
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await page.reload();
    await expect(wish).toBeChecked();
    await runNow(told.id);
    await page.getByRole("button", { name: /^Notifications/ }).click();
    const panel = page.getByRole("dialog", { name: "Notifications" });
    await expect(panel.getByText(told.name)).toBeVisible();
    await expect(panel.getByRole("heading", { name: "Today" })).toBeVisible();
    await expect(panel.getByText(quiet.name)).toHaveCount(0);
    await panel.getByRole("combobox", { name: "Kind" }).selectOption("Several schedules changed");
    await expect(panel.getByText("Nothing like this")).toBeVisible();
    await panel.getByRole("combobox", { name: "Kind" }).selectOption("Every kind");
    await panel.getByText(/^Unread/).click();
    await expect(panel.getByText(told.name)).toBeVisible();
    await panel.getByRole("button", { name: "Mark all as read" }).click();
    await expect(panel.getByText(told.name)).toHaveCount(0);
  });

  test("single keys can be turned off, a time zone and a clock chosen, and all stay", async ({ page }) => {
    await page.goto("/profile");
    await page.getByRole("switch", { name: "Shortcuts of single keys" }).uncheck();
    await page.getByRole("combobox", { name: "Time zone" }).fill("Tokyo");
    const tokyo = page.getByRole("option", { name: "Asia/Tokyo" });
    await expect(tokyo).toBeVisible();
    expect(await faultsOf(page, "time zones of the profile")).toEqual([]);
    await tokyo.click();
    await expect(page.getByText(/Times are shown in Asia/)).toBeVisible();
    await page.getByRole("radiogroup", { name: "Clock" }).getByText("2:30 pm").click();
    await expect(page.getByText(/now \d{1,2}:\d\d [ap]m,/)).toBeVisible();
    await expect(page.getByText("Saved", { exact: true })).toHaveCount(2);
    await page.reload();
    await expect(page.getByRole("switch", { name: "Shortcuts of single keys" })).not.toBeChecked();
    await expect(page.getByText(/Times are shown in Asia/)).toBeVisible();

    await page.goto(`/tenants/${tenant.id}/audit-log`);
    await expect(page.locator("[data-live=open]")).toBeAttached();
    await expect(page.getByRole("main")).toContainText(/, \d{1,2}:\d\d [ap]m UTC\+9/);
    await page.keyboard.press("?");
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("dialog")).toHaveCount(1);
    await expect(page.getByRole("combobox", { name: "Search or jump" })).toBeFocused();
    await expect(page).toHaveURL(/\/audit-log$/);
  });
});
