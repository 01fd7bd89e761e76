import type { Page } from "@playwright/test";

/** From a phone to the screen that most people have, in CSS pixels: what fits there fits wider ones. */
const widths = [390, 768, 1440];
const height = 900;

/** The widths at which a page is wider than its screen. It is left at 1440 pixels. */
export async function tooWide(page: Page, what: string): Promise<string[]> {
  const wide: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height });
    // What scripts lay out follows a moment later.
    const fits = page.waitForFunction(
      () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
      null,
      { timeout: 5_000 },
    );
    await fits.catch(() => wide.push(`${what}: too wide at ${width} px`));
  }
  return wide;
}
