import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { api } from "./support/api.ts";
import { everyPage, makePlaces, type Places } from "./support/places.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ mode: "parallel" });

let places: Places;
test.beforeAll(async () => {
  places = await makePlaces();
});
test.afterAll(async () => {
  await api("manager", "DELETE", `/backup-schedules/${places.schedule.id}`);
});

const schemes = ["light", "dark"] as const;
/** From a phone to a wide screen, in CSS pixels. */
const widths = [390, 768, 1440, 2560];
/** The pages are looked at in so many tests, which may run beside each other. */
const shares = 3;

async function faultsOf(page: Page, what: string, colorScheme: "light" | "dark"): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  // The title is waited for and looked at apart; a page that is refreshed while axe looks may have none for a moment.
  // The dark page is the light one in other colours.
  if (colorScheme === "light") axe.disableRules("document-title");
  else axe.withRules(["color-contrast", "link-in-text-block"]);
  const { violations } = await axe.analyze();
  return violations.map(
    ({ id, nodes }) => `${what}: ${id} at ${nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
}

async function overflowOf(page: Page, what: string): Promise<string[]> {
  const wide: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    // What scripts lay out follows a moment later.
    const fits = page.waitForFunction(
      () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
      null,
      { timeout: 5_000 },
    );
    await fits.catch(() => wide.push(`${what}: too wide at ${width} px`));
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  return wide;
}

/** Waits for what moves or fades in: half way there, contrast is not what it will be. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter((animation) => animation.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
    await Promise.all(ending.map((animation) => animation.finished.catch(() => null)));
  });
}

for (const colorScheme of schemes) {
  for (let share = 0; share < shares; share++) {
    test(`no page has a fault that axe can find, or is wider than its screen (${colorScheme}, ${share + 1} of ${shares})`, async ({
      open,
    }) => {
      test.setTimeout(180_000);
      // Of two tenants: the comparison of tenants needs both.
      const page = await open("provider", { colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width: 1440, height: 900 });
      const faults: string[] = [];
      for (const path of everyPage(places).filter((_, index) => index % shares === share)) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 }), path).toBeVisible();
        await expect(page, path).toHaveTitle(/TenantPilot/);
        faults.push(...(await faultsOf(page, path, colorScheme)));
        // Colours change nothing about what is where.
        if (colorScheme === "light") faults.push(...(await overflowOf(page, path)));
      }
      expect(faults).toEqual([]);
    });
  }

  test(`what opens over a page has no fault that axe can find either (${colorScheme})`, async ({ open }) => {
    test.setTimeout(180_000);
    const page = await open("owner", { colorScheme, reducedMotion: "reduce" });
    const { schedule } = places;
    const list = `/tenants/${schedule.tenant_id}/backup-schedules`;
    const found = `${list}?search=${encodeURIComponent(schedule.name)}`;
    const button = (name: string | RegExp) => page.getByRole("button", { name });
    const dialog = page.getByRole("dialog");
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
          await expect(dialog).toBeVisible();
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
          await expect(dialog).toBeVisible();
        },
      ],
      [
        "shortcuts",
        found,
        async () => {
          await page.keyboard.press("Shift+?");
          await expect(dialog).toBeVisible();
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
      await settle(page);
      faults.push(...(await faultsOf(page, what, colorScheme)));
      await page.keyboard.press("Escape");
      await expect(dialog).toHaveCount(0);
    }
    expect(faults).toEqual([]);
  });

  test(`nor have the pages for those who are not signed in, or look for what is not there (${colorScheme})`, async ({
    page,
    open,
    tolerate,
  }) => {
    test.setTimeout(180_000);
    tolerate(/status of 404/);
    await page.emulateMedia({ colorScheme });
    await page.goto("/sign-in");
    await expect(page.getByLabel("Email")).toBeVisible();
    const faults = [
      ...(await faultsOf(page, "/sign-in", colorScheme)),
      ...(await overflowOf(page, "/sign-in")),
    ];
    const inside = await open("readonly", { colorScheme });
    const tenant = `/tenants/${places.schedule.tenant_id}`;
    for (const path of [
      `${tenant}/runs/999999999`,
      `${tenant}/nowhere`,
      "/nowhere",
      `${tenant}/api-tokens`,
    ]) {
      await inside.goto(path);
      await expect(inside.getByRole("heading", { level: 1 }), path).toBeVisible();
      await expect(inside, path).toHaveTitle(/TenantPilot/);
      faults.push(...(await faultsOf(inside, path, colorScheme)), ...(await overflowOf(inside, path)));
    }
    expect(faults).toEqual([]);
  });
}
