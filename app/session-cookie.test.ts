import { afterEach, expect, test, vi } from "vitest";
import { sessionCookie } from "./session-cookie.ts";

afterEach(() => vi.unstubAllEnvs());

test.each([
  ["https://backup.example", true],
  ["HTTPS://backup.example", true],
  ["http://localhost:3000", false],
  ["", false],
])("at %j the session cookie is for https only: %j", (url, secure) => {
  vi.stubEnv("NEXTAUTH_URL", url);
  const { name, options } = sessionCookie();
  expect(options.secure).toBe(secure);
  expect(name).toBe(`${secure ? "__Host-" : ""}next-auth.session-token`);
});
