import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { encryptionKeys, env, serviceEnv, webEnv } from "./env.ts";

const key = (byte: number, length = 32) => Buffer.alloc(length, byte).toString("base64");

afterEach(() => {
  vi.unstubAllEnvs();
});

function set(one: string | undefined, several?: string) {
  vi.stubEnv("DATABASE_URL", "postgresql://nowhere");
  vi.stubEnv("TENANTPILOT_ENCRYPTION_KEY", one);
  vi.stubEnv("TENANTPILOT_ENCRYPTION_KEYS", several);
}

test.each([
  ["one key", key(1), undefined, [1]],
  ["several keys", undefined, `${key(1)},${key(2)}`, [1, 2]],
  ["several keys before the one", key(1), ` ${key(2)}, ${key(3)},\n`, [2, 3, 1]],
  ["empty variables, as unset ones", "", "", []],
])("reads %s", (_what, one, several, first) => {
  set(one, several);
  expect(encryptionKeys().map((found) => found[0])).toEqual(first);
});

test.each([
  [key(1, 16), undefined, "TENANTPILOT_ENCRYPTION_KEY: must be 32 bytes in base64, not 16"],
  [
    undefined,
    `${key(1)},${key(2, 31)}`,
    "TENANTPILOT_ENCRYPTION_KEYS, key 2: must be 32 bytes in base64, not 31",
  ],
])("says in one line what is wrong with a key", (one, several, words) => {
  set(one, several);
  expect(() => env()).toThrow(words);
  expect(() => env()).toThrow(/^[^\n]*openssl rand -base64 32$/);
});

test("an empty variable is an unset one, whichever it is", () => {
  const names = readFileSync(new URL("env.ts", import.meta.url), "utf8").matchAll(/^ {2}([A-Z][A-Z_\d]+):/gm);
  const settings = [...names].map(([, name = ""]) => name).filter((name) => name !== "DATABASE_URL");
  expect(settings.length).toBeGreaterThan(50);
  vi.stubEnv("DATABASE_URL", "postgresql://nowhere");
  for (const name of settings) vi.stubEnv(name, undefined);
  const unset = env();
  for (const name of settings) vi.stubEnv(name, "");
  // The one list that may be empty (docs/operating.md).
  expect(env()).toEqual({ ...unset, ACCESS_LOG_EXCLUDE: [] });
  vi.stubEnv("DATABASE_URL", "");
  expect(() => env()).toThrow("DATABASE_URL is not set");
});

test("a process that serves does not start without a key", () => {
  set(undefined);
  expect(() => env()).not.toThrow();
  expect(() => serviceEnv()).toThrow(/^[^\n]*TENANTPILOT_ENCRYPTION_KEY is not set; [^\n]*$/);
});

describe("the web server", () => {
  const good = { NEXTAUTH_URL: "https://tenantpilot.example", NEXTAUTH_SECRET: "x".repeat(32) };
  const setWeb = (change: Record<string, string>) => {
    set(key(1));
    for (const [name, value] of Object.entries({ ...good, ...change })) vi.stubEnv(name, value);
  };

  test.each([
    [{}, "https://tenantpilot.example"],
    [{ NEXTAUTH_URL: "http://localhost:3000" }, "http://localhost:3000"],
    [{ NEXTAUTH_URL: "http://127.0.0.1:3000/" }, "http://127.0.0.1:3000/"],
    [{ NEXTAUTH_URL: "http://[::1]:3000" }, "http://[::1]:3000"],
  ])("starts with %j", (change: Record<string, string>, url) => {
    setWeb(change);
    expect(webEnv().NEXTAUTH_URL).toBe(url);
  });

  test.each([
    [{ NEXTAUTH_SECRET: "" }, "NEXTAUTH_SECRET is not set"],
    [{ NEXTAUTH_SECRET: "a" }, "NEXTAUTH_SECRET: must have at least 32 bytes"],
    [{ NEXTAUTH_SECRET: "x".repeat(31) }, "NEXTAUTH_SECRET: must have at least 32 bytes"],
    [{ NEXTAUTH_URL: "" }, "NEXTAUTH_URL is not set"],
    [{ NEXTAUTH_URL: "tenantpilot.example" }, "NEXTAUTH_URL: must be an address"],
    [{ NEXTAUTH_URL: "https://tenantpilot.example/app" }, "NEXTAUTH_URL: must be an address without a path"],
    [{ NEXTAUTH_URL: "http://tenantpilot.example" }, "NEXTAUTH_URL: must begin with https://"],
    [{ NEXTAUTH_URL: "http://localhost.example" }, "NEXTAUTH_URL: must begin with https://"],
    [{ NEXTAUTH_URL: "http://10.0.0.1" }, "NEXTAUTH_URL: must begin with https://"],
    [{ TENANTPILOT_ENCRYPTION_KEY: "" }, "TENANTPILOT_ENCRYPTION_KEY is not set"],
    [{ PORT: "80000" }, "PORT: must be a number up to 65535"],
    [{ PORT: "http" }, "PORT: must be a number up to 65535"],
  ])("does not start with %j, and says so in one line", (change: Record<string, string>, words) => {
    setWeb(change);
    expect(webEnv).toThrow(words);
    expect(webEnv).toThrow(/^[^\n]*$/);
  });

  test("names everything that is wrong at once", () => {
    setWeb({ NEXTAUTH_SECRET: "", NEXTAUTH_URL: "", TENANTPILOT_ENCRYPTION_KEY: "" });
    expect(webEnv).toThrow(
      /ENCRYPTION_KEY is not set; .*NEXTAUTH_SECRET is not set; .*NEXTAUTH_URL is not set/,
    );
  });
});
