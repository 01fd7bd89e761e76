import { test as base, expect } from "@playwright/test";

/** A test whose pages must not complain: any console error, hydration warning or uncaught error fails it. */
export const test = base.extend<{ quietConsole: undefined }>({
  quietConsole: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        // A refused request is what some tests are about; the browser reports each as an error of its own.
        if (/Failed to load resource/.test(message.text())) return;
        if (message.type() === "error" || /hydrat/i.test(message.text())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      await use(undefined);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
