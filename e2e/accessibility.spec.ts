import type { Page } from "@playwright/test";
import { makeAdministrator } from "./support/administrator.ts";
import { api, uniqueName } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { go } from "./support/go.ts";
import { administratorPages, everyPage, makePlaces, type Places } from "./support/places.ts";
import { expect, test } from "./support/test.ts";

let places: Places;
test.beforeAll(async () => {
  places = await makePlaces();
});
test.afterAll(async () => {
  await api("manager", "DELETE", `/backup-schedules/${places.schedule.id}`);
});

const wideAndStill = { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" } as const;

/** Opens the tables of a page's charts: they are part of it. */
async function unfold(page: Page): Promise<void> {
  const folded = page
    .locator("details:not([open])")
    .getByText("Show as table", { exact: true })
    .filter({ visible: true });
  while ((await folded.count()) > 0) await folded.first().click();
}

test("no page has a fault that axe can find, or is wider than its screen", async ({ open }) => {
  test.setTimeout(300_000);
  const faults: string[] = [];
  const walk = async (page: Page, paths: readonly string[]) => {
    for (const path of paths) {
      // In one document: to bring axe into another one, and to warm it up there, takes longer than what it does there.
      await go(page, path);
      await expect(page, path).toHaveTitle(/TenantPilot/);
      await unfold(page);
      faults.push(...(await faultsOf(page, path)), ...(await tooWide(page, path)));
    }
  };
  // Of two tenants: the comparison of tenants needs both.
  await walk(await open("provider", wideAndStill), everyPage(places));
  await walk(await open(await makeAdministrator(), wideAndStill), administratorPages);
  expect(faults).toEqual([]);
});

test("what opens over a page has no fault that axe can find either", async ({ open }) => {
  test.setTimeout(180_000);
  const page = await open("owner", wideAndStill);
  const { schedule } = places;
  const list = `/tenants/${schedule.tenant_id}/backup-schedules`;
  const found = `${list}?search=${encodeURIComponent(schedule.name)}`;
  const button = (name: string | RegExp) => page.getByRole("button", { name });
  const dialog = page.getByRole("dialog");
  const webhook = { kind: "webhook", name: uniqueName("Looked at"), url: "https://desk.invalid/hook" };
  const { json: target } = await api<{ id: number }>("manager", "POST", "/alert-targets", webhook);
  const overlays: [what: string, path: string, open: () => Promise<void>][] = [
    [
      "menu of a row",
      found,
      async () => {
        await button(`Actions for ${schedule.name}`).click();
        await expect(page.getByRole("menuitem", { name: "Delete" })).toBeVisible();
      },
    ],
    [
      "bulk dialog",
      found,
      async () => {
        await page.getByRole("checkbox", { name: `Select ${schedule.name}` }).check();
        await button("Delete").click();
        await expect(dialog).toBeVisible();
      },
    ],
    [
      "columns",
      found,
      async () => {
        await button("Choose columns").click();
        await expect(dialog).toBeVisible();
      },
    ],
    [
      "notifications",
      found,
      async () => {
        await button(/^Notifications/).click();
        await expect(dialog.getByRole("heading").first()).toBeVisible();
      },
    ],
    [
      "account",
      found,
      async () => {
        await button(/^Account of/).click();
        await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeVisible();
      },
    ],
    [
      "command palette",
      found,
      async () => {
        await page.keyboard.press("Control+K");
        await expect(page.getByRole("group", { name: "Newest runs" })).toBeVisible();
      },
    ],
    [
      "shortcuts",
      found,
      async () => {
        await page.keyboard.press("Shift+?");
        await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
      },
    ],
    [
      "menu of a schedule",
      `${list}/${schedule.id}`,
      async () => {
        await button("More actions").click();
        await expect(page.getByRole("menuitem", { name: "Delete" })).toBeVisible();
      },
    ],
    [
      "run details",
      `${list}/${schedule.id}`,
      async () => {
        await page.getByRole("table", { name: "Runs" }).getByRole("link").first().click();
        await expect(dialog).toContainText("Success");
      },
    ],
    [
      "documentation",
      `/tenants/${schedule.tenant_id}/backup-sets/${places.set.id}`,
      async () => {
        await button("Document…").click();
        const since = dialog.getByRole("combobox", { name: "Changes since" });
        // Any set of the schedule, not only the one before.
        await expect(
          since.getByRole("option", { name: new RegExp(`^Set ${places.olderSetId},`) }),
        ).toBeAttached();
        await since.selectOption(String(places.olderSetId));
        await expect(dialog.locator("input[name=since_set_id]")).toHaveValue(String(places.olderSetId));
      },
    ],
    [
      "menu of a set",
      `/tenants/${schedule.tenant_id}/backup-sets/${places.set.id}`,
      async () => {
        await button("More actions").click();
        await expect(page.getByRole("menuitem", { name: /^Remove/ })).toBeVisible();
      },
    ],
    [
      "baseline",
      `/tenants/${schedule.tenant_id}/backup-sets/${places.set.id}`,
      async () => {
        await button("Make it the baseline…").click();
        await expect(dialog).toContainText("what the tenant shall look like");
      },
    ],
    [
      "a policy over its set",
      `/tenants/${schedule.tenant_id}/backup-sets/${places.set.id}`,
      async () => {
        await page
          .getByRole("main")
          .getByRole("link", { name: places.item.display_name, exact: true })
          .first()
          .click();
        await expect(dialog.getByText("JSON", { exact: true })).toBeVisible();
      },
    ],
    [
      "restore",
      `/tenants/${schedule.tenant_id}/backup-sets/${places.set.id}`,
      async () => {
        const name = `Choose ${places.item.display_name}`;
        await page.getByRole("checkbox", { name, exact: true }).first().check();
        await button("Restore policies…").click();
        await expect(dialog.getByRole("button").first()).toBeVisible();
      },
    ],
    [
      "discarding a plan",
      `/tenants/${schedule.tenant_id}/restores/${places.restoreId}`,
      async () => {
        await button("Discard").click();
        await expect(dialog).toContainText("nobody can carry it out any more");
      },
    ],
    [
      "verification of all sets",
      `/tenants/${schedule.tenant_id}/backup-sets`,
      async () => {
        await button("Verify all").click();
        await expect(dialog).toContainText("Every kept set is read back in full");
      },
    ],
    [
      "new token",
      `/tenants/${schedule.tenant_id}/api-tokens`,
      async () => {
        await button("New token").click();
        await expect(dialog.getByRole("textbox", { name: "Name" })).toBeVisible();
      },
    ],
    [
      "alert target",
      `/tenants/${schedule.tenant_id}/alerts`,
      async () => {
        await button(`Edit…: ${webhook.name}`).click();
        await expect(dialog.getByRole("textbox", { name: "Address" })).toBeVisible();
      },
    ],
    [
      "time zones",
      `${list}/new`,
      async () => {
        await page.getByRole("combobox", { name: "Time zone" }).click();
        await expect(page.getByRole("option").first()).toBeVisible();
      },
    ],
    [
      "faults in the form",
      `${list}/new`,
      async () => {
        await button("Select none").click();
        await button("Create schedule").click();
        await expect(page.getByText("Must not be empty")).toBeVisible();
      },
    ],
    [
      "leaving the form",
      `${list}/${schedule.id}/edit`,
      async () => {
        await expect(page.getByRole("textbox", { name: "Name" })).toBeEditable();
        await page.getByRole("textbox", { name: "Keep last" }).fill("1");
        await expect(page.getByText(/^Saving removes/)).toBeVisible();
        await page.getByRole("link", { name: "Audit log" }).click();
        await expect(dialog).toBeVisible();
      },
    ],
  ];
  const faults: string[] = [];
  let shown = "";
  for (const [what, path, openIt] of overlays) {
    if (path !== shown) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.locator("[data-live=open]")).toBeAttached();
      shown = path;
    }
    await openIt();
    faults.push(...(await faultsOf(page, what)));
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
  }
  await api("manager", "DELETE", `/alert-targets/${target.id}`);
  expect(faults).toEqual([]);
});

test("nor have the pages for those who are not signed in, or look for what is not there", async ({
  page,
  open,
  tolerate,
}) => {
  test.setTimeout(120_000);
  tolerate(/status of 404/);
  await page.goto("/sign-in");
  await expect(page.getByLabel("Email")).toBeVisible();
  const faults = [...(await faultsOf(page, "/sign-in")), ...(await tooWide(page, "/sign-in"))];
  const inside = await open("readonly", wideAndStill);
  const tenant = `/tenants/${places.schedule.tenant_id}`;
  for (const path of [`${tenant}/runs/999999999`, `${tenant}/nowhere`, "/nowhere", `${tenant}/api-tokens`]) {
    await go(inside, path);
    await expect(inside, path).toHaveTitle(/TenantPilot/);
    faults.push(...(await faultsOf(inside, path)), ...(await tooWide(inside, path)));
  }
  expect(faults).toEqual([]);
});
