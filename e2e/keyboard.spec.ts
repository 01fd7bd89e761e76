import { makeMember, onDatabase } from "./support/administrator.ts";
import { listen } from "./support/announced.ts";
import { api, uniqueName } from "./support/api.ts";
import { expectFocusTrapped, tabTo } from "./support/keyboard.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

test("the main path needs neither mouse nor eyes: sign in, create a schedule, run it, open details, set and policy", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const spoken = await listen(page);
  const content = page.locator("#main");
  const { user, tenant } = person("manager");
  const name = uniqueName("By keyboard");
  const { keyboard } = page;

  await page.goto("/sign-in");
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - main:
      - heading "Sign in" [level=1]
      - text: Email
      - textbox "Email"
      - text: Password
      - textbox "Password"
      - button "Sign in"
  `);
  await tabTo(page, page.getByLabel("Email"));
  await keyboard.type(user.email);
  await tabTo(page, page.getByLabel("Password"));
  await keyboard.type(user.password);
  await keyboard.press("Enter");
  await page.waitForURL(/\/tenants/);

  // The first stop of every page leads past the navigation.
  await page.goto(`/tenants/${tenant.id}`);
  await tabTo(page, page.getByRole("link", { name: "Skip to content" }));
  await keyboard.press("Enter");
  await expect(content).toBeFocused();
  const schedules = page
    .getByRole("navigation", { name: "Tenant" })
    .getByRole("link", { name: "Backup schedules" });
  await tabTo(page, schedules, "Shift+Tab");
  await keyboard.press("Enter");
  // Another page is spoken of, and what led there keeps the focus.
  await expect.poll(spoken).toContain("Backup schedules");
  await expect(schedules).toBeFocused();
  const create = page.getByRole("link", { name: "New schedule" });
  await tabTo(page, create);
  await keyboard.press("Enter");

  await expect(page.getByRole("textbox", { name: "Name" })).toBeEditable();
  await tabTo(page, page.getByRole("textbox", { name: "Name" }));
  await keyboard.type(name);
  // A group of radio buttons is one stop; arrows choose.
  await tabTo(page, page.getByRole("radio", { name: "Daily" }));
  await keyboard.press("ArrowRight");
  await expect(page.getByRole("radio", { name: "Weekly" })).toBeChecked();
  await tabTo(page, page.getByRole("checkbox", { name: "Wednesday" }));
  await keyboard.press("Space");
  await tabTo(page, page.getByRole("textbox", { name: "Time", exact: true }));
  await keyboard.type("0315AM");
  await tabTo(page, page.getByRole("combobox", { name: "Time zone" }));
  await keyboard.type("tokyo");
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await expect(page.getByRole("combobox", { name: "Time zone" })).toHaveValue("Asia/Tokyo");
  await tabTo(page, page.getByRole("button", { name: "Select none" }));
  await keyboard.press("Enter");
  await tabTo(page, page.getByRole("searchbox", { name: "Find a policy type" }), "Shift+Tab");
  await keyboard.type("device compliance");
  await tabTo(page, page.getByRole("checkbox", { name: "Device compliance policies" }));
  await keyboard.press("Space");
  await tabTo(page, page.getByRole("button", { name: "Create schedule" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect.poll(spoken).toContain(`“${name}” is created.`);
  // The button is gone with its form: one goes on at the top of what came.
  await expect(content).toBeFocused();
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - main:
      - link "Backup schedules"
      - heading "${name}" [level=1]
      - button "Run now"
      - link "Edit"
      - button "More actions"
      - term: State
      - definition: Enabled
      - heading "Run history" [level=2]
      - heading "No runs yet" [level=2]
  `);
  const id = Number(page.url().split("/").at(-1));
  await expect(page.getByRole("main")).toContainText("03:15, Asia/Tokyo");

  await tabTo(page, page.getByRole("button", { name: "Run now" }));
  await keyboard.press("Enter");
  const row = page.getByRole("table", { name: "Runs" }).getByRole("row").nth(1);
  await expect(row).toContainText("Success", { timeout: 30_000 });
  const runId = /Run (\d+)/.exec((await row.textContent()) ?? "")?.[1];
  const heard = await spoken();
  expect(heard).toContain(`A run of “${name}” started: run ${runId}`);
  expect(heard.at(-1)).toBe(`Run ${runId}: Success`);
  // Of what moves meanwhile nothing is read out but the state; and each page once.
  expect(heard.filter((words) => words.startsWith("Run ")).length).toBeLessThanOrEqual(3);
  const pages = ["Backup schedules", "New schedule", name];
  expect(heard.filter((words) => pages.includes(words) || words.includes(" · "))).toEqual(pages);
  await tabTo(page, row.getByRole("link").first());
  await keyboard.press("Enter");
  const details = page.getByRole("dialog", { name: `Run ${runId} of ${name}` });
  await expect(details).toMatchAriaSnapshot(`
    - dialog:
      - heading "Run ${runId} of ${name}" [level=2]
      - button
      - status: "Run ${runId}: Success"
      - heading "The run" [level=2]
      - heading "Timeline" [level=2]
      - list:
        - listitem: /^Run now, by .*/
        - listitem: /^Started/
        - listitem: /^Ended. success/
      - heading "By policy type" [level=2]
      - table "Results by policy type"
  `);
  await expectFocusTrapped(page, details);
  await keyboard.press("Escape");
  await expect(details).toHaveCount(0);
  await expect(row.getByRole("link").first()).toBeFocused();

  await keyboard.press("Enter");
  await expect(details).toContainText("Success");
  await tabTo(page, details.getByRole("link", { name: /backup set/i }).first());
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: /backup set/i })).toBeVisible();
  await expect(content).toBeFocused();
  await tabTo(page, page.getByRole("main").getByRole("listitem").getByRole("link").first());
  await keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "About" })).toBeVisible();
  // The radio itself is not painted: its label is.
  await expect(async () => {
    await keyboard.press("Tab");
    await expect(page.getByRole("radio", { name: "Summary" })).toBeFocused({ timeout: 200 });
  }).toPass();
  await keyboard.press("ArrowRight");
  await expect(page.getByLabel("Stored JSON")).toContainText('"id"');
  await api("manager", "DELETE", `/backup-schedules/${id}`);
});

test("menus and dialogs take the focus, keep it, and give it back", async ({ open, makeSchedule }) => {
  const schedule = await makeSchedule();
  const page = await open("manager");
  const spoken = await listen(page);
  const { keyboard } = page;
  await page.goto(`/tenants/${schedule.tenant_id}/backup-schedules?search=${schedule.name}`);
  const row = page.getByRole("row").filter({ hasText: schedule.name });
  const dialog = page.getByRole("dialog");

  const columns = page.getByRole("button", { name: "Choose columns" });
  await tabTo(page, columns);
  await keyboard.press("Enter");
  await expectFocusTrapped(page, dialog);
  await keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(columns).toBeFocused();

  const menu = row.getByRole("button", { name: `Actions for ${schedule.name}` });
  await tabTo(page, menu);
  const remove = page.getByRole("menuitem", { name: "Delete" });
  // A menu can be seen a moment before it has the keyboard.
  const focused = page.getByRole("menuitem").and(page.locator(":focus"));
  await keyboard.press("Enter");
  await expect(focused).toBeVisible();
  await keyboard.press("Escape");
  await expect(remove).toHaveCount(0);
  await expect(menu).toBeFocused();
  await keyboard.press("Enter");
  await expect(focused).toBeVisible();
  await keyboard.press("End");
  await expect(remove).toBeFocused();
  await keyboard.press("Enter");
  await expectFocusTrapped(page, dialog);
  await keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(menu).toBeFocused();

  // Whoever goes on at once, within the moment in which it opens, stays where they went.
  await page.evaluate(() =>
    document.addEventListener(
      "focusin",
      () => [...document.querySelectorAll<HTMLElement>('[role="menuitem"]')].at(-1)?.focus(),
      { once: true },
    ),
  );
  await keyboard.press("Enter");
  await expect(remove).toBeFocused();
  await page.waitForTimeout(300);
  await expect(remove).toBeFocused();
  await keyboard.press("Escape");
  await expect(menu).toBeFocused();

  const bell = page.getByRole("button", { name: /^Notifications/ });
  await tabTo(page, bell, "Shift+Tab");
  await keyboard.press("Enter");
  await expectFocusTrapped(page, dialog);
  await keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(bell).toBeFocused();

  // What opened the dialog goes away with its row.
  await tabTo(page, menu);
  await keyboard.press("Enter");
  await expect(focused).toBeVisible();
  await keyboard.press("End");
  await keyboard.press("Enter");
  await expect(dialog.getByRole("button", { name: "Keep as it is" })).toBeFocused();
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "No schedule matches" })).toBeVisible();
  await expect(page.locator("#main")).toBeFocused();
  await expect.poll(spoken).toContainEqual(expect.stringMatching(/deleted\.$/));
});

test("who asks for older notifications goes on where they were, also when there are no more", async ({
  open,
}) => {
  const { tenant } = person("owner");
  const somebody = await makeMember("operator", tenant.id);
  await onDatabase(
    `INSERT INTO notifications (tenant_id, user_id, kind, title, body)
     SELECT $1, id, 'run.started', 'Run now', 'Run ' || number || ' of a keyboard started'
     FROM users, generate_series(1, 61) number WHERE email = $2`,
    [tenant.id, somebody.email],
  );
  const page = await open(somebody);
  await page.goto(`/tenants/${tenant.id}`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  await page.getByRole("button", { name: /^Notifications/ }).click();
  const panel = page.getByRole("dialog", { name: "Notifications" });
  const entries = panel.getByText(/^Run \d+ of a keyboard started$/);
  const older = panel.getByRole("button", { name: "Show older" });
  await expect(entries).toHaveCount(30);
  await older.press("Enter");
  await expect(entries).toHaveCount(60);
  await expect(older).toBeFocused();
  await older.press("Enter");
  await expect(entries).toHaveCount(61);
  // The button has gone with the last page.
  await expect(older).toHaveCount(0);
  await expect(panel).toBeFocused();
});
