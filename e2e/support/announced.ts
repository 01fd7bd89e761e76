import type { Page } from "@playwright/test";

type Listened = Window & { announced?: string[] };

/**
 * Notes what a screen reader would speak by itself on the pages that are loaded from now on: the words of live regions as
 * they change (WAI-ARIA 1.2, section 6.6.2), and those of an alert when it appears. A status that appears with its words
 * already in it is spoken by few, and does not count.
 * @returns what was spoken so far on the page that is shown, in order
 */
export async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const announced: string[] = [];
    Object.assign(window, { announced });
    const assertive = '[role="alert"], [aria-live="assertive"]';
    const polite = '[role="status"], [role="log"], [aria-live="polite"]';
    const note = (region: Element | null | undefined) => {
      if (!region?.checkVisibility() || region.closest('[aria-hidden="true"]')) return;
      const words = region.textContent?.replaceAll(/\s+/g, " ").trim();
      if (words && announced.at(-1) !== words) announced.push(words);
    };
    const watch = (root: Node) =>
      new MutationObserver((records) => {
        for (const { target, addedNodes } of records) {
          const changed = target instanceof Element ? target : target.parentElement;
          note(changed?.closest(`${assertive}, ${polite}`));
          for (const added of addedNodes) {
            if (!(added instanceof Element)) continue;
            if (added.matches(assertive)) note(added);
            for (const region of added.querySelectorAll(assertive)) note(region);
            // Next.js tells of a page that has come from within a shadow root.
            if (added.shadowRoot) watch(added.shadowRoot);
          }
        }
      }).observe(root, { subtree: true, childList: true, characterData: true });
    watch(document);
  });
  return () => page.evaluate(() => (window as Listened).announced ?? []);
}
