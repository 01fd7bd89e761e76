import { type BrowserContext, request } from "@playwright/test";
import { zoneCookie } from "#components/time/zone-cookie.ts";
import { baseUrl } from "./api.ts";
import { timezoneId } from "./browser.ts";
import { person, type Who } from "./people.ts";

export interface Credentials {
  email: string;
  password: string;
}

type StorageState = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** Signing in hashes a password, which is slow on purpose: once a worker and person is enough. */
const states = new Map<string, Promise<StorageState>>();

/** What the browser of somebody keeps who is signed in; signed in without a page, which is slower. */
export function sessionOf(who: Who | Credentials, tenantIndex = 0): Promise<StorageState> {
  const credentials = typeof who === "string" ? person(who, tenantIndex).user : who;
  const state = states.get(credentials.email) ?? newSession(credentials);
  states.set(credentials.email, state);
  return state;
}

/** Another session of somebody: for who signs out, or is signed out, while others go on. */
export async function newSession({ email, password }: Credentials): Promise<StorageState> {
  const client = await request.newContext({ baseURL: baseUrl() });
  try {
    const { csrfToken } = await (await client.get("/api/auth/csrf")).json();
    const form = { csrfToken, email, password };
    const answer = await client.post("/api/auth/callback/credentials", { form, maxRedirects: 0 });
    const state = await client.storageState();
    const cookie = state.cookies.find(({ name }) => name.endsWith("session-token"));
    if (!cookie) {
      throw new Error(`${email} was not signed in: ${answer.status()} ${await answer.text()}`);
    }
    // The sign-in page notes the browser's zone; without it, every test's first page would be rendered twice.
    const zone = { ...cookie, name: zoneCookie, value: timezoneId, httpOnly: false };
    return { ...state, cookies: [...state.cookies, zone] };
  } finally {
    await client.dispose();
  }
}
