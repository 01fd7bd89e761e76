import type { Page } from "@playwright/test";

/** From a phone to a wide screen, in CSS pixels. The last is the one that most people have. */
const widths = [390, 768, 2560, 1440];
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
