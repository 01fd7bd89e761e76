import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const schemes = ["light", "dark"] as const;

/** What depends on colors: the rest of what axe looks at is the same in light and in dark. */
const colorRules = ["color-contrast", "link-in-text-block"];

/**
 * What axe finds wrong with a page as it stands, in light and in dark. It looks at everything in the colors in which
 * the page is, and at what depends on colors in the other ones. The page stays in those: whoever looks at one page
 * after the other loads every second one in dark.
 * @param what names the page or its state in what is found
 */
export async function faultsOf(page: Page, what: string): Promise<string[]> {
  const isDark = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
  const [current, other] = isDark ? schemes.toReversed() : schemes;
  const faults = await violations(page, `${what} (${current})`);
  await page.emulateMedia({ colorScheme: other ?? null });
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", other ?? "");
  faults.push(...(await violations(page, `${what} (${other})`, colorRules)));
  return faults;
}

async function violations(page: Page, what: string, rules?: string[]): Promise<string[]> {
  await settle(page);
  // Bringing it takes as long as the look itself, and it is faster the more often it has looked.
  const isThere = await page.evaluate(() => "axe" in window);
  // In the page itself: axe's other way opens an empty page for each look, to put together what frames say. We have none.
  const axe = new AxeBuilder({ page, ...(isThere ? { axeSource: "void 0" } : {}) });
  axe.setLegacyMode().options({ resultTypes: ["violations"], reporter: "no-passes" });
  if (rules) axe.withRules(rules);
  const found = (await axe.analyze()).violations;
  return found.map(
    ({ id, nodes }) => `${what}: ${id} at ${nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
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
