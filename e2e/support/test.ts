import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Page,
} from "@playwright/test";
import type { Schedule } from "#lib/schedules/schema";
import { api, type ScheduleWish, wishedSchedule } from "./api.ts";
import { person, type Who } from "./people.ts";
import { type Credentials, newSession, sessionOf } from "./session.ts";

interface OpenOptions extends Omit<BrowserContextOptions, "storageState"> {
  /** Index of the demo's tenant. */
  tenant?: number;
  /** In a session of its own, which the test may end. */
  ownSession?: boolean;
}

interface Fixtures {
  /** Trouble that this test causes on purpose: what matches does not fail it. Everything else does. */
  tolerate: (trouble: RegExp) => void;
  /** A browser of its own in which the demo's person, or somebody else, is signed in; null: nobody. */
  open: (who: Who | Credentials | null, options?: OpenOptions) => Promise<Page>;
  /** Makes a schedule of the test's own, through the API; it is deleted after the test. */
  makeSchedule: (wish?: ScheduleWish, tenant?: number) => Promise<Schedule>;
  watched: { context: (context: BrowserContext) => void; tolerate: (trouble: RegExp) => void };
}

/**
 * A test whose pages must not complain: any console error, hydration warning or uncaught error fails it, in every
 * context that it opens with `page` or `open`.
 */
export const test = base.extend<Fixtures>({
  watched: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures it needs from the pattern
    async ({}, use) => {
      const complaints: string[] = [];
      const tolerated: RegExp[] = [];
      const watch = (each: BrowserContext) => {
        each.on("console", (message) => {
          const text = `${message.text()} (${message.location().url})`;
          if (message.type() === "error" || /hydrat|did not match|Warning:/i.test(text))
            complaints.push(text);
        });
        each.on("weberror", (error) => complaints.push(error.error().message));
      };
      await use({ context: watch, tolerate: (trouble) => void tolerated.push(trouble) });
      expect(complaints.filter((text) => !tolerated.some((trouble) => trouble.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
  // Made for the tests that use `page`, and not for those that open browsers of their own.
  context: async ({ context, watched }, use) => {
    watched.context(context);
    await use(context);
  },
  tolerate: async ({ watched }, use) => {
    await use(watched.tolerate);
  },
  open: async ({ browser, watched }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (who, { tenant = 0, ownSession = false, ...options } = {}) => {
      const credentials = typeof who === "string" ? person(who, tenant).user : who;
      const storageState =
        credentials && (await (ownSession ? newSession(credentials) : sessionOf(credentials)));
      const context = await browser.newContext({ ...options, ...(storageState ? { storageState } : {}) });
      contexts.push(context);
      watched.context(context);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures it needs from the pattern
  makeSchedule: async ({}, use) => {
    const made = new Map<number, number[]>();
    await use(async (wish, tenant = 0) => {
      const path = "/backup-schedules";
      const { json } = await api<Schedule>("manager", "POST", path, wishedSchedule(wish), tenant);
      made.set(tenant, [...(made.get(tenant) ?? []), json.id]);
      return json;
    });
    for (const [tenant, schedule_ids] of made) {
      await api("manager", "POST", "/backup-schedules/bulk/delete", { schedule_ids }, tenant);
    }
  },
});

export { expect };
