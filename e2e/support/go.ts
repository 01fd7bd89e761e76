import { expect, type Page } from "@playwright/test";

/** Where Next.js keeps its router, once a page's scripts have run. */
type WithRouter = Window & { next?: { router?: { push(path: string): void } } };

/** Pages that open over the one before when they are come to from it. */
const opensOver = /\/(runs|items)\/\d+$/;

/**
 * Goes to a page as a link on the page before leads to it: in the same document, which is several times as fast as to load
 * it. The first page, and what would open over the one before, is loaded.
 * @param path with its query, encoded as in an address
 */
export async function go(page: Page, path: string): Promise<void> {
  if (page.url() === "about:blank" || opensOver.test(path)) await page.goto(path);
  else {
    await page.waitForFunction(() => (window as WithRouter).next?.router);
    await page.evaluate((to) => (window as WithRouter).next?.router?.push(to), path);
    await page.waitForURL((url) => `${url.pathname}${url.search}` === path);
  }
  await expect(page.getByRole("heading", { level: 1 }), path).toBeVisible();
}
