import AxeBuilder from "@axe-core/playwright";
import { signIn } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

const paths = [
  "",
  "/backup-schedules",
  "/backup-schedules/new",
  "/backup-schedules/1",
  "/runs",
  "/runs/1",
  "/backup-sets",
  "/backup-sets/1",
  "/audit-log",
  "/members",
  "/api-tokens",
  "/connection",
];

for (const colorScheme of ["light", "dark"] as const) {
  test(`no page has an accessibility fault that axe can find (${colorScheme})`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.goto("/sign-in");
    const faults: string[] = [];
    const check = async (path: string) => {
      await expect(page).toHaveTitle(/TenantPilot/);
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const violation of violations) {
        faults.push(
          `${path}: ${violation.id} at ${violation.nodes.map((node) => node.target.join(" ")).join(", ")}`,
        );
      }
    };
    await check("/sign-in");
    const tenant = await signIn(page, "owner");
    await check("/tenants");
    for (const path of paths) {
      await page.goto(`/tenants/${tenant.id}${path}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await check(path);
    }
    expect(faults).toEqual([]);
  });
}

test("on a phone no page is wider than its screen", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const tenant = await signIn(page, "owner");
  const wide: string[] = [];
  for (const path of paths) {
    await page.goto(`/tenants/${tenant.id}${path}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (overflow > 0) wide.push(`${path}: ${overflow} px too wide`);
  }
  expect(wide).toEqual([]);
});
