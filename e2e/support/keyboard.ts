import type { Locator, Page } from "@playwright/test";
import { expect } from "./test.ts";

/** How an element and what decorates it look, as far as a focus ring may change it. */
const look = (element: Element) =>
  [element, element.parentElement, element.nextElementSibling, element.closest("label")]
    .filter((each) => each !== null)
    .map((each) => {
      const { outline, boxShadow, borderColor, backgroundColor, transform } = getComputedStyle(each);
      return [outline, boxShadow, borderColor, backgroundColor, transform].join(" ");
    })
    .join("\n");

/**
 * Presses Tab until an element has the focus, and checks that one can see that it has. A keyboard that does not get
 * there fails the test.
 */
export async function tabTo(page: Page, target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await expect(target).toBeVisible();
  const before = await target.evaluate(look);
  for (let presses = 0; presses < 150; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      if (presses > 0) await expect.poll(() => target.evaluate(look), "the focus is seen").not.toBe(before);
      return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`The keyboard does not reach ${target}.`);
}

/** Checks that Tab goes round inside a dialog, in both directions. */
export async function expectFocusTrapped(page: Page, dialog: Locator): Promise<void> {
  const inside = () => dialog.evaluate((element) => element.contains(document.activeElement));
  await expect.poll(inside, "the dialog has the focus").toBe(true);
  for (const key of ["Tab", "Shift+Tab"]) {
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press(key);
      expect(await inside(), `after ${key} the focus is still in the dialog`).toBe(true);
    }
  }
}
